// What the kernel offers, for a candidate: every argument is looked at before the machine sees it.
import {
  MSG_MORE,
  MSG_ZEROCOPY,
  NoMemory,
  PAGE_SIZE,
  POISON_PAGE,
  declareState,
  type Calls,
  type Era,
  type Loan,
  type Page,
  type Services,
  type SideField,
  type SkbFrag,
  type SkbSharedInfo,
  type SkBuff,
  type SlabObject,
} from '@lastref/kernel';
import { caught } from './caught.ts';
import { closed, reading } from './reading.ts';
import { Broken, placeName, placeOf } from './rules.ts';
import { running } from './running.ts';

/** The hook that puts something into a packet. */
const LEND = placeOf('lend');

function wrong(what: string): never {
  throw new Broken(placeName(running.place), what, 'alive');
}

/** Of a slab and in use. */
function alive(kind: string, call: string, object: SlabObject): void {
  if (typeof object !== 'object' || object === null || typeof object.slot !== 'number')
    wrong(`${call} was given ${object === null ? 'null' : typeof object} in place of a ${kind}`);
  if (!object.live) wrong(`${call} was given ${kind}#${object.slot}, which is freed`);
}

/** A design may ask for what was freed: there is nothing. */
function aStruct(call: string, object: SlabObject): void {
  if (typeof object !== 'object' || object === null)
    wrong(`${call} was given ${object === null ? 'null' : typeof object} in place of a struct`);
}

function aPage(call: string, page: Page): void {
  if (page === POISON_PAGE) wrong(`${call} was given the page of a frag that has none`);
  alive('page', call, page);
}

function bytesOf(call: string, pageOffset: number, size: number): void {
  const whole = isCount(pageOffset) && isCount(size);
  if (!whole || size <= 0 || pageOffset + size > PAGE_SIZE)
    wrong(`${call} was given ${size} bytes at offset ${pageOffset} of a page`);
}

/** Numbers of entries, producers, connections, buffers and requests, offsets and sizes: none is more than this. */
const NUMBER_MAX = 0x7fffffff;

/** Of what the machine goes through one by one, producers and the send calls of one notification, there are fewer. */
const FEW = 1 << 16;

/** As a tape can say it, and as it arrives, but for the sign of a 0: `+ 0` takes it away. */
function isCount(n: number): boolean {
  return Number.isInteger(n) && n >= 0 && n <= NUMBER_MAX;
}

/** As it was before any candidate was there (tape/compartment.ts). */
const { freeze } = Object;

/** What candidates were given to call. */
const handed = new WeakSet<object>();

/** Gives a candidate `o`, which stays as it is. */
export function hand<T extends object>(o: T): T {
  handed.add(o);
  return freeze(o);
}

/** What stands behind each field that was handed out: no candidate comes at it. */
const behind = new WeakMap<object, object>();

/** The field of the machine that `field` stands for; undefined: none. */
export function fieldBehind(field: object): object | undefined {
  return behind.get(field);
}

/** Is it such a thing that nobody gave to the candidate? It may hold anything. */
export function isForged(o: object): boolean {
  const one =
    o instanceof CheckedServices || o instanceof CheckedCalls || o instanceof CheckedField;
  return one && !handed.has(o);
}

/** A field that a candidate added to a struct: it has no hands on the lists that hold the values. */
export class CheckedField<O extends SlabObject, V> {
  readonly #inner: SideField<O, V>;

  constructor(inner: SideField<O, V>) {
    this.#inner = inner;
  }

  get(o: O): V | undefined {
    aStruct('get of a SideField', o);
    return this.#inner.get(o);
  }

  set(o: O, value: V | undefined): void {
    alive('struct', 'set of a SideField', o);
    this.#inner.set(o, value);
  }
}
declareState(CheckedField, {});

export class CheckedServices implements Services {
  readonly #k: Services;

  constructor(k: Services) {
    this.#k = k;
  }

  get era(): Era {
    return this.#k.era;
  }

  hold(loan: Loan): void {
    alive('loan', 'hold', loan);
    this.#k.hold(loan);
  }

  drop(loan: Loan): void {
    alive('loan', 'drop', loan);
    this.#k.drop(loan);
  }

  decAndTest(loan: Loan): boolean {
    alive('loan', 'decAndTest', loan);
    return this.#k.decAndTest(loan);
  }

  looked(entries: number): void {
    if (!isCount(entries)) wrong(`looked was given ${entries} entries`);
    this.#k.looked(entries + 0);
  }

  allocated(): void {
    this.#k.allocated();
  }

  called(): void {
    this.#k.called();
  }

  complete(loan: Loan): void {
    alive('loan', 'complete', loan);
    this.#k.complete(loan);
  }

  sideField<O extends SlabObject, V>(): SideField<O, V> {
    const inner = this.#k.sideField<O, V>();
    const field = hand(new CheckedField<O, V>(inner));
    behind.set(field, inner);
    return field as unknown as SideField<O, V>;
  }

  notify(producer: number, lo: number, hi: number, copied: boolean): void {
    if (!isCount(producer) || !isCount(lo) || !isCount(hi) || lo > hi)
      wrong(`notify was given the send calls ${lo} to ${hi} of producer ${producer}`);
    if (producer >= FEW) wrong(`notify was given producer ${producer}, and no machine has so many`);
    if (hi - lo >= FEW)
      wrong(`notify was given ${hi - lo + 1} send calls at once, and nobody makes so many`);
    if (typeof copied !== 'boolean')
      wrong(`notify was given ${typeof copied}, where it says whether they were copied`);
    this.#k.notify(producer + 0, lo + 0, hi + 0, copied);
  }

