// Files that a user names: whole texts, and pipes as well (`<(zcat …)`, mkfifo). To open a pipe that nobody writes to waits for
// ever, and to read a device may never end: one line says so.
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CouldNot, UsageError, isSystemError, systemReason } from './errors.ts';

/** How long somebody may take to open the pipe for writing. */
const WRITER_SECONDS = 2;
const LOOK_MS = 5;
const PIECE_BYTES = 1 << 16;

/** As a line begins with it. */
export function shown(path: string): string {
  return path === '' ? "''" : path;
}

/** Is it a pipe, whoever may write to it? */
export function isPipe(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
}

/** A file or a pipe that is read to its end, without ever waiting in a call for what may not come. */
class Input {
  readonly #path: string;
  readonly #fd: number;
  readonly #pipe: boolean;
  readonly #until: number;
  readonly #piece = Buffer.alloc(PIECE_BYTES);
  /** Somebody has the pipe open for writing, or had. */
  #written = false;

  constructor(path: string, seconds: number) {
    this.#path = path;
    this.#until = performance.now() + 1000 * seconds;
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(this.#fd);
    this.#pipe = stat.isFIFO();
    if (this.#pipe || stat.isFile()) return;
    this.close();
    throw new UsageError(
      `${path}: ${stat.isDirectory() ? 'a directory' : 'a device'}, where a file is wanted`,
    );
  }

  /** What has come; empty: nothing yet; null: it is over. Throws UsageError where nobody writes. */
  next(): Buffer | null {
    const n = this.#read();
    if (n === null) {
      this.#written = true;
      return Buffer.alloc(0);
    }
    if (n > 0) {
      this.#written = true;
      return Buffer.from(this.#piece.subarray(0, n));
    }
    if (!this.#pipe || this.#written) return null;
    if (performance.now() < this.#until) return Buffer.alloc(0);
    throw new UsageError(
      `${this.#path}: a pipe that nobody has opened for writing; start who writes to it first, or name a file`,
    );
  }

  /** Bytes of the next piece; null: a writer is there, and nothing of his yet. */
  #read(): number | null {
    try {
      return readSync(this.#fd, this.#piece);
    } catch (error) {
      if (isSystemError(error) && error.code === 'EAGAIN') return null;
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** The pieces of a pipe, as they come. */
export async function* piecesOf(
  path: string,
  seconds: number = WRITER_SECONDS,
): AsyncGenerator<Buffer, void> {
  const input = new Input(path, seconds);
  try {
    for (let piece = input.next(); piece !== null; piece = input.next()) {
      if (piece.length > 0) yield piece;
      else await sleep(LOOK_MS);
    }
  } finally {
    input.close();
  }
}

const never = new Int32Array(new SharedArrayBuffer(4));

/**
 * The text of a file or a pipe; `what`: 'a recording', and at the most so many bytes it has. Throws UsageError, and CouldNot for
 * what cannot be read.
 */
export function textOf(
  path: string,
  what: string,
  bytesMax: number,
  seconds: number = WRITER_SECONDS,
): string {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let input: Input | null = null;
  try {
    input = new Input(path, seconds);
    for (let piece = input.next(); piece !== null; piece = input.next()) {
      bytes += piece.length;
      if (bytes > bytesMax)
        throw new UsageError(`${path}: more than ${bytesMax} bytes, which ${what} has at most`);
      if (piece.length > 0) pieces.push(piece);
      else Atomics.wait(never, 0, 0, LOOK_MS);
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new CouldNot(`${shown(path)}: cannot be read: ${systemReason(error)}`);
  } finally {
    input?.close();
  }
  return new TextDecoder().decode(Buffer.concat(pieces)); // a mark of the order of bytes at its top is no text
}
