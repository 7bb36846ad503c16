// A kernel that is given as two paths: its image, and the headers that modules for it are built against. Goal: what does
// not fit is said before anything is built. Non-goal: other images than the bzImage that x86 boots.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '@lastref/runner';
import type { KernelTree } from './fetch.ts';

/** Where a bzImage says what it is. @kernel Documentation/arch/x86/boot.rst */
const MAGIC = 0x202;
const VERSION_POINTER = 0x20e;
const SETUP = 0x200;
const HEADER_BYTES = 0x10000;

/** `uname -r` of a bzImage, as it stands in the image. Throws UsageError if it is none. */
export function releaseOfImage(image: string): string {
  const head = Buffer.alloc(HEADER_BYTES);
  const file = openSync(image, 'r');
  try {
    readSync(file, head, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
  if (head.toString('latin1', MAGIC, MAGIC + 4) !== 'HdrS')
    throw new UsageError(`${image} is no kernel image of x86: a bzImage is wanted, as in /boot`);
  const at = head.readUInt16LE(VERSION_POINTER) + SETUP;
  const text = head.toString('latin1', at, Math.max(at, head.indexOf(0, at)));
  return text.split(' ')[0]!;
}

/**
 * `uname -r` of the kernel that `headers` belong to; include/config/kernel.release of Debian's says another name. Throws
 * UsageError if nothing was built there.
 */
function releaseOfHeaders(headers: string): string {
  const inside = 'include/generated/utsrelease.h';
  const file = join(headers, inside);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const release = /^#define UTS_RELEASE "(.+)"$/m.exec(text)?.[1];
  if (release === undefined) throw new UsageError(`${headers} has no ${inside}: no built headers`);
  return release;
}

/** The tree of the two, built in `cache`. Throws UsageError where they are not of one kernel, or it cannot be talked to. */
export function givenTree(image: string, headers: string, cache: string): KernelTree {
  for (const path of [image, headers])
    if (!existsSync(path)) throw new UsageError(`${path} does not exist`);
  if (!statSync(image).isFile()) throw new UsageError(`${image}: no file; --image takes a bzImage`);
  const release = releaseOfHeaders(headers);
  const own = releaseOfImage(image);
  if (own !== release)
    throw new UsageError(`${image} is ${own}, ${headers} is of ${release}: one kernel is wanted`);
  const dir = join(cache, `given-${release}`);
  mkdirSync(dir, { recursive: true });
  const tree: KernelTree = {
    dir,
    release,
    vmlinuz: resolve(image),
    headers: resolve(headers),
    modules: modulePlaces(resolve(image), resolve(headers), release),
    foreign: false,
  };
  needConsole(tree);
  return tree;
}

/** Beside the image, beside the headers, in the tree in which both were built, or installed. */
function modulePlaces(image: string, headers: string, release: string): string[] {
  const beside = [dirname(dirname(image)), dirname(dirname(dirname(headers))), '/'].flatMap(
    (root) => [join(root, 'lib/modules', release), join(root, 'usr/lib/modules', release)],
  );
  return [dirname(image), ...beside, headers];
}

/** The port through which a guest answers: built in, or a module that is found. */
function needConsole(tree: KernelTree): void {
  const config = readFileSync(join(tree.headers, 'include/config/auto.conf'), 'utf8');
  const how = /^CONFIG_VIRTIO_CONSOLE=([ym])$/m.exec(config)?.[1];
  if (how === undefined)
    throw new UsageError(
      `${tree.release} was built without CONFIG_VIRTIO_CONSOLE: it cannot answer`,
    );
  if (how === 'm' && moduleFile(tree, 'drivers/char/virtio_console') === null)
    throw new UsageError(
      `the modules of ${tree.release} are missing (virtio_console); looked in ${tree.modules.join(', ')}`,
    );
}

/** How a kernel's modules may be packed, and what unpacks one in place. */
export const PACKED: readonly (readonly [
  ending: string,
  unpack: readonly [program: string, ...args: string[]] | null,
])[] = [
  ['', null],
  ['.xz', ['xz', '-d', '-f']],
  ['.zst', ['zstd', '-q', '-d', '-f', '--rm']],
  ['.gz', ['gzip', '-d', '-f']],
];

/** The file of a module, and its ending behind `.ko`; null: built in, or not there. */
export function moduleFile(
  { modules }: KernelTree,
  path: string,
): { readonly file: string; readonly ending: string } | null {
  for (const dir of modules)
    for (const inside of ['kernel', ''])
      for (const [ending] of PACKED) {
        const file = join(dir, inside, `${path}.ko${ending}`);
        if (existsSync(file)) return { file, ending };
      }
  return null;
}
