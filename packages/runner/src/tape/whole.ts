// Everything that the objects have which hooks are given: names, statistics and moments too. Both processes play the same
// run, so it is the same in both, or the candidate wrote where no tape tells of it. A search would not see what is kept there:
// it tells states apart by what matters to the machine.
import {
  Loan,
  POISON_PAGE,
  POISON_SHINFO,
  Page,
  SkBuff,
  SkbFrag,
  SkbSharedInfo,
  type Kernel,
  type Sock,
} from '@lastref/kernel';
import { Broken } from '../candidates/rules.ts';
import { isClosed } from './closed.ts';
import { emptySum, mixed, mixedNumber, mixedOther, sumOfText } from './sums.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What there is a sum over, in its order. */
export const KINDS = ['packet', 'shared info', 'page', 'loan', 'socket'] as const;

const FIELDS = {
  packet: Object.keys(new SkBuff()),
  'shared info': Object.keys(new SkbSharedInfo()),
  page: Object.keys(new Page()),
  loan: Object.keys(new Loan()),
  frag: Object.keys(new SkbFrag()),
} as const;

/** Who takes a field away and puts it back has it stand behind the others. */
const ORDER = new Map<unknown, readonly string[]>(
  [SkBuff, SkbSharedInfo, Page, Loan, SkbFrag].map(
    (kind) => [kind, Object.keys(new kind())] as const,
  ),
);

export class Whole {
  /** By kind. */
  readonly sums = new Int32Array(KINDS.length);
  readonly #k: Kernel;
  readonly #socks = new Set<Sock>();
  #sum = 0;
  /** Looks so far: each looks closely at another object. */
  #looks = 0;

  constructor(k: Kernel) {
    this.#k = k;
  }

  take(): void {
    const { skbs, fclones, shinfos, pages, loans } = this.#k;
    const { sums } = this;
    this.#socks.clear();
    this.#sum = emptySum();
    for (const skb of skbs.all) this.#packet(skb);
    for (const skb of fclones.all) {
      this.#packet(skb);
      if (skb.pair !== null) this.#packet(skb.pair);
    }
    sums[0] = this.#sum;
    for (const shinfo of shinfos.all) {
      if (!shinfo.live) continue;
      this.#fields(shinfo, FIELDS['shared info']);
      for (const frag of shinfo.frags) this.#fields(frag, FIELDS.frag);
    }
    this.#fields(POISON_SHINFO, FIELDS['shared info']);
    for (const frag of POISON_SHINFO.frags) this.#fields(frag, FIELDS.frag);
    sums[1] = this.#sum;
    for (const page of pages.all) if (page.live) this.#fields(page, FIELDS.page);
    this.#fields(POISON_PAGE, FIELDS.page);
    sums[2] = this.#sum;
    for (const loan of loans.all) if (loan.live) this.#fields(loan, FIELDS.loan);
    sums[3] = this.#sum;
    for (const sk of this.#socks) this.#plain(sk);
    sums[4] = this.#sum;
  }

  #packet(skb: SkBuff): void {
    if (!skb.live) return;
    this.#fields(skb, FIELDS.packet);
    if (skb.sk !== null) this.#socks.add(skb.sk);
  }

  /** All of them, in their order: there are no others. */
  #fields(o: object, fields: readonly string[]): void {
    let n = 0;
    // oxlint-disable-next-line no-restricted-syntax
    for (const key in o) {
      if (key !== fields[n++]) this.#other(sumOfText(key));
      this.#value((o as Fields)[key]);
    }
    this.#mix(n);
  }

  /** Of a socket all that is no object. */
  #plain(o: object): void {
    for (const [key, v] of Object.entries(o)) {
      this.#other(sumOfText(key));
      this.#value(v);
    }
  }

  #value(v: unknown): void {
    if (typeof v === 'number') this.#sum = mixedNumber(this.#sum, v);
    else if (typeof v === 'boolean') this.#other(v ? -1 : -2);
    else if (typeof v !== 'object') this.#other(-3);
    else if (v === null) this.#other(-4);
    else {
      const { slot } = v as { readonly slot?: unknown };
      this.#other(typeof slot === 'number' ? slot + 16 : -5);
    }
  }

  #mix(word: number): void {
    this.#sum = mixed(this.#sum, word);
  }

  #other(word: number): void {
    this.#sum = mixedOther(this.#sum, word);
  }

  /**
   * What may be done with a field is no value of it, and nobody sets it back: one object in each look, all in turn.
   * Throws Broken. For the candidate's process.
   */
  lookClosely(): void {
    const { skbs, fclones, shinfos, pages, loans } = this.#k;
    const all = [loans.all, skbs.all, shinfos.all, fclones.all, pages.all] as const;
    let n = this.#looks++;
    for (const some of all) {
      if (n < some.length) return this.#mustBePlain(some[n]!);
      n -= some.length;
    }
    for (const sk of this.#socks) if (n-- === 0) return this.#mustBePlain(sk);
    this.#looks = 0;
  }

  #mustBePlain(o: object): void {
    const keys = Object.keys(o);
    const order = ORDER.get((Object.getPrototypeOf(o) as object).constructor) ?? keys;
    const sealed = Object.isSealed(o); // by `Rest`, or it says so
    if ((!Object.isExtensible(o) && !sealed) || keys.some((key, i) => key !== order[i]))
      throw changed('an object of the machine');
    for (const key of keys) {
      const field = Reflect.getOwnPropertyDescriptor(o, key)!;
      if (isClosed(field)) continue;
      const { writable, configurable } = field;
      if (writable !== true || configurable === sealed)
        throw changed(`the field ${key} of an object of the machine`);
    }
    if (o instanceof SkbSharedInfo) for (const frag of o.frags) this.#mustBePlain(frag);
  }
}

function changed(what: string): Broken {
  return new Broken('', `it changed what may be done with ${what}`, 'seam');
}
