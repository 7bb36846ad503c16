// Objects of a machine as words. Two machines that play the same run have the same objects in the same slots, so a slot
// names one on both; what is an argument of the hook that is asked is named by its place among those.
import {
  Loan,
  Page,
  SkBuff,
  SkbFrag,
  SkbSharedInfo,
  type Kernel,
  type SlabObject,
  type Sock,
} from '@lastref/kernel';
import { placeName, type ArgumentKind, Broken } from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';
import { NOTHING } from './words.ts';

/** Words below this name arguments: the first one is this. */
const FIRST_ARGUMENT = NOTHING - 1;

function none(kind: string): never {
  throw new Broken(
    placeName(running.place),
    `it gave a ${kind} that is none of this machine`,
    'alive',
  );
}

/** What the objects of machines are among. */
interface Machines {
  has(o: object): boolean;
}

export class Names {
  readonly #k: Kernel;
  /** Of the hook that is being asked. */
  args: readonly unknown[] = [];
  /** Sockets that hooks were given, or packets of which, by slot. */
  readonly #socks: (Sock | undefined)[] = [];
  /** All sockets that hooks were given, of whatever run. */
  readonly #given = new WeakSet<Sock>();
  readonly #machines: Machines | null;

  /** `machines`: nothing else is looked at; null: whatever has a name is. */
  constructor(k: Kernel, machines: Machines | null = null) {
    this.#k = k;
    this.#machines = machines;
  }

  sock(slot: number): Sock | undefined {
    return this.#socks[slot];
  }

  /** Was some hook given it, or a packet of it? One that the candidate made itself may hold anything. */
  isGiven(sk: Sock): boolean {
    return this.#given.has(sk);
  }

  skb(word: number): SkBuff | undefined {
    if (word <= FIRST_ARGUMENT) return this.#argument(word, SkBuff);
    const { skbs, fclones } = this.#k;
    if (word % 3 === 0) return skbs.all[word / 3];
    const orig = fclones.all[Math.floor(word / 3)];
    return word % 3 === 1 ? orig : (orig?.pair ?? undefined);
  }

  shinfo(word: number): SkbSharedInfo | undefined {
    return word <= FIRST_ARGUMENT ? this.#argument(word, SkbSharedInfo) : this.#k.shinfos.all[word];
  }

  page(word: number): Page | undefined {
    return word <= FIRST_ARGUMENT ? this.#argument(word, Page) : this.#k.pages.all[word];
  }

  loan(word: number): Loan | undefined {
    return word <= FIRST_ARGUMENT ? this.#argument(word, Loan) : this.#k.loans.all[word];
  }

  /** One that is an argument itself, or stands in the shared info called `owner`. */
  frag(owner: number, index: number): SkbFrag | undefined {
    return index === NOTHING ? this.#argument(owner, SkbFrag) : this.shinfo(owner)?.frags[index];
  }

  #argument<T>(word: number, kind: abstract new () => T): T | undefined {
    const o = this.args[FIRST_ARGUMENT - word];
    return o instanceof kind ? o : undefined;
  }

  /** The word for an argument that a hook has; NOTHING: it has not. */
  place(o: object): number {
    const at = this.args.indexOf(o);
    return at < 0 ? NOTHING : FIRST_ARGUMENT - at;
  }

  /**
   * Throws Broken for what a candidate made itself, whose fields may be code of its own: that would run where ours is held to
   * run, and whatever is closed to the candidate is open (closed.ts).
   */
  mustBeMachines(kind: string, o: object): void {
    if (this.#machines?.has(o) === false) none(kind);
  }

  /** Throws Broken if it is none of this machine. */
  wordOf(o: SlabObject): number {
    if (o instanceof SkBuff) return this.wordOfSkb(o);
    if (o instanceof SkbSharedInfo) return this.wordOfShinfo(o);
    return o instanceof Page ? this.wordOfPage(o) : this.wordOfLoan(o as Loan);
  }

  wordOfSkb(o: SkBuff): number {
    this.mustBeMachines('skb', o);
    return this.skb(o.slot) === o ? o.slot : this.argument('skb', o);
  }

  wordOfShinfo(o: SkbSharedInfo): number {
    this.mustBeMachines('shared info', o);
    return this.shinfo(o.slot) === o ? o.slot : this.argument('shared info', o);
  }

  wordOfPage(o: Page): number {
    this.mustBeMachines('page', o);
    return this.page(o.slot) === o ? o.slot : this.argument('page', o);
  }

  wordOfLoan(o: Loan): number {
    this.mustBeMachines('loan', o);
    return this.loan(o.slot) === o ? o.slot : this.argument('loan', o);
  }

  /** The word for something that nothing else has a name for. Throws Broken if it is no argument. */
  argument(kind: string, o: object): number {
    const word = this.place(o);
    return word === NOTHING ? none(kind) : word;
  }

  /** A hook's argument as a word that both machines say, if it is the same run. */
  said(kind: ArgumentKind, o: unknown): number {
    if (kind === 'number') return (o as number) | 0;
    if (kind === 'flag') return o === true ? 1 : 0;
    if (o === null || o === undefined) return NOTHING;
    if (kind === 'frag') {
      const { page, pageOffset, size } = o as SkbFrag;
      return (Math.imul(page.slot + 1, 0x9e3779b1) ^ (pageOffset << 16) ^ size) >>> 1;
    }
    this.give(kind, o);
    return (o as { readonly slot: number }).slot;
  }

  /** A hook is given `o`: a socket, or a packet that is on one. */
  give(kind: ArgumentKind, o: unknown): void {
    if (kind === 'sock') this.#give(o as Sock);
    else if (kind === 'skb' && o !== null) this.#give((o as SkBuff).sk);
  }

  #give(sk: Sock | null): void {
    if (sk === null || this.#socks[sk.slot] === sk) return;
    this.#socks[sk.slot] = sk;
    this.#given.add(sk);
  }
}
