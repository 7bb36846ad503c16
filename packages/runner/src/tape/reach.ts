// What did a hook write to the structs that it was given? They are looked at before it begins, around every service
// that it calls, and when it is over.
import type { SkBuff } from '@lastref/kernel';
import { Loan, type Page, type SkbFrag, type SkbSharedInfo } from '@lastref/kernel';
import { Broken, placeName } from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';
import { Field, type Spot } from './fields.ts';
import type { Names } from './names.ts';
import { NOTHING, Word, type Sink } from './words.ts';

/** To put an object on a tape would call its valueOf, which says there what the machine does not hear. Throws Broken. */
function aNumber(name: string, value: unknown): number {
  if (typeof value === 'number') return value;
  const what = `it wrote ${value === null ? 'null' : typeof value} to ${name}, where a number is wanted`;
  throw new Broken(placeName(running.place), what, 'seam');
}

const KIND = { page: 0, skb: 1, shinfo: 2, frag: 3 } as const;

/** What one hook that is being asked can write to. */
export class Reach {
  readonly #names: Names;
  readonly #tape: Sink;
  /** Pages that ever had the design's mark: it may take it off whenever it likes. */
  readonly #marked: Set<Page>;
  readonly #roots: { o: object; kind: number; deep: boolean }[] = [];
  #spots: Spot[] = [];
  #n = 0;

  constructor(names: Names, tape: Sink, marked: Set<Page>) {
    this.#names = names;
    this.#tape = tape;
    this.#marked = marked;
  }

  clear(): void {
    this.#roots.length = 0;
  }

  /** `deep`: with all that it holds. */
  add(kind: keyof typeof KIND, o: object | null | undefined, deep: boolean): void {
    if (o === null || o === undefined) return;
    for (const root of this.#roots) {
      if (root.o !== o) continue;
      root.deep ||= deep;
      return;
    }
    this.#roots.push({ o, kind: KIND[kind], deep });
  }

  /** Remembers all as it is now. */
  look(): void {
    this.#n = 0;
    for (const page of this.#marked) this.#page(page);
    for (const { o, kind, deep } of this.#roots) {
      if (kind === KIND.page) this.#page(o as Page);
      else if (kind === KIND.frag) this.#frag(o as SkbFrag, NOTHING, NOTHING);
      else if (kind === KIND.shinfo) this.#shinfo(o as SkbSharedInfo, deep);
      else this.#skb(o as SkBuff, deep);
    }
  }

  #spot(kind: Spot['kind'], o: object): Spot {
    let spot = this.#spots[this.#n++];
    if (spot === undefined) {
      spot = { kind, o, owner: 0, index: 0, loan: null, cb: null, a: 0, b: 0, c: 0 };
      this.#spots.push(spot);
    }
    spot.kind = kind;
    spot.o = o;
    return spot;
  }

