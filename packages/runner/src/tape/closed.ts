// What is no state of a search is nothing that a candidate reads: names, addresses, statistics, moments, what an earlier
// life left behind, and whatever lies behind a socket. A search takes machines that differ in these alone for one, so
// answers that depend on them would make it call a wrong design right. Here each of those fields is an accessor, in the
// machine of a candidate that is searched; our own code goes through it, and a candidate that does is stopped. So is one that
// put an object of its own where the machine has a number or one of its objects: the valueOf of that would run where the
// machine's own code is held to run.
// Non-goal: runs that nobody merges with others. A comparison is what the answers come to, whatever they depend on.
import * as kernel from '@lastref/kernel';
import {
  Loan,
  MAX_SKB_FRAGS,
  POISON_PAGE,
  POISON_SHINFO,
  Page,
  SkBuff,
  SkbFrag,
  SkbSharedInfo,
  Sock,
  declareState,
  declaredOf,
  type Kernel,
  type SlabObject,
} from '@lastref/kernel';
import { closed, reading } from '../candidates/reading.ts';
import { Broken, placeName } from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';
import { share } from '../candidates/shared.ts';

/** As they were before any candidate was there (compartment.ts). */
const { create, defineProperties, freeze, getOwnPropertyDescriptors, setPrototypeOf } = Object;

/** What a candidate is given that reads a field: throws Broken, or the value in its place. */
type Shown = (value: unknown, o: SlabObject, name: string) => unknown;

function broke(what: string, rule: 'alive' | 'seam' | 'state'): never {
  throw new Broken(placeName(running.place), what, rule);
}

function never(_: unknown, { constructor }: object, name: string): never {
  const advice = 'keep a pointer, a Life or a sideField(), or ask for what is state';
  broke(
    `it read ${name} of a ${constructor.name}, which is no state: a search takes machines that differ in it for one; ${advice}`,
    'state',
  );
}

/** What stands in an object that nobody has is what its last life left there. */
function alive(value: unknown, { live, constructor }: SlabObject, name: string): unknown {
  if (!live) broke(`it read ${name} of a ${constructor.name} that was freed`, 'alive');
  return value;
}

/** To be read, and not written: by these one knows where to look for what a candidate wrote. */
const asItIs: Shown = (value) => value;

/** The other half of a pair, as long as somebody has it. */
function half(value: unknown, o: SlabObject, name: string): unknown {
  const live = value === null || (value as SlabObject).live;
  return live
    ? value
    : broke(`it read ${name} of a ${o.constructor.name}, which was freed`, 'alive');
}

/** Of a list of entries, at each place that has none: what stands there an earlier life left. */
const BEHIND_THE_LAST = create(
  Array.prototype,
  Object.fromEntries(
    Array.from({ length: MAX_SKB_FRAGS }, (_, i) => [
      i,
      {
        get(this: readonly unknown[]): never {
          const has = this.length === 1 ? '1 entry' : `${this.length} entries`;
          broke(`it read frags[${i}] of a SkbSharedInfo that has ${has} (nrFrags)`, 'alive');
        },
      },
    ]),
  ),
) as object;
freeze(BEHIND_THE_LAST);

/** The entries that are in use. */
function inUse(frags: unknown, o: SlabObject): readonly SkbFrag[] {
  const some = (frags as SkbFrag[]).slice(0, (o as SkbSharedInfo).nrFrags);
  setPrototypeOf(some, BEHIND_THE_LAST);
  return freeze(some);
}

function socket(sk: unknown): unknown {
  return sk === null ? null : standIn(sk as Sock);
}

const each = (names: string, shown: Shown): Record<string, Shown> =>
  Object.fromEntries(names.split(' ').map((name) => [name, shown]));

/** By class: the fields that a candidate does not read as they stand. */
const CLOSED: ReadonlyMap<object, Readonly<Record<string, Shown>>> = new Map<
  object,
  Readonly<Record<string, Shown>>
>([
  [
    SkBuff.prototype,
    {
      ...each('slot gen prev data tail when isSpent', never),
      sk: socket,
      pair: half,
      live: asItIs,
    },
  ],
  [
    SkbSharedInfo.prototype,
    { ...each('slot gen head end cpu', never), ...each('live nrFrags', asItIs), frags: inUse },
  ],
  [Page.prototype, { ...each('slot gen address writes cpu', never), live: asItIs }],
  [
    Loan.prototype,
    {
      ...each('slot gen id cpu', never),
      live: asItIs,
      ...each('refs completed producer op call contexts writeback censored', alive),
    },
  ],
]);

