import { createHash } from 'node:crypto';

/** Digest of a document without its digest field. */
export function digestOfDocument(doc: object): string {
  return createHash('sha256').update(JSON.stringify(doc)).digest('hex').slice(0, 16);
}
