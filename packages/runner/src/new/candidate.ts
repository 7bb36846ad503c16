// Writes the skeleton of a candidate: its file, its test, and what an editor needs to know.
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { tryDirectory, writeTogether } from '../files.ts';
import { allDesigns, canaries, runtimes, unique } from '../registry.ts';
import { designFile, editorFile, runtimeFile, testFile } from './files.ts';

/** Names that a token, a table and a file can carry. */
const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const ID_LENGTH_MAX = 32;

/** Names of the files in `dir`, the candidate and its test first. Throws UsageError rather than write over anything. */
export async function writeCandidate(
  id: string,
  dir: string,
  kind: 'design' | 'runtime',
): Promise<readonly string[]> {
  if (!ID.test(id) || id.length > ID_LENGTH_MAX)
    throw new UsageError(
      `'${id}' cannot be the name of a ${kind}: small letters and digits in words joined by hyphens, at most ${ID_LENGTH_MAX} characters, such as my-${kind}`,
    );
  const own = [...(await allDesigns()), ...(await canaries()), ...(await runtimes())];
  unique([...own.map((d) => d.design.id), id]);
  tryDirectory(dir);
  const real = realpathSync(dir);
  const runtime = kind === 'runtime';
  const file = runtime ? runtimeFile : designFile;
  const files = [
    file(id, new Date().getFullYear()),
    testFile(id, real, runtime ? true : undefined),
  ];
  for (const { name } of files)
    if (existsSync(join(dir, name)))
      throw new UsageError(`${join(dir, name)} is there already, and is left as it is`);
  const config = editorFile(real);
  if (!existsSync(join(dir, config.name))) files.push(config);
  writeTogether(dir, files, { anew: true });
  return files.map(({ name }) => name);
}
