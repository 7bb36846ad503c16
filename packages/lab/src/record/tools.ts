// Debian's packages of the tools that record a kernel, unpacked into the cache and made into a file system for the guest.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cpio, type ArchiveFile } from '../guest/cpio.ts';
import { bytesOf, megabytes, packageLists, type Say } from '../guest/fetch.ts';
import { FETCH_TOOLS, needTools, run } from '../guest/process.ts';

/** A shell, the two tools, and what they need; of Debian 13, whatever the guest's kernel is. */
const SUITES = ['debian trixie main', 'debian-security trixie-security main'];
const PROGRAMS = ['busybox-static', 'trace-cmd', 'bpftrace'];

/** Directories that hold nothing that runs. */
const LEFT_OUT = /^usr\/(share|lib\/x86_64-linux-gnu\/gconv)\//;

export interface Tools {
  /** Uncompressed: the kernel takes archives one behind another, compressed or not. */
  readonly archive: Buffer;
  /** `trace-cmd 3.1.6-1`, by package. */
  readonly versions: ReadonlyMap<string, string>;
}

/** The tools, fetched unless they are there. */
export async function fetchTools(cache: string, say: Say): Promise<Tools> {
  const dir = join(cache, 'tools');
  const list = join(dir, 'versions');
  if (!existsSync(list)) {
    needTools(FETCH_TOOLS);
    writeFileSync(list, await download(dir, say));
  }
  const versions = new Map(
    readFileSync(list, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
  return { archive: gzipSync(archiveOf(join(dir, 'root')), { level: 1 }), versions };
}

async function download(dir: string, say: Say): Promise<string> {
  const deb = join(dir, 'deb');
  rmSync(join(dir, 'root'), { recursive: true, force: true });
  mkdirSync(deb, { recursive: true });
  const apt = await packageLists('tools', SUITES, dir, say);
  const packages = await closure(apt);
  say(
    `tools: ${packages.length} packages, ${megabytes(await bytesOf(apt, packages))}, unpacked to ${dir}`,
  );
  await run('apt-get', ['-q', ...apt, 'download', ...packages], { cwd: deb });
  const versions: string[] = [];
  for (const file of readdirSync(deb)) {
    versions.push(
      await run('dpkg-deb', ['-W', '--showformat=${Package} ${Version}\n', join(deb, file)]),
    );
    await run('dpkg-deb', ['-x', join(deb, file), join(dir, 'root')]);
  }
  rmSync(deb, { recursive: true });
  return versions.sort().join('');
}

/** The programs and all that they depend on. */
async function closure(apt: readonly string[]): Promise<string[]> {
  const no = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (w) => `--no-${w}`,
  );
  const text = await run('apt-cache', [...apt, 'depends', '--recurse', ...no, ...PROGRAMS]);
  return [...new Set(text.match(/^[a-z0-9][a-z0-9.+-]*$/gm) ?? [])];
}

/** Files of `root` as the guest unpacks them; a link is the file that it leads to. */
function archiveOf(root: string): Buffer {
  const files: ArchiveFile[] = [{ name: 'lib64/' }];
  const walk = (dir: string): void => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name);
      const name = relative(root, path);
      if (LEFT_OUT.test(`${name}/`)) continue;
      if (entry.isDirectory()) {
        files.push({ name: `${name}/` });
        walk(path);
        continue;
      }
      const real = targetOf(root, path);
      if (real === null) continue;
      const data = readFileSync(real);
      files.push({ name, data, mode: 0o755 });
      // programs name their loader outside of usr/
      if (name.startsWith('usr/lib64/')) files.push({ name: name.slice(4), data, mode: 0o755 });
    }
  };
  walk(root);
  return cpio(files);
}

/** A link's end, read as the guest reads it; null: nothing is there. */
function targetOf(root: string, path: string): string | null {
  let at = path;
  for (
    let links = 0;
    links < 8 && lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    links++
  ) {
    const to = readlinkSync(at);
    at = to.startsWith('/') ? join(root, to) : join(dirname(at), to);
  }
  return lstatSync(at, { throwIfNoEntry: false })?.isFile() === true ? at : null;
}
