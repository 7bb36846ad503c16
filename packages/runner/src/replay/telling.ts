// Tells a run while it is played: one line a step, with the references to the pages that matter.
import { Judge } from '@lastref/judge';
import {
  CONTEXT_NAMES,
  after,
  fragSeq,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import type { ReplayDocument } from '@lastref/report';
import { Cell, digestOf, type CellInput } from '@lastref/search';
import type { TracePicker } from '@lastref/workloads';

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
  private readonly judge = new Storyteller();
  private readonly cell: Cell;
  private readonly references: References;
  private found = 0;

  constructor(input: CellInput) {
    this.cell = new Cell(input, this.judge);
    this.references = new References(this.cell.k, this.judge);
  }

  /** Takes the picker's next step; null: it has none that applies. */
  step(picker: TracePicker): Told | null {
    const { judge } = this;
    const { k } = this.cell;
    picker.describe = null;
    if (!picker.step(k.agenda)) return null;
    const n = judge.step;
    judge.afterStep();
    const news = judge.findings.slice(this.found);
    this.found += news.length;
    const { changes, loans } = this.references.changes();
    for (const f of news) loans.add(f.loan);
    for (const id of judge.touched) loans.add(id);
    judge.touched.clear();
    const parts = [
      picker.describe ?? '',
      ...judge.said,
      ...changes,
      ...news.map((f) => `** ${f.property.toUpperCase()} (${f.harm}): ${f.text}`),
    ];
    judge.said = [];
    return {
      n,
      tick: k.agenda.now,
      text: parts.filter((p) => p !== '').join('; '),
      touched: loans,
    };
  }

  /** The digest of the state after the steps so far. */
  digest(): string {
    return digestOf(this.cell.k, this.judge.step - 1);
  }

  /** The run is over: what is found only now. */
  end(): Told[] {
    const { judge } = this;
    const { agenda } = this.cell.k;
    judge.finish(agenda.earliest() < 0);
    return judge.findings.slice(this.found).map((f) => ({
      n: judge.step,
      tick: agenda.now,
      text: `the end; ** ${f.property.toUpperCase()} (${f.harm}): ${f.text}`,
      touched: new Set([f.loan]),
    }));
  }

  findings(): ReplayDocument['findings'] {
    return this.judge.findings.map(({ property, harm, where, count, step, tick, text }) => ({
      property,
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
    return this.judge.findings.at(-1)?.loan ?? 0;
  }
}

/** A range that a producer lent: which page, and which bytes of which stream. */
interface Range {
  readonly loan: Loan;
  readonly flow: number;
  readonly seq: number;
  readonly size: number;
}

/** A judge that also remembers what was said in the step that is going on. */
class Storyteller extends Judge {
  said: string[] = [];
  readonly pagesOf = new Map<Loan, Set<Page>>();
  readonly rangesOn = new Map<Page, Range[]>();
  /** Loans that the step going on has touched. */
  readonly touched = new Set<number>();

  override lent(...args: Parameters<Judge['lent']>): void {
    const [loan, page, , size, flow, seq] = args;
    let pages = this.pagesOf.get(loan);
    if (pages === undefined) this.pagesOf.set(loan, (pages = new Set()));
    pages.add(page);
    const ranges = this.rangesOn.get(page);
    if (ranges === undefined) this.rangesOn.set(page, [{ loan, flow, seq, size }]);
    else ranges.push({ loan, flow, seq, size });
    this.#say(loan, `loan ${loan.id} is lent`);
    super.lent(...args);
  }

  override completed(loan: Loan): void {
    const again = loan.completed ? ' AGAIN' : '';
    this.#say(loan, `loan ${loan.id} COMPLETED${again} (${CONTEXT_NAMES[this.context()]})`);
    super.completed(loan);
  }

  override reused(page: Page): void {
    for (const { loan } of this.rangesOn.get(page) ?? []) {
      this.#say(loan, `the pages of loan ${loan.id} are written anew`);
    }
    super.reused(page);
  }

  #say(loan: Loan, text: string): void {
    this.touched.add(loan.id);
    if (!this.said.includes(text)) this.said.push(text);
  }

  /** Forgets a loan whose last bytes were acknowledged, read and let go. */
  forget(loan: Loan): void {
    for (const page of this.pagesOf.get(loan) ?? []) {
      const ranges = (this.rangesOn.get(page) ?? []).filter((r) => r.loan !== loan);
      this.rangesOn.set(page, ranges);
    }
    this.pagesOf.delete(loan);
  }
}

/** Where the pages of each loan can be read, and how many references they have; says what changed. */
class References implements HolderVisitor {
  readonly #k: Kernel;
  readonly #judge: Storyteller;
  readonly #last = new Map<Loan, string>();
  #places = new Map<Loan, Map<string, number>>();

  constructor(k: Kernel, judge: Storyteller) {
    this.#k = k;
    this.#judge = judge;
  }

  changes(): { changes: string[]; loans: Set<number> } {
    this.#places = new Map();
    for (const holder of this.#k.holders) holder.forEachReader(this);
    const changes: string[] = [];
    const loans = new Set<number>();
    for (const [loan, pages] of this.#judge.pagesOf) {
      const places = this.#places.get(loan);
      const where =
        places === undefined ? 'nobody' : [...places].map(([w, n]) => `${w} ${n}`).join(', ');
      let most = 0;
      for (const page of pages) most = Math.max(most, page.count);
      const now = `${where}; page refs ${most}${loan.refs > 0 ? `, loan refs ${loan.refs}` : ''}`;
      const before = this.#last.get(loan);
      if (before !== now) {
        this.#last.set(loan, now);
        changes.push(`loan ${loan.id} readable from: ${now}`);
        loans.add(loan.id);
      }
      if (places === undefined && loan.completed) {
        this.#judge.forget(loan); // over: what happens to its pages now is another loan's story
        this.#last.delete(loan);
      }
    }
    return { changes, loans };
  }

  skb(skb: SkBuff, where: string, from: number): void {
    let seq = fragSeq(skb);
    for (let i = 0; i < skb.shinfo.nrFrags; i++) {
      const frag = skb.shinfo.frags[i]!;
      const end = (seq + frag.size) | 0;
      if (after(end, from)) this.#reach(frag.page, skb.flow, seq, end, where);
      seq = end;
    }
    for (let m = skb.shinfo.fragList; m !== null; m = m.next) this.skb(m, where, from);
  }

  page(page: Page, _pageOffset: number, _size: number, where: string): void {
    this.#reach(page, 0, 0, 0, where);
  }

  /** Somebody can read `page` as stream bytes [seq, end) of `flow`; flow 0: of no known stream. */
  #reach(page: Page, flow: number, seq: number, end: number, where: string): void {
    for (const range of this.#judge.rangesOn.get(page) ?? []) {
      const there = after(end, range.seq) && after((range.seq + range.size) | 0, seq);
      if (flow !== 0 && (range.flow !== flow || !there)) continue;
      let places = this.#places.get(range.loan);
      if (places === undefined) this.#places.set(range.loan, (places = new Map<string, number>()));
      places.set(where, (places.get(where) ?? 0) + 1);
      return;
    }
  }
}
