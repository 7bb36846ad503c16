// Debian's packages of a kernel, downloaded and unpacked into the cache; nothing is installed, root is not needed.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { KnownKernel } from './kernels.ts';
import { LabError, run } from './process.ts';

/** A kernel that can be built against and booted. */
export interface KernelTree {
  readonly dir: string;
  /** As `uname -r` says. */
  readonly release: string;
  readonly vmlinuz: string;
  readonly headers: string;
  /** Directories in which its modules may be. */
  readonly modules: readonly string[];
  readonly foreign: boolean;
}

/** Says one line to whoever waits. */
export type Say = (line: string) => void;

const MIRROR = 'http://deb.debian.org';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

export function isFetched({ id }: KnownKernel, cache: string): boolean {
  return existsSync(join(cache, id, 'release'));
}

/** The unpacked tree of `kernel` under `cache`: fetched unless it is there. */
export async function fetchKernel(
  kernel: KnownKernel,
  cache: string,
  say: Say,
): Promise<KernelTree> {
  const dir = join(cache, kernel.id);
  const done = join(dir, 'release'); // written last: what is interrupted is fetched again
  if (!isFetched(kernel, cache)) {
    rmSync(join(dir, 'root'), { recursive: true, force: true });
    const release = await download(kernel, dir, say);
    if (kernel.foreign) runThroughOwnLibc(join(dir, 'root'), release);
    pointAtHeaders(join(dir, 'root'), release, kernel.foreign);
    writeFileSync(done, release);
  }
  return treeOf(dir, readFileSync(done, 'utf8'), kernel.foreign);
}

function treeOf(dir: string, release: string, foreign: boolean): KernelTree {
  const root = join(dir, 'root');
  const modules = [`lib/modules/${release}`, `usr/lib/modules/${release}`].map((d) =>
    join(root, d),
  );
  const images = [join(root, `boot/vmlinuz-${release}`), ...modules.map((m) => join(m, 'vmlinuz'))];
  const vmlinuz = images.find(existsSync);
  if (vmlinuz === undefined)
    throw new LabError(`${root} has no kernel image; remove it to fetch again`);
  return {
    dir,
    release,
    vmlinuz,
    headers: join(root, `usr/src/linux-headers-${release}`),
    modules,
    foreign,
  };
}

async function download(kernel: KnownKernel, dir: string, say: Say): Promise<string> {
  const deb = join(dir, 'deb');
  rmSync(deb, { recursive: true, force: true }); // of a run that was interrupted
  mkdirSync(deb, { recursive: true });
  const apt = await packageLists(kernel.id, kernel.suites, dir, say);
  const known = (await run('apt-cache', [...apt, 'pkgnames', 'linux-'])).split('\n');
  const release = newest(known.flatMap((name) => kernel.image.exec(name)?.[1] ?? []));
  if (release === null) throw new LabError(`no package is like ${kernel.image.source}`);
  const packages = kernel.packages(release);
  const bytes = await bytesOf(apt, packages);
  say(
    `${kernel.id}: ${packages.length} packages of ${release}, ${megabytes(bytes)}, unpacked to ${dir}`,
  );
  await run('apt-get', ['-q', ...apt, 'download', ...packages], { cwd: deb });
  for (const file of readdirSync(deb))
    await run('dpkg-deb', ['-x', join(deb, file), join(dir, 'root')]);
  rmSync(deb, { recursive: true });
  return release;
}