  #page(page: Page): void {
    const spot = this.#spot('page', page);
    spot.loan = page.loan;
    spot.a = page.count;
  }

  #skb(skb: SkBuff, deep: boolean): void {
    const spot = this.#spot('skb', skb);
    spot.loan = skb.loan;
    spot.cb = skb.cb;
    spot.a = skb.destructor;
    spot.b = skb.ppRecycle;
    spot.c = skb.cloned;
    if (skb.shinfo.slot >= 0) this.#shinfo(skb.shinfo, deep);
  }

  #shinfo(shinfo: SkbSharedInfo, deep: boolean): void {
    const spot = this.#spot('shinfo', shinfo);
    spot.loan = shinfo.loan;
    spot.a = shinfo.managed ? 1 : 0;
    if (!deep) return;
    const { frags, nrFrags, slot } = shinfo;
    for (let i = 0; i < nrFrags; i++) this.#frag(frags[i]!, slot, i);
  }

  #frag(frag: SkbFrag, owner: number, index: number): void {
    const spot = this.#spot('frag', frag);
    spot.owner = owner;
    spot.index = index;
    spot.loan = frag.loan;
    if (frag.page.slot >= 0) this.#page(frag.page);
  }

  /** Puts on the tape what was written since the last look. */
  tell(): void {
    for (let i = 0; i < this.#n; i++) {
      const spot = this.#spots[i]!;
      if (spot.kind === 'frag') {
        const { loan } = spot.o as SkbFrag;
        if (loan !== spot.loan) this.#fragLoan(spot, loan);
      } else if (spot.kind === 'page') {
        const { loan, count } = spot.o as Page;
        if (loan !== spot.loan || count !== spot.a) this.#pageWritten(spot.o as Page, spot);
      } else if (spot.kind === 'shinfo') {
        const { loan, managed } = spot.o as SkbSharedInfo;
        if (loan !== spot.loan) this.#shinfoLoan(spot, loan);
        if (managed !== (spot.a === 1)) this.#shinfoManaged(spot, managed);
      } else {
        this.#skbWritten(spot.o as SkBuff, spot);
      }
    }
  }

  #fragLoan(spot: Spot, loan: unknown): void {
    const owner = spot.index === NOTHING ? this.#names.place(spot.o) : spot.owner;
    this.#put(Field.FRAG_LOAN, owner, spot.index, this.#loan(loan));
    spot.loan = loan;
  }

  #shinfoLoan(spot: Spot, loan: unknown): void {
    const shinfo = spot.o as SkbSharedInfo;
    this.#put(Field.SHINFO_LOAN, this.#names.wordOfShinfo(shinfo), 0, this.#loan(loan));
    spot.loan = loan;
  }

  #shinfoManaged(spot: Spot, managed: unknown): void {
    if (typeof managed !== 'boolean') return; // where all that it has is compared, it is another value
    const owner = this.#names.wordOfShinfo(spot.o as SkbSharedInfo);
    spot.a = managed ? 1 : 0;
    this.#put(Field.SHINFO_MANAGED, owner, 0, spot.a);
  }

  #pageWritten(page: Page, spot: Spot): void {
    const word = this.#names.wordOfPage(page);
    if (page.loan !== spot.loan) {
      this.#put(Field.PAGE_LOAN, word, 0, this.#loan(page.loan));
      this.#marked.add(page);
      spot.loan = page.loan;
    }
    if (page.count === spot.a) return;
    this.#put(Field.PAGE_COUNT, word, 0, aNumber('count', page.count));
    spot.a = page.count;
  }

  #skbWritten(skb: SkBuff, spot: Spot): void {
    const { loan, cb, destructor, ppRecycle, cloned } = skb;
    if (
      loan === spot.loan &&
      cb === spot.cb &&
      destructor === spot.a &&
      ppRecycle === spot.b &&
      cloned === spot.c
    )
      return;
    const word = this.#names.wordOfSkb(skb);
    if (loan !== spot.loan) this.#put(Field.SKB_LOAN, word, 0, this.#loan(loan));
    if (cb !== spot.cb) this.#put(Field.SKB_CB, word, 0, this.#loan(cb));
    if (destructor !== spot.a)
      this.#put(Field.SKB_DESTRUCTOR, word, 0, aNumber('destructor', destructor));
    if (ppRecycle !== spot.b)
      this.#put(Field.SKB_PP_RECYCLE, word, 0, aNumber('ppRecycle', ppRecycle));
    if (cloned !== spot.c) this.#put(Field.SKB_CLONED, word, 0, aNumber('cloned', cloned));
    spot.loan = loan;
    spot.cb = cb;
    spot.a = destructor;
    spot.b = ppRecycle;
    spot.c = cloned;
  }

  #loan(v: unknown): number {
    if (v === null) return NOTHING;
    if (v instanceof Loan) return this.#names.wordOfLoan(v);
    const what = 'it put something that is no loan where a struct has its slot';
    throw new Broken(placeName(running.place), what, 'seam');
  }

  #put(field: number, owner: number, index: number, value: number): void {
    this.#tape.put(Word.WRITE);
    this.#tape.put(field);
    this.#tape.put(owner);
    this.#tape.put(index);
    this.#tape.put(value);
  }
}
