// A kernel tree, file by file: every function that touches a fragment or the record of an owner.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@lastref/runner';
import { hookPlaces, type Demand } from './demands.ts';
import type { Call } from './flow.ts';
import { HOOKS, type Hook } from './hooks.ts';
import { KINDS, type Kind } from './kinds.ts';
import { parseChunk, loadGrammar, type ParsedFunction } from './parse.ts';
import { alwaysPasses, withGuards } from './paths.ts';
import { chunksOf, type Chunk } from './source.ts';
import { LENDS, Reader } from './touches.ts';

export interface Site {
  readonly file: string;
  readonly name: string;
  readonly line: number;
  readonly endLine: number;
  /** The first of `kinds`. */
  readonly kind: Kind;
  readonly kinds: readonly Kind[];
  readonly seen: Readonly<Record<string, readonly string[]>>;
  readonly demands: readonly Demand[];
}

/** A function that touches nothing itself and calls one that does. */
export interface Caller {
  readonly file: string;
  readonly name: string;
  readonly calls: readonly string[];
}

/** It puts a packet into a queue, and nothing on the way has orphaned the packet's pages. */
export interface Keeper {
  readonly file: string;
  readonly name: string;
  readonly line: number;
  /** The call by which it keeps. */
  readonly by: string;
}

export interface Scan {
  readonly files: number;
  readonly functions: number;
  /** Functions of which the grammar has not understood every line. */
  readonly partly: number;
  readonly sites: readonly Site[];
  readonly callers: readonly Caller[];
  readonly keepers: readonly Keeper[];
  /** Every function that was looked at, as file:name. */
  readonly known: ReadonlySet<string>;
}

/** Where fragments live. What of it a tree has not got is left out. */
export const ROOTS = [
  'drivers/block',
  'drivers/infiniband',
  'drivers/isdn',
  'drivers/net',
  'drivers/nvme',
  'drivers/s390/net',
  'drivers/scsi',
  'drivers/target',
  'drivers/vhost',
  'drivers/xen',
  'fs',
  'include/linux',
  'include/net',
  'io_uring',
  'kernel/bpf',
  'net',
] as const;

/** A file, or a function, without any of these words has nothing to do with it. */
const WORTH =
  /shinfo|skb_shared_info|frag|zerocopy|zcopy|ubuf|uarg|pp_recycle|destructor_arg|to_sgvec|skb_cow_data|skb_store_bits|for_recycle|sg_page|SKBFL_|SKBTX_|SHARED_FRAG|skb_queue|splice|dataref|unreadable|netmem|fill_page/;
const FILE_WORTH = /skb|sk_buff|ubuf|sk_msg|zerocopy|sendpage/;

/** Calls by which a packet comes into somebody's queue. */
const KEEPS =
  /^(?:__)?skb_queue_(?:tail|head|after|before|splice\w*)$|^sock_queue_rcv_skb\w*$|^(?:__)?sk_receive_queue\w*$|^skb_array_produce\w*$|^(?:__)?ptr_ring_produce\w*$|^sk_add_backlog$|^sk_psock_queue_\w+$|^kfifo_\w*in\w*$/;
const RELEASED =
  /^(?:skb_orphan_frags(?:_rx)?|skb_copy_ubufs|skb_copy|skb_copy_expand|skb_linearize)$/;
/** What is made here is not somebody's who lends. */
const MADE =
  /^(?:__)?(?:netdev_|napi_|dev_|build_|nlmsg_|genlmsg_)?alloc_skb\w*$|alloc_send_(?:p)?skb$|^\w*_new_skb$|^nlmsg_new$|^genlmsg_new$|^netdev_alloc_skb\w*$|^sock_\w*alloc\w*$|^dev_alloc_skb$|^bt_skb_\w*alloc\w*$|^skb_dequeue$|^__skb_dequeue$|^build_skb$/;

