// Tells a run while it is played: one line a step, with the references to the pages that matter.
import { IN_THE_WORD, Judge, ReaderList, type Finding } from '@lastref/judge';
import {
  CONTEXT_NAMES,
  NoProbe,
  type Call,
  type Event,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import type { ReplayDocument } from '@lastref/report';
import { Cell, digestOf, type CellInput } from '@lastref/search';
import type { Picker, Trace } from '@lastref/workloads';
import { threatOf } from '../threat.ts';
import { calledText, heardText } from '../story/program.ts';

/** Whoever picks, and says in words what. */
export interface TellingPicker extends Picker {
  /** The last step; null: none yet. */
  describe: string | null;
}

/** What one step did, in words. */
export interface Told {
  readonly n: number;
  readonly tick: number;
  readonly text: string;
  /** Numbers of the loans that it touched. */
  readonly touched: ReadonlySet<number>;
}

/** A machine whose every step is told. */
export class Telling {
  private readonly judge = new Judge();
  private readonly listener = new Listener(this.judge);
  private readonly cell: Cell;
  private readonly references: References;
  private found = 0;
  private readonly input: CellInput;

  constructor(input: CellInput, trace: Trace) {
    this.input = input;
    this.cell = new Cell(input, this.judge, this.listener);
    this.cell.prepare(trace);
    this.cell.k.onOperation = (name, skb) => this.listener.operation(name, skb);
    this.references = new References(this.cell.k, this.judge, this.listener);
  }

  /** Takes the picker's next step; null: it has none that applies. */
  step(picker: TellingPicker): Told | null {
    const { judge, listener } = this;
    const { k } = this.cell;
    picker.describe = null;
    if (!picker.step(k.agenda)) return null;
    const n = judge.step;
    judge.afterStep();
    const news = judge.everything.slice(this.found);
    this.found += news.length;
    const { changes, loans } = this.references.changes(new Set(news.map((f) => f.loan)));
    for (const f of news) loans.add(f.loan);
    for (const id of listener.touched) loans.add(id);
    listener.touched.clear();
    const parts = [picker.describe ?? '', ...listener.said, ...changes, ...news.map(saying)];
    listener.said = [];
    return {
      n,
      tick: k.agenda.now,
      text: parts.filter((p) => p !== '').join('; '),
      touched: loans,
    };
  }

  get kernel(): Kernel {
    return this.cell.k;
  }

  /** Of each loan that is not over: who could still read it, and its references. */
  readers(): { loan: number; text: string }[] {
    return this.references.now();
  }

  /** The digest of the state after the steps so far. */
  digest(): string {
    return digestOf(this.cell.k, this.judge.step - 1);
  }

  /** The run is over: what is found only now. */
  end(): Told[] {
    const { judge } = this;
    const { agenda } = this.cell.k;
    this.cell.over();
    return judge.everything.slice(this.found).map((f) => ({
      n: judge.step,
      tick: agenda.now,
      text: `the end; ${saying(f)}`,
      touched: new Set([f.loan]),
    }));
  }

  findings(): ReplayDocument['findings'] {
    return this.judge.everything.map(({ property, harm, where, count, step, tick, text }) => ({
      property,
      ...threatOf(property, this.input.workload, this.input.design),
      harm,
      where,
      count,
      step,
      tick,
      text,
    }));
  }

  /** Loan of the last finding, 0: none. */
  get loan(): number {
    const { findings, everything } = this.judge;
    return (findings.at(-1) ?? everything.at(-1))?.loan ?? 0;
  }
}

/** What is wrong is said loudly, what stands beside the word is said. */
function saying({ property, harm, text }: Finding): string {
  return IN_THE_WORD.includes(property)
    ? `** ${property.toUpperCase()} (${harm}): ${text}`
    : `${property}: ${text}`;
}

/** Remembers what was said in the step that is going on, and which pages each loan was lent with. */
class Listener extends NoProbe {
  said: string[] = [];
  /** Loans that may still have readers. */
  readonly pagesOf = new Map<Loan, Set<Page>>();
  /** Loans that the step going on has touched. */
  readonly touched = new Set<number>();
  private readonly judge: Judge;

  constructor(judge: Judge) {
    super();
    this.judge = judge;
  }

  override lent(loan: Loan, page: Page): void {
    const pages = this.pagesOf.get(loan);
    if (pages === undefined) this.pagesOf.set(loan, new Set([page]));
    else pages.add(page);
    this.#say(loan, `loan ${loan.id} is lent`);
  }

  override completed(loan: Loan): void {
    const again = loan.completed ? ' AGAIN' : '';
    this.#say(loan, `loan ${loan.id} COMPLETED${again} (${CONTEXT_NAMES[this.judge.context()]})`);
  }

  override reused(page: Page): void {
    for (const [loan, pages] of this.pagesOf) {
      if (pages.has(page)) this.#say(loan, `the pages of loan ${loan.id} are written anew`);
    }
  }

  override programHears(event: Event, given: readonly (number | boolean)[]): void {
    this.said.push(heardText(event, given));
  }

  override programCalls(call: Call, given: readonly number[], result: number | null): void {
    this.said.push(calledText(call, given, result));
  }

  /** An operation begins on a packet: names it for the loans whose pages the packet has. */
  operation(name: string, skb: SkBuff): void {
    for (const [loan, pages] of this.pagesOf)
      if (carries(skb, pages)) this.#say(loan, `${name} (loan ${loan.id})`);
  }

  #say(loan: Loan, text: string): void {
    this.touched.add(loan.id);
    if (!this.said.includes(text)) this.said.push(text);
  }
}

