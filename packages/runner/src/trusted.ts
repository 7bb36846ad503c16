// A document that says whose code ran beside the judge.
import { trustedIn } from './candidates/source.ts';
import { digestOfDocument } from './digest.ts';
import type { DesignFile } from './registry.ts';

/** `doc` as it is where nobody of `files` did. */
export function sayingTrusted<Doc extends { readonly digest: string }>(
  doc: Doc,
  files: readonly DesignFile[],
): Doc {
  const trusted = trustedIn(files);
  if (trusted.trusted === undefined) return doc;
  const { digest: _, ...content } = { ...doc, ...trusted };
  return { ...doc, ...trusted, digest: digestOfDocument(content) };
}
