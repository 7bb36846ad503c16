// What a candidate reads of the machine's objects is state, and it writes what is a design's own to write. Names, addresses,
// statistics, moments, what an earlier life left behind, and whatever lies behind a socket are no state: a search takes
// machines that differ in these alone for one, so answers that depend on them would make it call a wrong design right. And
// what is written has to be on the tape, or nobody knows of it. Here every field is an accessor, in the machine of a candidate: our
// own code goes through it, and a candidate that reads what is closed, or writes what is not its own, is stopped.
import {
  Loan,
  MAX_SKB_FRAGS,
  POISON_PAGE,
  POISON_SHINFO,
  Page,
  SkBuff,
  SkbFrag,
  SkbSharedInfo,
  type Kernel,
  type SlabObject,
  type Sock,
} from '@lastref/kernel';
import { closed, quietly, reading } from '../candidates/reading.ts';
import { Broken, placeName } from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';
import { share } from '../candidates/shared.ts';
import { whenLeft } from '../memory.ts';
import {
  closeInPlace,
  freezeAccessors,
  remaking,
  type Access,
  type Remake,
  type Shown,
} from './accessors.ts';
import { standIn } from './closed-sock.ts';
import { knowPlaces, viewOf, viewsOf } from './entries.ts';
import { OWN } from './fields.ts';
import { noState } from './no-state.ts';

/** As they were before any candidate was there (compartment.ts). */
const { create, freeze, setPrototypeOf } = Object;

function broke(what: string, rule: 'alive' | 'seam'): never {
  throw new Broken(placeName(running.place), what, rule);
}

const never: Shown = (_, o, name) => noState(o, name);

/** What stands in an object that nobody has is what its last life left there. */
function alive(value: unknown, o: object, name: string): unknown {
  const { live, constructor } = o as SlabObject;
  if (!live) broke(`it read ${name} of a ${constructor.name} that was freed`, 'alive');
  return value;
}

