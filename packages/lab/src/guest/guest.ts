// A kernel that can be asked: fetched or given, built for, booted once for each file of scripts.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { boot, kvmBoots, type Accelerator } from './boot.ts';
import { buildGuest } from './build.ts';
import { fetchKernel, isFetched, sha256Of, type KernelTree, type Say } from './fetch.ts';
import { givenTree } from './given.ts';
import { KERNELS, type KnownKernel } from './kernels.ts';
import { needGuestTools } from './process.ts';

export interface Guest {
  readonly id: string;
  /** As the kernel says it itself: release, and the version with the date of its build. */
  readonly version: string;
  /** Of the image. */
  readonly sha256: string;
  /** The model's era that belongs to it by name; null: to be found by its version. */
  readonly era: string | null;
  play(scripts: string): Promise<string>;
}

export function cacheDir(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(base, 'lastref', 'lab');
}

export function knownKernel(id: string): KnownKernel | undefined {
  return KERNELS.find((k) => k.id === id);
}

/** Debian's kernel. `kvm`: a guest may run under KVM if a probe boots. */
export async function debianGuest(kernel: KnownKernel, kvm: boolean, say: Say): Promise<Guest> {
  needGuestTools(!isFetched(kernel, cacheDir()));
  const tree = await fetchKernel(kernel, cacheDir(), say);
  return guestOf(kernel.id, kernel.era, tree, kvm, say);
}

/** Any other kernel: its image, and the headers that modules for it are built against. */
export async function givenGuest(
  image: string,
  headers: string,
  kvm: boolean,
  say: Say,
): Promise<Guest> {
  needGuestTools(false);
  const tree = givenTree(image, headers, cacheDir());
  return guestOf(tree.release, null, tree, kvm, say);
}

async function guestOf(
  id: string,
  era: string | null,
  tree: KernelTree,
  kvm: boolean,
  say: Say,
): Promise<Guest> {
  const initrd = await buildGuest(tree, say);
  let accelerator: Accelerator = 'tcg';
  if (kvm) {
    if (await kvmBoots(tree, initrd)) accelerator = 'kvm';
    else say(`${id}: the probe did not come to its end under KVM; TCG it is`);
  }
  const first = await boot(tree, initrd, '# hello plain\nalloc 0 0 1 0 0 0\n', accelerator, say);
  const version = /^# linux (.*)$/m.exec(first)?.[1] ?? tree.release;
  return {
    id,
    era,
    version,
    sha256: sha256Of(tree.vmlinuz),
    play: (scripts) => boot(tree, initrd, scripts, accelerator, say),
  };
}
