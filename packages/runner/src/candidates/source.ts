/** Where a design's class comes from: a file of the repository, or a candidate's, compiled when the command began. */
export interface Source {
  readonly file: string;
  /** The candidate as JavaScript; null: the file is the repository's own. */
  readonly code: string | null;
  /** The version of a candidate's code when it was compiled; null: the repository's own are looked at when asked for. */
  readonly version: string | null;
  /** For messages: its id, or the name of its file as long as that is not known. */
  readonly name: string;
}

/** Of something that carries more. */
export function sourceOf({ file, code, version, name }: Source): Source {
  return { file, code, version, name };
}

/** Is it code that is not of the repository? */
export function isForeign(source: Source): boolean {
  return source.code !== null;
}