  getPage(page: Page): void {
    aPage('getPage', page);
    this.#k.getPage(page);
  }

  putPage(page: Page): void {
    aPage('putPage', page);
    this.#k.putPage(page);
  }

  poolTake(page: Page): void {
    aPage('poolTake', page);
    this.#k.poolTake(page);
  }

  poolRef(page: Page): void {
    aPage('poolRef', page);
    this.#k.poolRef(page);
  }

  poolPut(page: Page): boolean {
    aPage('poolPut', page);
    return this.#k.poolPut(page);
  }

  getData(shinfo: SkbSharedInfo): void {
    alive('shared info', 'getData', shinfo);
    this.#k.getData(shinfo);
  }

  csumPage(page: Page, pageOffset: number, size: number): number {
    aPage('csumPage', page);
    bytesOf('csumPage', pageOffset, size);
    return this.#k.csumPage(page, pageOffset + 0, size);
  }

  copyPage(page: Page, pageOffset: number, size: number): Page {
    aPage('copyPage', page);
    bytesOf('copyPage', pageOffset, size);
    return this.#k.copyPage(page, pageOffset + 0, size);
  }

  fillPageDesc(skb: SkBuff, page: Page, pageOffset: number, size: number): SkbFrag {
    if (running.place !== LEND)
      wrong('fillPageDesc was called where nothing is lent: what is sent is what was lent');
    alive('skb', 'fillPageDesc', skb);
    aPage('fillPageDesc', page);
    bytesOf('fillPageDesc', pageOffset, size);
    return this.#k.fillPageDesc(skb, page, pageOffset + 0, size);
  }

  unshare(skb: SkBuff): void {
    alive('skb', 'unshare', skb);
    this.#k.unshare(skb);
  }

  copyUbufs(skb: SkBuff): void {
    alive('skb', 'copyUbufs', skb);
    this.#k.copyUbufs(skb);
  }
}

function whole(call: string, what: string, n: number): void {
  if (!isCount(n))
    wrong(`${call} was given ${what} ${String(n)}, which is no whole number from 0 on`);
}

/** What the machine offers, for a candidate's program. */
export class CheckedCalls implements Calls {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  send(connection: number, buffer: number, offset: number, size: number, flags: number): number {
    whole('send', 'connection', connection);
    whole('send', 'buffer', buffer);
    whole('send', 'offset', offset);
    whole('send', 'size', size);
    if (!Number.isInteger(flags) || (flags & ~(MSG_ZEROCOPY | MSG_MORE)) !== 0)
      wrong(`send was given flags ${String(flags)}; there are MSG_ZEROCOPY and MSG_MORE`);
    return this.#calls.send(connection + 0, buffer + 0, offset + 0, size + 0, flags + 0);
  }

  sendZc(connection: number, buffer: number, offset: number, size: number, id: number): void {
    whole('sendZc', 'connection', connection);
    whole('sendZc', 'buffer', buffer);
    whole('sendZc', 'offset', offset);
    whole('sendZc', 'size', size);
    whole('sendZc', 'id', id);
    this.#calls.sendZc(connection + 0, buffer + 0, offset + 0, size + 0, id + 0);
  }

  cancel(id: number): number {
    whole('cancel', 'id', id);
    return this.#calls.cancel(id + 0);
  }

  release(buffer: number): void {
    whole('release', 'buffer', buffer);
    this.#calls.release(buffer + 0);
  }

  connect(): number {
    return this.#calls.connect();
  }

  shutdown(connection: number): void {
    whole('shutdown', 'connection', connection);
    this.#calls.shutdown(connection + 0);
  }

  close(connection: number): void {
    whole('close', 'connection', connection);
    this.#calls.close(connection + 0);
  }

  abort(connection: number): void {
    whole('abort', 'connection', connection);
    this.#calls.abort(connection + 0);
  }

  outq(connection: number): number {
    whole('outq', 'connection', connection);
    return this.#calls.outq(connection + 0);
  }
}

/** Of what a search closes nothing but the machine's own is looked at, which has no code of the candidate's in its fields. */
function mustBeClosed(call: string, given: readonly unknown[]): void {
  const all = call === 'set' ? given.slice(0, 1) : given; // what is set is the candidate's own
  for (const one of all) {
    if ((typeof one !== 'object' && typeof one !== 'function') || one === null || closed.has(one))
      continue;
    const error = new Broken(
      placeName(running.place),
      `${call} was given an object that is none of this machine`,
      'alive',
    );
    caught.ends(error, running.place);
    throw error;
  }
}

/**
 * That there is no memory is an answer, and a candidate may catch it. Whatever else a service throws ends the hook that called
 * it: a kernel does not go on behind its own BUG, nor a processor that waits for ever.
 */
function endsWhoCalls(services: object): void {
  const methods = Object.entries(Object.getOwnPropertyDescriptors(services));
  for (const [name, own] of methods) {
    const method: unknown = own.value;
    if (name === 'constructor' || !isMethod(method)) continue;
    const value = function (this: unknown, ...given: unknown[]): unknown {
      const before = reading.byCandidate;
      if (before) mustBeClosed(name, given);
      reading.byCandidate = false;
      try {
        return method.apply(this, given);
      } catch (error) {
        if (!(error instanceof NoMemory)) caught.ends(error, running.place);
        throw error;
      } finally {
        reading.byCandidate = before;
      }
    };
    Object.defineProperty(services, name, { value });
  }
}

function isMethod(of: unknown): of is (this: unknown, ...given: unknown[]) => unknown {
  return typeof of === 'function';
}

for (const kind of [CheckedServices, CheckedCalls, CheckedField]) endsWhoCalls(kind.prototype);