/** Is it a field that a candidate cannot write to, of an object with this prototype? */
export function isClosedField(prototype: object, name: string): boolean {
  return CLOSED.get(prototype)?.[name] !== undefined;
}

function written({ constructor }: object, name: string): never {
  throw new Broken(
    placeName(running.place),
    `it wrote to ${name} of a ${constructor.name}; it may write to loan, cb and destructor, and add a field with sideField()`,
    'seam',
  );
}

type Remake = (o: object) => object;

/**
 * Makes objects of a class anew, with the same fields in the same order: to change a field of one that is there would make it a
 * slow one. The code is written once for each class; what stands behind an accessor nobody else comes at.
 */
function remaking(prototype: object): Remake {
  const keys = Object.keys(new (prototype.constructor as new () => object)());
  const all = CLOSED.get(prototype) ?? {};
  const names = Object.keys(all);
  const behind = names.map((_, i) => `#f${i};`).join(' ');
  const accessors = names.map(
    (name, i) =>
      `get ${name}() { return reading.byCandidate ? shown[${i}](this.#f${i}, this, "${name}") : this.#f${i}; },
      set ${name}(v) { if (reading.byCandidate) written(this, "${name}"); this.#f${i} = v; },`,
  );
  const fields = keys.map((key) => {
    const i = names.indexOf(key);
    return i < 0 ? `o.${key} = from.${key};` : `o.#f${i} = from.${key}; define(o, ${i});`;
  });
  const text = `
    class Stamp { constructor(o) { return o; } }
    return class Behind extends Stamp {
      ${behind}
      static accessors = { ${accessors.join('\n')} };
      static remake(from) {
        const o = create(prototype);
        new Behind(o);
        ${fields.join('\n')}
        return o;
      }
    };`;
  const own: PropertyDescriptorMap[] = [];
  const define = (o: object, i: number): unknown => defineProperties(o, own[i]!);
  // oxlint-disable-next-line typescript/no-implied-eval
  const made = new Function('reading', 'shown', 'written', 'create', 'prototype', 'define', text)(
    reading,
    Object.values(all),
    written,
    create,
    prototype,
    define,
  ) as { readonly accessors: object; readonly remake: Remake };
  const described: PropertyDescriptorMap = getOwnPropertyDescriptors(made.accessors);
  for (const [name, accessor] of Object.entries(described)) {
    own.push({ [name]: { ...accessor, enumerable: true, configurable: false } });
    ours.add(Reflect.get(accessor, 'get') as object);
  }
  return made.remake;
}

/** Accessors that stand in objects of the machine by our doing. */
const ours = new WeakSet<object>();

/** Is it the field of an object whose value stands behind our accessor? */
export function isClosed(field: PropertyDescriptor): boolean {
  const get: unknown = Reflect.get(field, 'get');
  return typeof get === 'function' && ours.has(get) && field.configurable === false;
}

const remakes = new Map<object, Remake>();

function remade<T extends object>(o: T): T {
  const prototype = Object.getPrototypeOf(o) as object;
  let remake = remakes.get(prototype);
  if (remake === undefined) remakes.set(prototype, (remake = remaking(prototype)));
  const made = remake(o);
  closed.add(made);
  return made as T;
}

/** What `make` makes, closed; the halves of a pair know each other, and a shared info has its entries. */
const closing =
  (make: () => SlabObject): (() => SlabObject) =>
  () => {
    const o = remade(make());
    if (o instanceof SkBuff && o.pair !== null) {
      o.pair = remade(o.pair);
      o.pair.pair = o;
    } else if (o instanceof SkbSharedInfo) {
      const { frags } = o;
      for (let i = 0; i < frags.length; i++) frags[i] = remade(frags[i]!);
    }
    return o;
  };

/** What all machines share, and is there before any of them: in its place, as everybody has it. */
function closeInPlace(o: object): void {
  closed.add(o);
  for (const [name, first] of Object.entries(o) as [string, unknown][]) {
    let value = first;
    const get = (): unknown => value;
    const set = (v: unknown): void => {
      if (reading.byCandidate) written(o, name);
      value = v;
    };
    ours.add(get);
    defineProperties(o, { [name]: { get, set, enumerable: true, configurable: false } });
  }
}

for (const o of [...POISON_SHINFO.frags, POISON_SHINFO, POISON_PAGE]) closeInPlace(o);

/** Closes the objects of `k`, none of which is made yet. */
export function close({ skbs, fclones, shinfos, pages, loans }: Kernel): void {
  share(POISON_SHINFO.frags); // not before the language is locked down
  for (const slab of [skbs, fclones, shinfos, pages, loans] as { all: readonly unknown[] }[]) {
    if (slab.all.length > 0) throw new Error('a machine is closed before it has any object');
    Reflect.set(slab, 'make', closing(Reflect.get(slab, 'make') as () => SlabObject));
  }
}

