/** Where a design's class comes from: a file of the repository, or a candidate's, compiled when the command began. */
export interface Source {
  readonly file: string;
  /** The candidate as JavaScript; null: the file is the repository's own. */
  readonly code: string | null;
}

/** Of something that carries more. */
export function sourceOf({ file, code }: Source): Source {
  return { file, code };
}
