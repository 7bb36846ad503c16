// Writes the skeleton of a candidate: its file, its test, and what an editor needs to know.
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { tryDirectory, writeTogether, type NewFile } from '../files.ts';
import { allDesigns, canaries, runtimes, unique } from '../registry.ts';
import { bugFile, bugTestFile } from './bug.ts';
import { designFile, editorFile, pathOfLastref, runtimeFile, testFile } from './files.ts';

/** Names that a token, a table and a file can carry. */
const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const ID_LENGTH_MAX = 32;

export type NewKind = 'design' | 'runtime' | 'bug';

/** Names of the files in `dir`, the candidate and its test first. Throws UsageError rather than write over anything. */
export async function writeCandidate(
  id: string,
  dir: string,
  kind: NewKind,
): Promise<readonly string[]> {
  if (!ID.test(id) || id.length > ID_LENGTH_MAX)
    throw new UsageError(
      `'${id}' cannot be the name of a ${kind}: small letters and digits in words joined by hyphens, at most ${ID_LENGTH_MAX} characters, such as my-${kind}`,
    );
  const own = [...(await allDesigns()), ...(await canaries()), ...(await runtimes())];
  unique([...own.map((d) => d.design.id), id]);
  tryDirectory(dir);
  const real = realpathSync(dir);
  const files = [...skeletons(id, real)[kind](new Date().getFullYear())];
  for (const { name } of files)
    if (existsSync(join(dir, name)))
      throw new UsageError(`${join(dir, name)} is there already, and is left as it is`);
  const config = editorFile(real, kind === 'bug');
  if (!existsSync(join(dir, config.name))) files.push(config);
  writeTogether(dir, files, { anew: true });
  return files.map(({ name }) => name);
}

function skeletons(id: string, dir: string): Record<NewKind, (year: number) => NewFile[]> {
  return {
    design: (year) => [designFile(id, year), testFile(id, dir)],
    runtime: (year) => [runtimeFile(id, year), testFile(id, dir, true)],
    bug: (year) => [bugFile(id, year), bugTestFile(id, pathOfLastref(dir))],
  };
}

/** Enough for a first verdict within seconds. */
const SOME_WORKLOADS = 'sendfile-locked,tap-slow-reader,nfs-odirect';
/** Two requests at a time, which numbers that begin again and a retransmission tell apart. */
const RUNTIME_MINIATURE = 'runtime-plain~2';

type Words = [command: string, ...arguments: string[]];

/** What to type first, of `file` with this id. */
export function firstCommands(kind: NewKind, id: string, file: string): readonly Words[] {
  const own = ['--with', file];
  const beside = [...own, '--designs', `${id},ian-frag-destructor`];
  if (kind === 'bug') return [['bugs', ...own]];
  if (kind === 'runtime')
    return [
      ['compare', ...own],
      ['check', id, RUNTIME_MINIATURE, ...own],
    ];
  return [
    ['compare', ...beside, '--workloads', SOME_WORKLOADS],
    ['check', id, 'nfs-odirect', ...own],
    ['movers', '--newest', ...beside],
  ];
}
