import { basename } from 'node:path';
import { printable } from '@lastref/report/words';
import { Broken } from './rules.ts';

/** Where a design's class comes from: a file of the repository, or a candidate's, compiled when the command began. */
export interface Source {
  readonly file: string;
  /** The candidate as JavaScript; null: the file is the repository's own. */
  readonly code: string | null;
  /** The version of a candidate's code when it was compiled; null: the repository's own are looked at when asked for. */
  readonly version: string | null;
  /** For messages: its id, or the name of its file as long as that is not known. */
  readonly name: string;
  /** The user said that the candidate may run where verdicts are made. */
  readonly trusted?: true;
}

/** Of something that carries more. */
export function sourceOf({ file, code, version, name, trusted }: Source): Source {
  return { file, code, version, name, ...(trusted === true ? { trusted } : {}) };
}

/** Is it code that is not of the repository? */
export function isForeign(source: Source): boolean {
  return source.code !== null;
}

/** For a document: who of `sources` is trusted; nothing if nobody is. */
export function trustedIn(sources: readonly Source[]): { readonly trusted?: string[] } {
  const trusted = sources.filter((s) => s.trusted === true).map((s) => s.name);
  return trusted.length === 0 ? {} : { trusted };
}

/** Has it to run in a process of its own? */
export function isApart(source: Source): boolean {
  return isForeign(source) && source.trusted !== true;
}

/**
 * The script of a candidate says its name behind `//`, where a line that ends would make the rest of it code; it may come from a
 * queue. Throws Broken.
 */
export function mustBeNamed(file: string): void {
  if (printable(basename(file)) === basename(file)) return;
  throw new Broken(
    'its file',
    'its name has characters that end a line or show nothing',
    'compiles',
  );
}
