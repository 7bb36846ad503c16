// Where a user sends a file that is no place on a disk: a pipe that somebody reads, a terminal, /dev/null, >(…) of a shell. A file
// that is written whole takes the name of what was there before, and these may not be replaced: they are written to.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CouldNot, UsageError, isSystemError } from './errors.ts';

const STDOUT = 1;
/** As the system does it. */
const LINKS_MAX = 40;

/** Is it there, and takes what is written to it? Throws CouldNot for what takes none, UsageError for the file that stdout goes to. */
export function isOutlet(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  if (stat.isFIFO() || stat.isCharacterDevice()) return true;
  if (stat.isDirectory()) throw new CouldNot(`${file}: cannot be written: a directory is there`);
  if (!stat.isFile()) throw new CouldNot(`${file}: cannot be written: what is there is no file`);
  if (isStdout(stat)) throw new UsageError(`${file} is where stdout goes: name another file`);
  return false;
}

function isStdout({ dev, ino }: Stats): boolean {
  try {
    const own = fstatSync(STDOUT);
    return own.dev === dev && own.ino === ino;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false; // it is closed
  }
}

/** Writes to it. A pipe that nobody reads would keep us for ever, and is said (ENXIO). */
export function pour(file: string, data: string | Uint8Array): void {
  const somebody = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    writeFileSync(file, data);
  } finally {
    closeSync(somebody);
  }
}

/** The file that a link leads to, whether or not it is there: a link stays one. */
export function behindLinks(file: string): string {
  let at = file;
  for (let n = 0; n < LINKS_MAX; n++) {
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return at;
    at = resolve(realpathSync(dirname(at)), readlinkSync(at));
  }
  throw new CouldNot(`${file}: cannot be written: its links lead nowhere`);
}
