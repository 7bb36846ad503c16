// What of each kind of object is state, and what is only a name, a moment, a statistic or a cache.
import { Judge } from '@lastref/judge';
import {
  Agenda,
  DeviceFaults,
  IP_HEADER,
  Kernel,
  Ledger,
  Link,
  Loan,
  PAGE_SIZE,
  PacketSock,
  Page,
  SkBuff,
  SkbFrag,
  SkbSharedInfo,
  SideField,
  Slab,
  TcpSock,
} from '@lastref/kernel';
import type { MachineFingerprint } from './machine-fingerprint.ts';

export interface Shape {
  /** Not looked at: reached from the roots by other ways, or no state at all. */
  readonly ignored: boolean;
  walk(o: object, f: MachineFingerprint): void;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Fields that are left out wherever they occur. Names: `name`, `verbs`, `place`, `serial`,
 * `serials`. Settings that no step changes: `config`, `options`, `route`. Moments, as the clock of a search stands
 * still: the others.
 */
const EVERYWHERE = new Set([
  'name',
  'verbs',
  'place',
  'serial',
  'serials',
  'config',
  'options',
  'route',
  'due',
  'when',
  'reuseAt',
  'heldUntil',
]);

/** Fields of one class that no later step depends on: statistics and pools of unused objects. */
const OF_CLASS: readonly (readonly [new (...args: never[]) => object, readonly string[]])[] = [
  [Link, ['freeNs', 'pool', 'packets', 'dropped', 'duplicated', 'delayed', 'held']],
  [TcpSock, ['retransmits', 'timeouts', 'bytesReceived']],
  [PacketSock, ['drops', 'packets']],
  [DeviceFaults, ['handed', 'step']],
];

const IGNORED: Shape = { ignored: true, walk: () => undefined };

/** How objects like `o` are walked. */
export function shapeOf(o: object): Shape {
  if (
    o instanceof Kernel ||
    o instanceof Agenda ||
    o instanceof Ledger ||
    o instanceof SideField ||
    o instanceof Slab ||
    o instanceof Judge
  )
    return IGNORED;
  if (o instanceof SkBuff) return { ignored: false, walk: skb };
  if (o instanceof SkbSharedInfo) return { ignored: false, walk: shinfo };
  if (o instanceof SkbFrag) return { ignored: false, walk: frag };
  if (o instanceof Page) return { ignored: false, walk: page };
  if (o instanceof Loan) return { ignored: false, walk: loan };
  if (Array.isArray(o)) return { ignored: false, walk: list };
  if (o instanceof Map) return { ignored: false, walk: map };
  if (o instanceof Set) return { ignored: false, walk: set };
  if (ArrayBuffer.isView(o)) return { ignored: false, walk: numbers };
  return fields(o);
}

/** The fields of `o` that are state. Classes of the model set all their fields when they are made. */
export function stateFields(o: object): string[] {
  const out = OF_CLASS.find(([kind]) => o instanceof kind)?.[1] ?? [];
  return Object.keys(o).filter((key) => !EVERYWHERE.has(key) && !out.includes(key));
}

/** Fields of a class that are left out: for the test that they exist. */
export function leftOut(): typeof OF_CLASS {
  return OF_CLASS;
}

function fields(o: object): Shape {
  const plain = Object.getPrototypeOf(o) === Object.prototype;
  const keys = stateFields(o);
  return {
    ignored: false,
    walk(each, f) {
      const names = plain ? stateFields(each) : keys;
      for (let i = 0; i < names.length; i++) {
        const key = names[i]!;
        f.value(key === 'gen' ? sameLife(each as Fields) : (each as Fields)[key]);
      }
    },
  };
}

/** Something remembers an object and, next to it, its `gen`: what counts is whether that life of it goes on. */
function sameLife(o: Fields): unknown {
  let object: { readonly gen?: unknown } | null = null;
  for (const key of Object.keys(o)) {
    if (key === 'gen') break;
    const other = o[key];
    if (typeof other === 'object' && other !== null && 'gen' in other) object = other;
  }
  return object === null ? o['gen'] : object.gen === o['gen'];
}

function list(o: readonly unknown[], f: MachineFingerprint): void {
  f.number(o.length);
  for (let i = 0; i < o.length; i++) f.value(o[i]);
}

function map(o: ReadonlyMap<unknown, unknown>, f: MachineFingerprint): void {
  f.number(o.size);
  for (const [key, value] of o) {
    f.value(key);
    f.value(value);
  }
}

function set(o: ReadonlySet<unknown>, f: MachineFingerprint): void {
  f.number(o.size);
  for (const value of o) f.value(value);
}

function numbers(o: Int32Array, f: MachineFingerprint): void {
  f.number(o.length);
  for (let i = 0; i < o.length; i++) f.number(o[i]!);
}

/** Bytes of an IP header that only name the packet, or sum up the others: identification and checksum. */
const NAMING = [4, 5, 10, 11];

function skb(o: SkBuff, f: MachineFingerprint): void {
  if (!o.live) return;
  f.number(o.users);
  f.number(o.len);
  f.number(o.dataLen);
  f.number(o.truesize);
  f.number(o.cloned | (o.nohdr << 1) | (o.fclone << 2) | (o.fcloneRef << 4));
  f.number(o.hdrLen);
  f.number(o.destructor);
  f.number(o.ipSummed);
  f.number(o.headers);
  f.number(o.flow);
  f.number(o.seq);
  f.number(o.endSeq);
  f.number(o.tcpFlags | (o.sacked << 8));
  f.number(o.pcount);
  f.value(o.sk);
  f.value(o.loan);
  f.value(o.cb);
  f.value(o.pair);
  others(o, f, SKB_FIELDS);
  f.number(o.data - o.shinfo.head);
  const linear = o.tail - o.data;
  if (o.headers >= IP_HEADER && linear >= IP_HEADER) {
    for (let i = 0; i < IP_HEADER; i++) if (!NAMING.includes(i)) f.number(f.byteAt(o.data + i));
    f.bytes(o.data + IP_HEADER, linear - IP_HEADER);
  } else {
    f.bytes(o.data, linear);
  }
  f.value(o.shinfo);
  f.added(o);
  f.value(o.next);
}

/** Of a shared info only the used entries: the others keep what an earlier life left there. */
function shinfo(o: SkbSharedInfo, f: MachineFingerprint): void {
  if (!o.live) return;
  f.number(o.cls);
  f.number(o.dataref);
  f.number(o.nrFrags);
  f.number(o.gsoSize);
  f.number(o.gsoSegs);
  for (let i = 0; i < o.nrFrags; i++) f.value(o.frags[i]);
  f.value(o.fragList);
  f.value(o.loan);
  others(o, f, SHINFO_FIELDS);
  f.added(o);
}

function frag(o: SkbFrag, f: MachineFingerprint): void {
  f.number(o.pageOffset);
  f.number(o.size);
  f.value(o.page);
  f.value(o.loan);
}

function page(o: Page, f: MachineFingerprint): void {
  if (!o.live) return;
  f.number(o.count);
  f.value(o.loan);
  others(o, f, PAGE_FIELDS);
  f.added(o);
  f.bytes(o.address, PAGE_SIZE);
}

function loan(o: Loan, f: MachineFingerprint): void {
  for (const key of LOAN_FIELDS) f.value((o as unknown as Fields)[key]);
  f.added(o);
}

/** Fields that the walks above deal with by hand; the others of the class are walked as they are. */
const SKB_FIELDS = rest(new SkBuff(), [
  'slot',
  'gen',
  'live',
  'next',
  'prev',
  'sk',
  'shinfo',
  'users',
  'len',
  'dataLen',
  'data',
  'tail',
  'truesize',
  'cloned',
  'nohdr',
  'hdrLen',
  'fclone',
  'fcloneRef',
  'pair',
  'destructor',
  'ipSummed',
  'loan',
  'cb',
  'headers',
  'flow',
  'seq',
  'endSeq',
  'tcpFlags',
  'sacked',
  'pcount',
  'when',
]);
const SHINFO_FIELDS = rest(new SkbSharedInfo(), [
  'slot',
  'gen',
  'live',
  'head',
  'cls',
  'end',
  'dataref',
  'nrFrags',
  'frags',
  'fragList',
  'gsoSize',
  'gsoSegs',
  'loan',
]);
const PAGE_FIELDS = rest(new Page(), ['slot', 'gen', 'live', 'address', 'count', 'loan', 'writes']);
const LOAN_FIELDS = rest(new Loan(), ['slot', 'gen', 'id']);

function rest(o: object, done: readonly string[]): string[] {
  return Object.keys(o).filter((key) => !done.includes(key));
}

function others(o: object, f: MachineFingerprint, keys: readonly string[]): void {
  for (let i = 0; i < keys.length; i++) f.value((o as Fields)[keys[i]!]);
}
