// What a candidate is given to call, in its process: each call goes on the tape, with what it gave.
import {
  NoMemory,
  type Call,
  type Era,
  type Kernel,
  type Loan,
  type Page,
  type Services,
  type SideField,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
  type SlabObject,
} from '@lastref/kernel';
import { reading } from '../candidates/reading.ts';
import { numberOf, type ServiceName } from './calls.ts';
import { entryFor } from './closed.ts';
import type { Names } from './names.ts';
import { mustStaySmall } from './room.ts';
import { NOTHING, Word, type Sink } from './words.ts';

export class RecordedServices implements Services {
  readonly #k: Kernel;
  readonly #names: Names;
  readonly #tape: Sink;
  readonly #addField: () => SideField<SlabObject, unknown>;

  constructor(k: Kernel, names: Names, tape: Sink, addField: () => SideField<SlabObject, unknown>) {
    this.#k = k;
    this.#names = names;
    this.#tape = tape;
    this.#addField = addField;
  }

  get era(): Era {
    return this.#k.era;
  }

  /** A system call of a program. */
  call<T extends number | void>(name: Call, words: readonly number[], work: () => T): T {
    return this.#call(name, words, work, (said) => (typeof said === 'number' ? said : NOTHING));
  }

  #call<T>(
    service: ServiceName,
    words: readonly number[],
    work: () => T,
    gave: (said: T) => number,
  ): T {
    const tape = this.#tape;
    mustStaySmall(this.#k);
    tape.put(Word.SERVICE);
    tape.put(numberOf(service));
    for (const word of words) tape.put(word);
    const { args } = this.#names;
    try {
      const said = work();
      tape.put(Word.GAVE);
      tape.put(gave(said));
      return said;
    } catch (error) {
      if (error instanceof NoMemory) tape.put(Word.NO_MEMORY);
      throw error;
    } finally {
      this.#names.args = args;
    }
  }

  hold(loan: Loan): void {
    this.#call('hold', [this.#names.wordOfLoan(loan)], () => this.#k.hold(loan), nothing);
  }

  drop(loan: Loan): void {
    this.#call('drop', [this.#names.wordOfLoan(loan)], () => this.#k.drop(loan), nothing);
  }

  decAndTest(loan: Loan): boolean {
    return this.#call(
      'decAndTest',
      [this.#names.wordOfLoan(loan)],
      () => this.#k.decAndTest(loan),
      flag,
    );
  }

  looked(entries: number): void {
    this.#call('looked', [entries], () => this.#k.looked(entries), nothing);
  }

  allocated(): void {
    this.#call('allocated', [], () => this.#k.allocated(), nothing);
  }

  called(): void {
    this.#call('called', [], () => this.#k.called(), nothing);
  }

  complete(loan: Loan): void {
    this.#call('complete', [this.#names.wordOfLoan(loan)], () => this.#k.complete(loan), nothing);
  }

  sideField<O extends SlabObject, V>(): SideField<O, V> {
    const make = (): SideField<O, V> => this.#addField() as SideField<O, V>;
    return this.#call('sideField', [], make, nothing);
  }

  notify(producer: number, lo: number, hi: number, copied: boolean): void {
    const work = (): void => this.#k.notify(producer, lo, hi, copied);
    this.#call('notify', [producer, lo, hi, copied ? 1 : 0], work, nothing);
  }

  #ofPage<T>(
    service: ServiceName,
    page: Page,
    rest: readonly number[],
    work: () => T,
    gave: (said: T) => number,
  ): T {
    return this.#call(service, [this.#names.wordOfPage(page), ...rest], work, gave);
  }

  getPage(page: Page): void {
    this.#ofPage('getPage', page, [], () => this.#k.getPage(page), nothing);
  }

  putPage(page: Page): void {
    this.#ofPage('putPage', page, [], () => this.#k.putPage(page), nothing);
  }

  poolTake(page: Page): void {
    this.#ofPage('poolTake', page, [], () => this.#k.poolTake(page), nothing);
  }

  poolRef(page: Page): void {
    this.#ofPage('poolRef', page, [], () => this.#k.poolRef(page), nothing);
  }

  poolPut(page: Page): boolean {
    reading.told?.sees(); // whether somebody else has it is what it gives
    return this.#ofPage('poolPut', page, [], () => this.#k.poolPut(page), flag);
  }

  getData(shinfo: SkbSharedInfo): void {
    this.#call(
      'getData',
      [this.#names.wordOfShinfo(shinfo)],
      () => this.#k.getData(shinfo),
      nothing,
    );
  }

  csumPage(page: Page, pageOffset: number, size: number): number {
    const work = (): number => this.#k.csumPage(page, pageOffset, size);
    return this.#ofPage('csumPage', page, [pageOffset, size], work, (sum) => sum);
  }

  copyPage(page: Page, pageOffset: number, size: number): Page {
    const work = (): Page => this.#k.copyPage(page, pageOffset, size);
    return this.#ofPage('copyPage', page, [pageOffset, size], work, (copy) => {
      return this.#names.wordOfPage(copy);
    });
  }

  fillPageDesc(skb: SkBuff, page: Page, pageOffset: number, size: number): SkbFrag {
    const words = [this.#names.wordOfSkb(skb), this.#names.wordOfPage(page), pageOffset, size];
    const work = (): SkbFrag => entryFor(this.#k.fillPageDesc(skb, page, pageOffset, size));
    return this.#call('fillPageDesc', words, work, nothing);
  }

  unshare(skb: SkBuff): void {
    this.#call('unshare', [this.#names.wordOfSkb(skb)], () => this.#k.unshare(skb), nothing);
  }

  copyUbufs(skb: SkBuff): void {
    this.#call('copyUbufs', [this.#names.wordOfSkb(skb)], () => this.#k.copyUbufs(skb), nothing);
  }
}

const nothing = (): number => NOTHING;
const flag = (said: boolean): number => (said ? 1 : 0);
