// Plays a token and tells what happened, one line a step, with the references to the pages that matter.
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
import {
  TracePicker,
  WORKLOADS,
  traceLength,
  workloadCalled,
  type Workload,
} from '@lastref/workloads';
import { UsageError } from './errors.ts';
import {
  allDesigns,
  bundledCaptureByDigest,
  canaries,
  captureDigest,
  find,
  findEra,
  loadCapture,
  type CaptureSource,
  type DesignFile,
} from './registry.ts';
import { Cell, digestOf, type CellInput } from '@lastref/search';
import { moverWorkloads } from './matrix.ts';
import type { Token } from './token.ts';

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

export interface ReplayOptions {
  /** Steps to play at most. */
  readonly until: number | undefined;
  /** A capture file, for tokens of a capture that does not ship with the project. */
  readonly capture: string | undefined;
  readonly extra: readonly DesignFile[];
}

export interface Replay {
  readonly doc: ReplayDocument;
  /** Per step: the loans that it touched. */
  readonly touched: readonly ReadonlySet<number>[];
  /** Loan of the last finding, 0: none. */
  readonly loan: number;
  /** What was run. */
  readonly input: CellInput;
}

export async function replay(token: Token, options: ReplayOptions): Promise<Replay> {
  const designs = [...(await allDesigns()), ...(await canaries()), ...options.extra];
  const { design } = find('design', designs, (d) => d.design.id, token.design);
  const workload = workloadOf(token, options.capture);
  const judge = new Storyteller();
  const input = { design, workload, era: findEra(token.era), seed: token.seed };
  const cell = new Cell(input, judge);
  const { k } = cell;
  const picker = new TracePicker(token.trace);
  const limit = Math.min(options.until ?? Number.MAX_SAFE_INTEGER, traceLength(token.trace));
  const steps: ReplayDocument['steps'] = [];
  const touched: Set<number>[] = [];
  const references = new References(k, judge);
  let found = 0;
  for (let n = 1; n <= limit; n++) {
    picker.describe = null;
    if (!picker.step(k.agenda)) break;
    judge.afterStep();
    const news = judge.findings.slice(found);
    found += news.length;
    const { changes, loans } = references.changes();
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
    steps.push({ n, tick: k.agenda.now, text: parts.filter((p) => p !== '').join('; ') });
    touched.push(loans);
  }
  const played = judge.step - 1;
  const digest = digestOf(k, played);
  if (options.until === undefined) {
    judge.finish(k.agenda.earliest() < 0);
    for (const f of judge.findings.slice(found)) {
      steps.push({
        n: played + 1,
        tick: k.agenda.now,
        text: `the end; ** ${f.property.toUpperCase()} (${f.harm}): ${f.text}`,
      });
      touched.push(new Set([f.loan]));
    }
  }
  const findings = judge.findings.map(({ property, harm, where, count, step, tick, text }) => ({
    property,
    harm,
    where,
    count,
    step,
    tick,
    text,
  }));
  return {
    doc: {
      schema: 'lastref.replay/1',
      design: token.design,
      workload: token.workload,
      era: token.era,
      seed: token.seed,
      steps,
      findings,
      same: options.until !== undefined || digest.startsWith(token.check),
      digest,
    },
    touched,
    loan: judge.findings.at(-1)?.loan ?? 0,
    input,
  };
}

/** The workload that a token names. */
export function workloadOf(token: Token, capture: string | undefined): Workload {
  const match = /^capture-([0-9a-f]{8})-(\d{1,9})$/.exec(token.workload);
  if (match === null) {
    const found = workloadCalled(token.workload);
    return (
      found ?? find('workload', [...WORKLOADS, ...moverWorkloads()], (w) => w.id, token.workload)
    );
  }
  const [, digest, ticks] = match as unknown as [string, string, string];
  const file = capture ?? bundledCaptureByDigest(digest);
  if (file === undefined) {
    throw new UsageError(
      `this token needs the capture file with digest ${digest}; name it with --capture FILE`,
    );
  }
  const source: CaptureSource = { file, driverTicks: Number(ticks) };
  const workload = loadCapture(source);
  if (captureDigest(file) !== digest) {
    throw new UsageError(
      `${file} is not the capture of this token: its digest is ${captureDigest(file)}, not ${digest}`,
    );
  }
  return workload;
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
