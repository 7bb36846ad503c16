// Debian's source packages of kernels, unpacked into the cache: only what is scanned. Nothing is installed.
// Kernel text stays there: results keep facts about it.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  FETCH_TOOLS,
  KERNEL_IDS,
  LabError,
  bytesOf,
  knownKernel,
  megabytes,
  needTools,
  packageLists,
  run,
  sha256Of,
} from '@lastref/lab';
import { UsageError } from '@lastref/runner';
import { ROOTS } from './scan.ts';

export interface SourceTree {
  readonly dir: string;
  /** As the model's eras name it. */
  readonly tree: string;
  /** File name and SHA-256 of the package. */
  readonly source: string;
  readonly sha256: string;
}

function cacheDir(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(base, 'lastref', 'sites');
}

/** The unpacked source of a kernel that is known by name: fetched unless it is there. */
export async function fetchSource(id: string, say: (line: string) => void): Promise<SourceTree> {
  const kernel = knownKernel(id);
  if (kernel === undefined) throw new UsageError(`no kernel '${id}': ${KERNEL_IDS.join(', ')}`);
  const dir = join(cacheDir(), id);
  const done = join(dir, 'done.json');
  if (!existsSync(done)) {
    needTools([
      ...FETCH_TOOLS,
      { program: 'tar', package: 'tar' },
      { program: 'xz', package: 'xz-utils' },
    ]);
    rmSync(join(dir, 'tree'), { recursive: true, force: true });
    mkdirSync(join(dir, 'deb'), { recursive: true });
    const about = await unpack(id, kernel.suites, dir, say);
    rmSync(join(dir, 'deb'), { recursive: true });
    writeFileSync(done, JSON.stringify({ ...about, tree: kernel.tree ?? kernel.era }));
  }
  const about = JSON.parse(readFileSync(done, 'utf8')) as Omit<SourceTree, 'dir'>;
  return { ...about, dir: join(dir, 'tree') };
}

async function unpack(
  id: string,
  suites: readonly string[],
  dir: string,
  say: (line: string) => void,
): Promise<{ source: string; sha256: string }> {
  const name = `linux-source-${id}`;
  const deb = join(dir, 'deb');
  const apt = await packageLists(id, suites, dir, say);
  const bytes = await bytesOf(apt, [name]);
  say(
    `${id}: ${name}, ${megabytes(bytes)}; of it ${ROOTS.length} directories are unpacked to ${dir}`,
  );
  await run('apt-get', ['-q', ...apt, 'download', name], { cwd: deb });
  const [file] = readdirSync(deb).filter((f) => f.endsWith('.deb'));
  if (file === undefined) throw new LabError(`${name} was not downloaded`);
  await run('dpkg-deb', ['-x', join(deb, file), join(deb, 'root')]);
  const inside = join(deb, 'root/usr/src');
  const archive = readdirSync(inside).find((f) => /\.tar\.\w+$/.test(f));
  if (archive === undefined) throw new LabError(`${file} has no archive of a source`);
  const into = join(dir, 'unpacking');
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into);
  const wanted = ROOTS.map((root) => `${name}/${root}`);
  try {
    await run('tar', ['-xf', join(inside, archive), '-C', into, '--strip-components=1', ...wanted]);
  } catch (error) {
    // a directory that a release has no longer is no failure: the others have been unpacked
    const gone = error instanceof LabError && error.message.includes('Not found in archive');
    if (!gone || !existsSync(join(into, 'net'))) throw error;
  }
  renameSync(into, join(dir, 'tree'));
  return { source: file, sha256: sha256Of(join(deb, file)) };
}
