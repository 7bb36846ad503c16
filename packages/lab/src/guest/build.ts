// The module against a kernel's headers, the guest's one program, and the file system that it boots with.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { cpio, type ArchiveFile } from './cpio.ts';
import { sha256Of, type KernelTree, type Say } from './fetch.ts';
import { PACKED, moduleFile } from './given.ts';
import { run } from './process.ts';

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

/**
 * What live scenarios send through: devices with a process behind them, pairs, a bridge, queues that hold packets, a program
 * that is asked about them, sockets of vsock. Each stands behind what it needs.
 */
const LIVE = [
  'drivers/net/tun',
  'drivers/net/veth',
  'net/llc/llc',
  'net/802/stp',
  'net/bridge/bridge',
  'net/sched/sch_plug',
  'net/sched/sch_netem',
  'lib/libcrc32c',
  'net/netfilter/nfnetlink',
  'net/netfilter/nf_tables',
  'net/netfilter/nft_queue',
  'net/netfilter/nfnetlink_queue',
  'net/vmw_vsock/vsock',
  'net/vmw_vsock/vmw_vsock_virtio_transport_common',
  'net/vmw_vsock/vsock_loopback',
];

const MODULE = ['lastref_lab.c', 'fragments.h', 'fragments6.h', 'corking.h', 'Makefile'];

/** Builds what is out of date and returns the fixed part of the file system, compressed. */
export async function buildGuest(tree: KernelTree, say: Say): Promise<Buffer> {
  const stamp = join(tree.dir, 'guest.stamp');
  const archive = join(tree.dir, 'initrd.gz');
  const live = readdirSync(join(GUEST, 'live')).map((f) => join(GUEST, 'live', f));
  const module = MODULE.map((f) => join(GUEST, f));
  const sources = [tree.vmlinuz, ...module, join(GUEST, 'init.c'), ...live];
  const now = [digestsOf(sources), ...VIRTIO, ...LIVE].join(' ');
  if (isCurrent(archive, stamp, now)) return readFileSync(archive);
  const mod = await buildModule(tree, say);
  const programs = { init: [join(GUEST, 'init.c')], live: live.filter((f) => f.endsWith('.c')) };
  for (const [program, from] of Object.entries(programs))
    await run('gcc-12', ['-O2', '-Wall', '-static', '-o', join(mod, program), ...from]);
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
  for (const path of [...VIRTIO, ...LIVE]) {
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
  rmSync(stamp, { force: true });
  writeFileSync(archive, bytes);
  writeFileSync(stamp, now);
  return bytes;
}

function digestsOf(files: readonly string[]): string {
  return files.map(sha256Of).join(' ');
}

/** Is `file` there, and was it made from what `now` says? */
function isCurrent(file: string, stamp: string, now: string): boolean {
  return existsSync(file) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now;
}

/** Builds lastref_lab.ko if its source is another one; returns where it is. */
async function buildModule(tree: KernelTree, say: Say): Promise<string> {
  const mod = join(tree.dir, 'mod');
  const sources = MODULE.map((f) => join(GUEST, f));
  const stamp = join(tree.dir, 'module.stamp');
  const now = digestsOf([tree.vmlinuz, ...sources]);
  if (isCurrent(join(mod, 'lastref_lab.ko'), stamp, now)) return mod;
  say(`${tree.release}: building the module`);
  rmSync(stamp, { force: true }); // one that is interrupted is no module of any source
  mkdirSync(mod, { recursive: true });
  for (const file of sources) copyFileSync(file, join(mod, basename(file)));
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
  writeFileSync(stamp, now);
  return mod;
}

/** A module of the kernel, decompressed; null: built in, or not there. */
async function moduleOf(tree: KernelTree, path: string): Promise<Uint8Array | null> {
  const found = moduleFile(tree, path);
  if (found === null) return null;
  const { file, ending } = found;
  const unpack = PACKED.find(([known]) => known === ending)?.[1] ?? null;
  if (unpack === null) return readFileSync(file);
  const [program, ...args] = unpack;
  const copy = join(tree.dir, 'mod', basename(file));
  copyFileSync(file, copy);
  await run(program, [...args, copy]);
  return readFileSync(copy.slice(0, -ending.length));
}
