// A candidate's files, each read once: what is looked at is what runs, whatever lies at its place a moment later. esbuild
// also finds `x.ts` by the name `x.ts?y`, and calls it so; who reads that once more reads another file.
import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { Plugin } from 'esbuild';

/** Of one file; those of the repository have 30 000 at most. */
const TEXT_MAX = 4 << 20;

export class Texts {
  readonly #texts = new Map<string, string>();

  /** Reads for esbuild. */
  readonly plugin: Plugin = {
    name: 'read-once',
    setup: (build) => {
      build.onLoad({ filter: /.*/ }, async ({ path }) => {
        try {
          const contents = this.#read(path);
          // a compiler, which only candidates need
          const { mustBeShallow } = await import('./shallow.ts');
          if (!path.endsWith('.json')) mustBeShallow(path, contents);
          return { contents, loader: 'default' };
        } catch (error) {
          return { errors: [{ text: (error as Error).message }] };
        }
      });
    },
  };

  /** All that was read, by the paths that they have without links: first that of `entry`, then by name. */
  from(entry: string): ReadonlyMap<string, string> {
    const first = realpathSync(entry);
    const before = (a: string, b: string): number =>
      Number(b === first) - Number(a === first) || (a < b ? -1 : 1);
    return new Map([...this.#texts].sort(([a], [b]) => before(a, b)));
  }

  #read(path: string): string {
    let text = this.#texts.get(path);
    if (text === undefined) this.#texts.set(path, (text = textOf(path)));
    return text;
  }
}

/** Of a plain file, and of no pipe, from which nothing may ever come. Throws. */
function textOf(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error(`${basename(path)} is no file`);
    if (stat.size > TEXT_MAX)
      throw new Error(
        `${basename(path)} has ${stat.size} bytes, where ${TEXT_MAX} are the most that a file of a design has`,
      );
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
