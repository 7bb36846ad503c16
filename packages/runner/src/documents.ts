// Documents that were written before, as files have them.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { digestOfDocument } from './digest.ts';
import { UsageError } from './errors.ts';
import { settle } from './files.ts';
import { textOf } from './piped.ts';

const BYTES_MAX = 1 << 29;

/** The document in `file`; null: there is none. Throws UsageError for another one, and for one that was edited. */
export function readDocument<T extends z.ZodType>(file: string, schema: T): z.infer<T> | null {
  return read(file, schema, asItWasMade);
}

/** The same of a document whose digest is that of the work, and not of what stands in it. */
export function readMeasured<T extends z.ZodType>(file: string, schema: T): z.infer<T> | null {
  return read(file, schema, () => {});
}

function read<T extends z.ZodType>(
  file: string,
  schema: T,
  check: (file: string, doc: { digest?: unknown }) => void,
): z.infer<T> | null {
  if (!existsSync(file)) return null;
  const doc = json(file);
  const parsed = schema.safeParse(doc);
  if (parsed.success) {
    check(file, doc as { digest?: unknown });
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') ?? '';
  throw new UsageError(
    `${file} is not such a document (${at === '' ? '' : `${at}: `}${issue?.message}); make it again, or name another`,
  );
}

/** A report says under its digest what was found, so it shows no document that somebody edited. */
function asItWasMade(
  file: string,
  { digest, made: _, ...content }: { digest?: unknown; made?: unknown },
): void {
  const now = digestOfDocument(content);
  if (typeof digest !== 'string')
    throw new UsageError(
      `${file} has no digest, so it is no document that lastref wrote; make it with lastref, or name another`,
    );
  if (digest !== now)
    throw new UsageError(
      `${file} was changed after it was made: its digest is ${now}, and it says ${digest}; make it again, or name another`,
    );
}

function json(file: string): unknown {
  settle(dirname(file));
  try {
    return JSON.parse(textOf(file, 'a document', BYTES_MAX));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`${file}: this is no JSON, so no document that lastref wrote`);
  }
}
