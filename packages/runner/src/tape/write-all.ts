// Writes to a pipe whose reader may be slow: a full one makes it wait.
import { writeSync } from 'node:fs';

const PAUSE = new Int32Array(new SharedArrayBuffer(4));
const PAUSE_MS = 1;

/** All of `bytes`, at once: what a thread leaves to the one that made it is lost where that ends the process. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(PAUSE, 0, 0, PAUSE_MS);
    }
  }
}
