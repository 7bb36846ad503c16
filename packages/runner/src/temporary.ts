// Text that Node is to run: the stack of what it throws leads to its lines only from a file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CouldNot, isSystemError, systemReason } from './errors.ts';

/** A file of its own with this text. Throws CouldNot where none can be written. */
export function temporary(name: string, text: string): string {
  const where = tmpdir();
  try {
    const file = join(mkdtempSync(join(where, 'lastref-')), name);
    writeFileSync(file, text);
    return file;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new CouldNot(
      `${where}: cannot be written: ${systemReason(error)}; code of yours is loaded from there, and TMPDIR names another place`,
      { cause: error },
    );
  }
}

/** And away with it. */
export function forget(file: string): void {
  rmSync(dirname(file), { recursive: true, force: true });
}