/** Does the packet, or one on its frag_list, have a fragment on one of these pages? */
export function carries({ shinfo }: SkBuff, pages: ReadonlySet<Page>): boolean {
  for (let i = 0; i < shinfo.nrFrags; i++) if (pages.has(shinfo.frags[i]!.page)) return true;
  for (let m = shinfo.fragList; m !== null; m = m.next) if (carries(m, pages)) return true;
  return false;
}

/** Where the pages of each loan can be read, and how many references they have; says what changed. */
class References {
  readonly #k: Kernel;
  readonly #listener: Listener;
  readonly #readers: ReaderList;
  readonly #last = new Map<Loan, string>();

  constructor(k: Kernel, judge: Judge, listener: Listener) {
    this.#k = k;
    this.#listener = listener;
    this.#readers = new ReaderList(judge.evidence.ranges);
  }

  /** `found`: loans that the step has a finding about, whose readers are named whether they changed or not. */
  changes(found: ReadonlySet<number>): { changes: string[]; loans: Set<number> } {
    this.#readers.look(this.#k);
    const changes: string[] = [];
    const loans = new Set<number>();
    for (const [loan, pages] of this.#listener.pagesOf) {
      const places = this.#readers.of(loan.id);
      const now = this.#text(loan, pages);
      const before = this.#last.get(loan);
      if (before !== now || found.has(loan.id)) {
        this.#last.set(loan, now);
        changes.push(`loan ${loan.id} readable from: ${now}`);
        loans.add(loan.id);
      }
      if (places.size === 0 && loan.completed) {
        this.#listener.pagesOf.delete(loan); // over: what happens to its pages now is another loan's story
        this.#last.delete(loan);
      }
    }
    return { changes, loans };
  }

  now(): { loan: number; text: string }[] {
    this.#readers.look(this.#k);
    return [...this.#listener.pagesOf].map(([loan, pages]) => ({
      loan: loan.id,
      text: this.#text(loan, pages),
    }));
  }

  /** Of the last look. */
  #text(loan: Loan, pages: ReadonlySet<Page>): string {
    const places = this.#readers.of(loan.id);
    const where = [...places].map(([w, n]) => `${w} ${n}`).join(', ') || 'nobody';
    let most = 0;
    for (const page of pages) most = Math.max(most, page.count);
    return `${where}; page refs ${most}${loan.refs > 0 ? `, loan refs ${loan.refs}` : ''}`;
  }
}