/** Straight-line code for a class: the first field that has something else than the machine puts there; null: none. */
type Odd = (o: object) => string | null;

function oddIn(kind: new () => object): Odd {
  const all = Object.entries(new kind()).filter(
    ([name]) => CLOSED.get(kind.prototype as object)?.[name] === undefined,
  );
  const tests = all.map(([name, value]) => {
    const wrong =
      typeof value === 'object'
        ? `o.${name} !== null && !closed.has(o.${name})`
        : `typeof o.${name} !== '${typeof value}'`;
    return `if (${wrong}) return '${name}';`;
  });
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('closed', `return (o) => { ${tests.join('\n')} return null; };`)(
    closed,
  ) as Odd;
}

const ODD = {
  packet: oddIn(SkBuff),
  shinfo: oddIn(SkbSharedInfo),
  frag: oddIn(SkbFrag),
  page: oddIn(Page),
};

/** In each object of `k` that somebody has stands what the machine puts there, and no code of a candidate. Throws Broken. */
export function mustBeMachines({ skbs, fclones, shinfos, pages }: Kernel): void {
  for (const skb of skbs.all) if (skb.live) look(skb, ODD.packet);
  for (const skb of fclones.all) {
    if (skb.live) look(skb, ODD.packet);
    if (skb.pair!.live) look(skb.pair!, ODD.packet);
  }
  for (const shinfo of shinfos.all) {
    if (!shinfo.live) continue;
    look(shinfo, ODD.shinfo);
    const { frags, nrFrags } = shinfo;
    for (let i = 0; i < nrFrags && i < frags.length; i++) look(frags[i]!, ODD.frag);
  }
  for (const page of pages.all) if (page.live) look(page, ODD.page);
}

function look(o: object, odd: Odd): void {
  const name = odd(o);
  if (name === null) return;
  const value: unknown = Reflect.get(o, name);
  const what = value === null ? 'null' : typeof value === 'object' ? 'an object' : typeof value;
  broke(`it wrote ${what} to ${name} of a ${o.constructor.name}`, 'seam');
}

/** The socket behind a `ClosedSock`; undefined: it is none that we made. */
export let socketOf: (o: object) => Sock | undefined;

/** What a candidate that is searched has of a socket: what is state, and nothing that leads on. */
class ClosedSock {
  readonly #sk: Sock;

  constructor(sk: Sock) {
    this.#sk = sk;
    freeze(this);
  }

  get slot(): number {
    return this.#sk.slot;
  }
  get wmemAlloc(): number {
    return this.#sk.wmemAlloc;
  }
  get rmemAlloc(): number {
    return this.#sk.rmemAlloc;
  }
  get sndbuf(): number {
    return this.#sk.sndbuf;
  }
  get wmemQueued(): number {
    return this.#sk.wmemQueued;
  }
  get rcvbuf(): number {
    return this.#sk.rcvbuf;
  }
  get throttled(): boolean {
    return this.#sk.throttled;
  }
  get small(): boolean {
    return this.#sk.small;
  }
  get usesWriteQueue(): boolean {
    return this.#sk.usesWriteQueue;
  }
  get datagrams(): boolean {
    return this.#sk.datagrams;
  }

  static {
    socketOf = (o) => (#sk in o ? o.#sk : undefined);
  }
}
Object.defineProperty(ClosedSock, 'name', { value: Sock.name });

declareState(ClosedSock, { also: (sk, sink) => sink.value(socketOf(sk)) });

/** Whatever any kind of socket has besides: it is said that it is closed, where undefined would be taken for an answer. */
function closeAll(): void {
  const { prototype } = ClosedSock;
  for (const kind of Object.values(kernel) as unknown[]) {
    if (typeof kind !== 'function' || !(kind === Sock || kind.prototype instanceof Sock)) continue;
    const methods = Reflect.ownKeys(kind.prototype as object) as string[];
    for (const name of [...(declaredOf(kind)?.fields.keys() ?? []), ...methods]) {
      if (Object.hasOwn(prototype, name)) continue;
      const get = function (this: object): never {
        return never(null, this, name);
      };
      Object.defineProperty(prototype, name, { get });
    }
  }
  for (const one of [ClosedSock, prototype]) freeze(one);
}
closeAll();

const standIns = new WeakMap<Sock, ClosedSock>();

/** One for each socket: a candidate compares them. */
export function standIn(sk: Sock): ClosedSock {
  let one = standIns.get(sk);
  if (one === undefined) standIns.set(sk, (one = new ClosedSock(sk)));
  return one;
}