/** C files of `tree` below the roots, sorted. */
export function filesOf(tree: string): string[] {
  if (!isDirectory(tree))
    throw new UsageError(`'${tree}' is no directory; it takes the root of a kernel source`);
  const roots = ROOTS.filter((root) => isDirectory(join(tree, root)));
  const found = roots.flatMap((root) => below(tree, root));
  if (found.length === 0)
    throw new UsageError(
      `'${tree}' has no C files under net/, include/ or drivers/; it takes the root of a kernel source`,
    );
  return [...new Set(found)].sort();
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function below(tree: string, dir: string): string[] {
  return readdirSync(join(tree, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = `${dir}/${entry.name}`;
    if (entry.isDirectory()) return below(tree, path);
    return entry.isFile() && /\.[ch]$/.test(entry.name) ? [path] : [];
  });
}

export interface ScanOptions {
  /** Functions whose callers are worth a line; it knows them by name. */
  readonly operations: ReadonlySet<string>;
  readonly say?: (line: string) => void;
}

export async function scanTree(tree: string, options: ScanOptions): Promise<Scan> {
  const files = filesOf(tree);
  return scanFiles(
    files.map((file) => ({ file, text: () => readFileSync(join(tree, file), 'utf8') })),
    options,
  );
}

export interface SourceFile {
  readonly file: string;
  readonly text: () => string;
}

export async function scanFiles(files: readonly SourceFile[], options: ScanOptions): Promise<Scan> {
  await loadGrammar();
  const sites: Site[] = [];
  const callers: Caller[] = [];
  const keepers: Keeper[] = [];
  const known = new Set<string>();
  const called = options.operations.size === 0 ? null : wordsOf(options.operations);
  let partly = 0;
  for (const [i, { file, text }] of files.entries()) {
    if (i % 2000 === 1999)
      options.say?.(`${i + 1} of ${files.length} files, ${sites.length} sites`);
    const content = text();
    if (!FILE_WORTH.test(content)) continue;
    const chunks = chunksOf(content);
    for (const chunk of chunks) known.add(`${file}:${chunk.name}`);
    const wanted = chunks.filter((c) => worth(c) || called?.test(c.body) === true);
    const parsed = wanted.map(parseChunk);
    partly += parsed.filter((f) => f.partly).length;
    const read = sitesOfFile(file, parsed, (names) =>
      chunks.filter((c) => !wanted.includes(c) && wordsOf(names).test(c.body)).map(parseChunk),
    );
    sites.push(...read);
    const touched = new Set(read.map((s) => s.name));
    for (const f of parsed) {
      const calls = callsOf(f).map((c) => c.callee);
      const own = [...new Set(calls.filter((c) => options.operations.has(c)))].sort();
      if (!touched.has(f.name) && own.length > 0) callers.push({ file, name: f.name, calls: own });
      const keeper = keeps(f);
      if (keeper !== null) keepers.push({ file, name: f.name, line: f.line, by: keeper });
    }
  }
  return { files: files.length, functions: known.size, partly, sites, callers, keepers, known };
}

/** Helpers that only lend for those who call them: the hook is theirs. */
function lendsForOthers(name: string): boolean {
  return LENDS.test(name);
}

function worth(chunk: Chunk): boolean {
  return WORTH.test(chunk.body);
}

function wordsOf(names: ReadonlySet<string>): RegExp {
  return new RegExp(`\\b(?:${[...names].join('|')})\\s*\\(`);
}

/** `callersOf` parses what else calls these: of who has a demand, every caller of the file is looked at. */
function sitesOfFile(
  file: string,
  functions: readonly ParsedFunction[],
  callersOf: (names: ReadonlySet<string>) => readonly ParsedFunction[],
): Site[] {
  const read = functions.map((f) => ({ f, touches: new Reader(f.flow).read() }));
  const asking = new Set(
    read.filter(({ touches }) => touches.demands.length > 0).map(({ f }) => f.name),
  );
  const all = asking.size === 0 ? functions : [...functions, ...callersOf(asking)];
  return read
    .filter(({ touches }) => touches.kinds.length > 0)
    .map(({ f, touches }) => {
      const upstairs = (hook: Hook): boolean => hookedByCallers(hook, f.name, all);
      return {
        file,
        name: f.name,
        line: f.line,
        endLine: f.endLine,
        kind: touches.kinds[0]!,
        kinds: touches.kinds,
        seen: Object.fromEntries(
          KINDS.flatMap((k) => (touches.seen.has(k) ? [[k, touches.seen.get(k)!]] : [])),
        ),
        demands: touches.demands
          .filter((d) => d.query !== 'lend' || !lendsForOthers(f.name))
          .map((d) => ({
            ...d,
            hooks: HOOKS.filter((h) => d.hooks.includes(h) || upstairs(h)),
          })),
      };
    });
}

/** It is called in its own file, and wherever that is, the caller passes the hook on every way through the call. */
function hookedByCallers(hook: Hook, name: string, functions: readonly ParsedFunction[]): boolean {
  let calls = 0;
  for (const f of functions) {
    if (f.name === name) continue;
    const at = f.flow.places.filter((p) =>
      p.deeds.some((d) => d.kind === 'call' && d.callee === name),
    );
    if (at.length === 0) continue;
    calls++;
    const marked = withGuards(f.flow, new Set(hookPlaces(f.flow, hook).map((p) => p.id)));
    if (!at.every((p) => alwaysPasses(f.flow, p, marked))) return false;
  }
  return calls > 0;
}

export function callsOf(f: ParsedFunction): Call[] {
  return f.flow.places.flatMap((p) => p.deeds.filter((d): d is Call => d.kind === 'call'));
}

/** The call by which `f` keeps a packet that it was given, if no call on the way has let go of its pages. */
function keeps(f: ParsedFunction): string | null {
  const calls = callsOf(f);
  const keep = calls.find(
    (c) =>
      KEEPS.test(c.callee) &&
      c.args.some((a) => /sk_buff/.test(f.flow.types.get(a.replace(/^&/, '')) ?? '')),
  );
  if (keep === undefined) return null;
  const packets = keep.args.filter((a) => /struct\s+sk_buff\s*\*/.test(f.flow.types.get(a) ?? ''));
  const released = calls.some((c) => RELEASED.test(c.callee));
  const made = f.flow.places.some((p) =>
    p.deeds.some(
      (d) =>
        d.kind === 'store' && packets.includes(d.lhs) && MADE.test(/^\w+/.exec(d.rhs)?.[0] ?? ''),
    ),
  );
  return packets.length > 0 && !released && !made ? keep.callee : null;
}
