// A document that says whose code ran beside the judge.
import { trustedIn } from './candidates/source.ts';
import { digestOfDocument } from './digest.ts';
import type { DesignFile } from './registry.ts';

/** `doc` as it is where nobody of `files` did. */
export function sayingTrusted(
  { digest, ...content }: { readonly digest: string },
  files: readonly DesignFile[],
): object {
  const trusted = trustedIn(files);
  if (trusted.trusted === undefined) return { ...content, digest };
  const told = { ...content, ...trusted };
  return { ...told, digest: digestOfDocument(told) };
}
