// What threads of one process know together: here the version of the machine, which was digested when the page was made.

/** Set by the build: 8 hexadecimal digits. */
declare const MACHINE_VERSION: string;

const data = new Map<string, unknown>([['lastref.machine', MACHINE_VERSION]]);

export function getEnvironmentData(key: string): unknown {
  return data.get(key);
}

export function setEnvironmentData(key: string, value: unknown): void {
  data.set(key, value);
}

export const parentPort = null;
export const workerData = null;
export const isMainThread = true;
export class Worker {
  constructor() {
    throw new Error('workers are started by the frame');
  }
}

/** A page has no process of its own for a candidate: it runs in the sandboxed frame. */
export const MessageChannel = globalThis.MessageChannel;
export function receiveMessageOnPort(): never {
  throw new Error('candidates run in the frame, and not apart');
}
