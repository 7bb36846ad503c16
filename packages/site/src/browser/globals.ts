// Injected into every bundle: globals of Node that the model takes for granted.
type Said = (text: string) => void;

let said: Said = () => undefined;

/** Where progress goes that a command writes to stderr. */
export function onProgress(to: Said): void {
  said = to;
}

const ends = (): never => {
  throw new Error('a page does not end');
};

/** Milliseconds since the page began; kept, as candidates are forbidden to ask. */
const now = performance.now.bind(performance);

export const process = {
  argv: [] as string[],
  env: {},
  pid: 0,
  platform: 'browser',
  cwd: () => '/',
  exit: ends,
  reallyExit: ends,
  kill: ends,
  abort: ends,
  once: () => undefined,
  on: () => undefined,
  off: () => undefined,
  listenerCount: () => 0, // no signal comes to a page
  hrtime: { bigint: (): bigint => BigInt(Math.round(now() * 1e6)) },
  memoryUsage: { rss: () => 0 },
  stderr: {
    isTTY: false,
    columns: 80,
    write: (text: string): boolean => {
      said(text);
      return true;
    },
  },
  stdout: { isTTY: false, columns: 80, write: () => true },
  stdin: { isTTY: false },
};

// A page that is not isolated from others has no shared memory; nobody shares it here.
const shared = globalThis as { SharedArrayBuffer?: unknown };
shared.SharedArrayBuffer ??= ArrayBuffer;

export { Buffer } from './buffer.ts';