/** Fetches the lists of `suites` into `dir`; what it returns makes apt use them, and nothing of the machine's own. */
export async function packageLists(
  id: string,
  suites: readonly string[],
  dir: string,
  say: Say,
): Promise<readonly string[]> {
  const lists = join(dir, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const source = join(dir, 'source.list');
  const mirror = process.env['DEBIAN_MIRROR'] ?? MIRROR;
  if (!existsSync(KEYRING))
    throw new LabError(`${KEYRING} is missing. On Debian: apt-get install debian-archive-keyring`);
  writeFileSync(source, suites.map((s) => `deb [signed-by=${KEYRING}] ${mirror}/${s}\n`).join(''));
  const apt = [
    `Dir::Etc::sourcelist=${source}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::Lists=${lists}`,
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
    'APT::Architecture=amd64',
  ].flatMap((o) => ['-o', o]);
  say(`${id}: package lists of ${suites.join(', ')} from ${mirror} (8 to 12 MB)`);
  await run('apt-get', ['-q', ...apt, 'update']);
  return apt;
}

/** How much `apt-get download` of these would fetch. */
export async function bytesOf(
  apt: readonly string[],
  packages: readonly string[],
): Promise<number> {
  const uris = await run('apt-get', ['-q', ...apt, 'download', '--print-uris', ...packages]);
  return [...uris.matchAll(/^'[^']+' \S+ (\d+)/gm)].reduce((sum, m) => sum + Number(m[1]), 0);
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** By number: 6.1.0-9 before 6.1.0-56. */
function newest(releases: readonly string[]): string | null {
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  return [...releases].sort(compare).at(-1) ?? null;
}

/** The Makefile of a package names /usr/src: here it names the unpacked one. */
function pointAtHeaders(root: string, release: string, foreign: boolean): void {
  const headers = join(root, `usr/src/linux-headers-${release}`);
  const common = join(root, `usr/src/linux-headers-${release.replace(/-cloud-amd64$/, '-common')}`);
  const output = foreign ? `KBUILD_OUTPUT=${headers}\n` : '';
  writeFileSync(join(headers, 'Makefile'), `${output}include ${join(common, 'Makefile')}\n`);
}

/**
 * The programs of its kbuild package run through its own ld.so, and what gcc 12 cannot do of a configuration for a newer
 * gcc is taken out: attributes only, no layout depends on them.
 */
function runThroughOwnLibc(root: string, release: string): void {
  const libs = join(root, 'usr/lib/x86_64-linux-gnu');
  const kbuild = join(root, `usr/lib/linux-kbuild-${release.replace(/-cloud-amd64$/, '')}`);
  for (const file of filesUnder(kbuild)) {
    if (!isDynamic(file)) continue;
    const real = `${file}.real`;
    renameSync(file, real);
    writeFileSync(
      file,
      `#!/bin/sh\nexec ${libs}/ld-linux-x86-64.so.2 --library-path ${libs} "${real}" "$@"\n`,
    );
    chmodSync(file, 0o755);
  }
  // these two are wrappers that start NAME-of-argv0.real-ARCH
  link('objtool.real-x86', join(kbuild, 'tools/objtool/objtool.real.real-x86'));
  link('modpost.real-lsb-64', join(kbuild, 'scripts/mod/modpost.real.real-lsb-64'));
  const headers = join(root, `usr/src/linux-headers-${release}`);
  for (const file of ['include/config/auto.conf', 'include/generated/autoconf.h']) {
    const path = join(headers, file);
    const text = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => !TOO_NEW.some((o) => new RegExp(`^(#define )?CONFIG_${o}[= ]`).test(line)))
      .join('\n');
    writeFileSync(path, text.replace(/(CONFIG_GCC_VERSION[= ])\d+/, '$1120200'));
  }
}

const TOO_NEW = [
  'CC_HAS_COUNTED_BY',
  'CC_HAS_COUNTED_BY_PTR',
  'CC_HAS_ASSUME',
  'CC_HAS_MULTIDIMENSIONAL_NONSTRING',
  'CC_HAS_MIN_FUNCTION_ALIGNMENT',
];

function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

function filesUnder(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
}

/** An ELF program that names an interpreter. */
function isDynamic(file: string): boolean {
  if ((statSync(file).mode & 0o100) === 0) return false;
  const bytes = readFileSync(file);
  return bytes.subarray(0, 4).toString('latin1') === '\x7fELF' && bytes.includes('/lib64/ld-linux');
}

export function sha256Of(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