/** The other half of a pair, as long as somebody has it. */
function half(value: unknown, o: object, name: string): unknown {
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
freezeAccessors(BEHIND_THE_LAST);
freeze(BEHIND_THE_LAST);

/** The entries that are in use. */
function inUse(frags: unknown, o: object): readonly SkbFrag[] {
  const some = quietly(() => (frags as SkbFrag[]).slice(0, (o as SkbSharedInfo).nrFrags));
  for (let i = 0; i < some.length; i++) some[i] = entryFor(some[i]!);
  setPrototypeOf(some, BEHIND_THE_LAST);
  return freeze(some);
}

function socket(sk: unknown): unknown {
  return sk === null ? null : standIn(sk as Sock);
}

/** To be read, but it is said: what waits to be read or sent shows there. */
const seen: Shown = (value) => {
  reading.told?.sees();
  return value;
};

const each = (names: string, shown: Shown): Record<string, Shown> =>
  Object.fromEntries(names.split(' ').map((name) => [name, shown]));

/** By class: the fields that a candidate does not read as they stand. */
const SHOWN: ReadonlyMap<object, Readonly<Record<string, Shown>>> = new Map<
  object,
  Readonly<Record<string, Shown>>
>([
  [
    SkBuff.prototype,
    {
      ...each('slot gen prev data tail when isSpent', never),
      ...each('next users fcloneRef', seen),
      sk: socket,
      pair: half,
    },
  ],
  [
    SkbSharedInfo.prototype,
    { ...each('slot gen head end cpu', never), dataref: seen, frags: inUse },
  ],
  [
    Page.prototype,
    { ...each('slot gen address writes cpu', never), ...each('count ppRefs', seen) },
  ],
  [
    Loan.prototype,
    {
      ...each('slot gen id cpu', never),
      ...each('refs completed producer op call contexts writeback censored', alive),
    },
  ],
  [SkbFrag.prototype, {}],
]);

const KINDS = {
  skb: SkBuff.prototype,
  shinfo: SkbSharedInfo.prototype,
  page: Page.prototype,
  frag: SkbFrag.prototype,
} as const;

/** The number of the field, if it is a design's own to write; -1: it is not. */
function ownField(prototype: object, name: string): number {
  return OWN.findIndex(([of, own]) => KINDS[of] === prototype && own === name);
}

function notItsOwn({ constructor }: object, name: string): never {
  broke(
    `it wrote to ${name} of a ${constructor.name}; it may write to loan, cb and destructor, and add a field with sideField()`,
    'seam',
  );
}

/** How a candidate comes at a field. */
function accessTo(prototype: object, name: string): Access {
  const shown = SHOWN.get(prototype)![name] ?? null;
  const field = ownField(prototype, name);
  const writes: Access['writes'] = (value, o, was) => {
    const { told } = reading;
    if (field < 0 || told === null) return notItsOwn(o, name);
    if (!Object.is(value, was)) told.wrote(field, o, value);
  };
  return { name, shown, writes };
}

/** How the objects of a class are made anew. */
interface Kind extends Remake {
  /** Of machines that are over: to make one takes longer than all that a run does with it. */
  readonly free: object[];
  /** What stands behind these: else they would hold their machines. */
  readonly nothing: object;
}

/** Of a class: a run may have thousands of packets. */
const FREE_MAX = 1 << 14;

const kinds = new Map<object, Kind>();

function kindOf(o: object): Kind {
  const prototype = Object.getPrototypeOf(o) as object;
  let kind = kinds.get(prototype);
  if (kind === undefined) {
    const fields = Object.keys(o).map((name) => accessTo(prototype, name));
    const nothing = new (prototype.constructor as new () => object)();
    kinds.set(prototype, (kind = { ...remaking(prototype, fields), free: [], nothing }));
  }
  return kind;
}

function remade<T extends object>(o: T): T {
  const kind = kindOf(o);
  const used = kind.free.pop();
  if (used === undefined) return kind.remake(o) as T;
  kind.again(used, o);
  return used as T;
}

/** Its machine is over, and nobody asks it anything more: the next one may have it. */
function free(o: object): void {
  const { free, again, nothing } = kindOf(o);
  if (free.length === FREE_MAX) return;
  again(o, nothing);
  free.push(o);
}

/** Closes an object that no machine of a candidate made: one that all share, or an entry that stands in no shared info. */
export function closeOne(o: object): void {
  if (closed.has(o)) return;
  const prototype = Object.getPrototypeOf(o) as object;
  closeInPlace(o, (name) => accessTo(prototype, name));
}

/** What a candidate is given for an entry. */
export function entryFor(frag: SkbFrag): SkbFrag {
  const view = viewOf(frag, remade);
  if (view === undefined) closeOne(frag);
  return view ?? frag;
}

/** What `make` makes, closed; the halves of a pair know each other. */
const closing =
  (make: () => SlabObject): (() => SlabObject) =>
  () => {
    const o = remade(make());
    if (o instanceof SkBuff && o.pair !== null) {
      o.pair = remade(o.pair);
      o.pair.pair = o;
    } else if (o instanceof SkbSharedInfo) knowPlaces(o);
    return o;
  };

/** Closes what all machines share. Not before the language is locked down. */
export function closeShared(): void {
  for (const o of [...POISON_SHINFO.frags, POISON_SHINFO, POISON_PAGE]) closeOne(o);
  for (const what of [POISON_SHINFO.frags, ...SHOWN.keys()]) share(what);
}

/** All slabs of `k`. */
function slabsOf(k: Kernel): readonly { readonly all: readonly SlabObject[] }[] {
  return [k.skbs, k.fclones, k.shinfos, k.pages, k.loans];
}

/** Closes the objects of `k`, none of which is made yet. */
export function close(k: Kernel): void {
  closeShared();
  for (const slab of slabsOf(k)) {
    if (slab.all.length > 0) throw new Error('a machine is closed before it has any object');
    Reflect.set(slab, 'make', closing(Reflect.get(slab, 'make') as () => SlabObject));
  }
  whenLeft(k, () => freeAll(k));
}

function freeAll(k: Kernel): void {
  for (const { all } of slabsOf(k)) {
    for (const o of all) {
      if (o instanceof SkBuff && o.pair !== null) free(o.pair);
      else if (o instanceof SkbSharedInfo) for (const view of viewsOf(o)) free(view);
      free(o);
    }
  }
}
