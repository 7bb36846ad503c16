// A candidate on its way to another machine: its code as one script, the very one that runs here. It finds the seam by its
// name, and no text in it is anything but the candidate's own: one that is changed on the way is another program there.
import type { Source } from './source.ts';

/** A candidate's code; nothing in it names a place of the machine that compiled it. */
export interface PackedSource {
  /** The name of its file, for messages. */
  readonly file: string;
  readonly code: string;
  readonly version: string;
  readonly name: string;
}

/** `source` is that of a candidate which runs apart. */
export function pack({ file, code, version, name }: Source): PackedSource {
  return { file: file.split(/[\\/]/).at(-1)!, code: code!, version: version!, name };
}

export function unpack({ file, code, version, name }: PackedSource): Source {
  return { file, code, version, name };
}
