// The module against a kernel's headers, the guest's one program, and the file system that it boots with.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { cpio, type ArchiveFile } from './cpio.ts';
import { sha256Of, type KernelTree, type Say } from './fetch.ts';
import { BUILD_TOOLS, needLibc, needTools, run } from './process.ts';

/** guest/ of this package, from src and from dist alike. */
export const GUEST = findGuest();

function findGuest(): string {
  for (const up of ['../guest', '../../guest', '../lab/guest']) {
    const dir = fileURLToPath(new URL(up, import.meta.url));
    if (existsSync(join(dir, 'lastref_lab.c'))) return dir;
  }
  return fileURLToPath(new URL('../../guest', import.meta.url));
}

/** What the guest needs to talk to the host, in the order of loading; a kernel may have any of it built in. */
const VIRTIO = [
  'drivers/virtio/virtio_ring',
  'drivers/virtio/virtio',
  'drivers/virtio/virtio_pci_modern_dev',
  'drivers/virtio/virtio_pci_legacy_dev',
  'drivers/virtio/virtio_pci',
  'drivers/char/virtio_console',
];

/** What live scenarios send through. */
const TUN = 'drivers/net/tun';

/** Builds what is out of date and returns the fixed part of the file system, compressed. */
export async function buildGuest(tree: KernelTree, say: Say): Promise<Buffer> {
  const stamp = join(tree.dir, 'guest.stamp');
  const archive = join(tree.dir, 'initrd.gz');
  const sources = ['lastref_lab.c', 'init.c', 'live.c', 'Makefile'].map((f) => join(GUEST, f));
  const now = sources.map(sha256Of).join(' ');
  if (existsSync(archive) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now)
    return readFileSync(archive);
  needTools(BUILD_TOOLS);
  needLibc();
  say(`${tree.release}: building the module`);
  const mod = join(tree.dir, 'mod');
  mkdirSync(mod, { recursive: true });
  for (const file of sources) copyFileSync(file, join(mod, file.slice(GUEST.length + 1)));
  const quiet = ['CONFIG_DEBUG_INFO_BTF_MODULES=', 'CONFIG_MODULE_SIG_ALL='];
  await run('nice', [
    'make',
    '-s',
    '-C',
    tree.headers,
    `M=${mod}`,
    'CC=gcc-12',
    ...quiet,
    'modules',
  ]);
  for (const program of ['init', 'live'])
    await run('gcc-12', ['-O2', '-static', '-o', join(mod, program), join(GUEST, `${program}.c`)]);
  const files: ArchiveFile[] = [
    { name: 'dev/' },
    { name: 'mod/' },
    { name: 'proc/' },
    { name: 'sys/' },
    { name: 'tmp/' },
    { name: 'init', data: readFileSync(join(mod, 'init')), mode: 0o755 },
    { name: 'live', data: readFileSync(join(mod, 'live')), mode: 0o755 },
  ];
  const order: string[] = [];
  for (const path of [...VIRTIO, TUN]) {
    const data = await moduleOf(tree, path);
    if (data === null) continue;
    const name = `${path.split('/').at(-1)}.ko`;
    order.push(name);
    files.push({ name: `mod/${name}`, data });
  }
  files.push({ name: 'mod/lastref_lab.ko', data: readFileSync(join(mod, 'lastref_lab.ko')) });
  order.push('lastref_lab.ko');
  files.push({ name: 'mod/order', data: Buffer.from(`${order.join('\n')}\n`) });
  const bytes = gzipSync(cpio(files));
  writeFileSync(archive, bytes);
  writeFileSync(stamp, now);
  return bytes;
}

/** A module of the kernel, decompressed; null: built in, or not there. */
async function moduleOf(tree: KernelTree, path: string): Promise<Uint8Array | null> {
  for (const dir of tree.modules) {
    const plain = join(dir, 'kernel', `${path}.ko`);
    if (existsSync(plain)) return readFileSync(plain);
    if (existsSync(`${plain}.xz`)) {
      const copy = join(tree.dir, 'mod', `${path.split('/').at(-1)}.ko.xz`);
      copyFileSync(`${plain}.xz`, copy);
      await run('xz', ['-d', '-f', copy]);
      return readFileSync(copy.slice(0, -3));
    }
  }
  return null;
}
