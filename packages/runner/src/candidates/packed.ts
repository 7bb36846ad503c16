// A candidate on its way to another machine: its code as one module that finds the seam wherever it arrives.
import type { Source } from './source.ts';

/** Stands for the address of the seam, which is another one on each machine. */
const SEAM = 'lastref:seam';

/** A candidate's code; nothing in it names a place of the machine that compiled it. */
export interface PackedSource {
  /** The name of its file, for messages. */
  readonly file: string;
  readonly code: string;
  readonly version: string;
  readonly name: string;
}

const seam = (): string => JSON.stringify(import.meta.resolve('@lastref/kernel'));

/** `source` is a candidate's. */
export function pack({ file, code, version, name }: Source): PackedSource {
  const base = file.split(/[\\/]/).at(-1)!;
  const packed = code!.replaceAll(seam(), JSON.stringify(SEAM));
  return { file: base, code: packed, version: version!, name };
}

export function unpack({ file, code, version, name }: PackedSource): Source {
  return { file, code: code.replaceAll(JSON.stringify(SEAM), seam()), version, name };
}
