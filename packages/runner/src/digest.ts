import { createHash } from 'node:crypto';
import { withoutVersions } from './token.ts';

/** Digest of what a document says, without its digest field; the versions of tokens say only what made them. */
export function digestOfDocument(doc: object): string {
  const text = withoutVersions(JSON.stringify(doc));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** `content` as a document, with its digest. */
export function digested<Content extends object>(content: Content): Content & { digest: string } {
  return { ...content, digest: digestOfDocument(content) };
}
