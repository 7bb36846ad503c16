// Plays a trace and writes down, step by step, who can reach the bytes of one loan.
import { Judge } from '@lastref/judge';
import { type StoryFinding, type StorySide, type StoryStep, orderLanes } from '@lastref/report';
import { TracePicker, stepText, takeEarliest, type Trace } from '@lastref/workloads';
import { Cell, type CellInput } from '@lastref/search';
import { Witness } from './witness.ts';

/** Of a run of steps in which only counts change, so many are kept at either end. */
const CALM_ENDS = 1;
/** Steps taken by the clock after the trace, until the loan is over. */
const BEYOND_MAX = 20_000;

export interface Played {
  readonly findings: readonly { readonly loan: number; readonly step: number }[];
  /** Of the state at the end, as tokens carry its beginning. */
  readonly digest: string;
}

/** Plays a trace for its findings. */
export function play(input: CellInput, trace: Trace): Played {
  const judge = new Judge();
  const { digest } = new Cell(input, judge).play(trace);
  return { findings: judge.findings.map(({ loan, step }) => ({ loan, step })), digest };
}

/** A step with the lanes by name, as the run goes; lanes get their numbers at the end. */
type Row = Omit<StoryStep, 'marks' | 'holdings'> & {
  readonly marks: readonly { lane: string; mark: StoryStep['marks'][number]['mark'] }[];
  readonly holdings: readonly { lane: string; refs: number; copies: number; changed: boolean }[];
};

export interface Wanted {
  readonly loan: number;
  /** Steps of the trace to take at most. */
  readonly until: number;
  /** The clock goes on after the trace until the loan was completed and nobody has anything of it. */
  readonly beyond: boolean;
  /** Numbers of steps to keep, whatever they did. */
  readonly keep: readonly number[];
  /** Keep every step that touched the loan, also those in which only numbers changed. */
  readonly whole: boolean;
}

/** The story of a loan in the run that `trace` makes. */
export function recordSide(input: CellInput, trace: Trace, wanted: Wanted): StorySide {
  const { loan, until, beyond, keep, whole } = wanted;
  const judge = new Judge();
  const witness = new Witness(loan, judge);
  const cell = new Cell(input, judge, witness);
  cell.prepare(trace);
  const { agenda } = cell.k;
  const recorder = new Recorder(cell, witness, new Set(keep), whole);
  const picker = new TracePicker(trace);
  while (recorder.n < until && picker.step(agenda)) recorder.step(picker.describe ?? '');
  const played = recorder.n;
  for (let i = 0; beyond && i < BEYOND_MAX && !recorder.over(); i++) {
    const place = agenda.earliest();
    if (place < 0) break;
    const text = stepText(agenda, place, 0, agenda.sources[place]!.item());
    takeEarliest(agenda);
    recorder.step(text);
  }
  cell.over();
  recorder.end();
  return recorder.side(played);
}

class Recorder {
  n = 0;
  private readonly cell: Cell;
  private readonly witness: Witness;
  private readonly keep: ReadonlySet<number>;
  private readonly whole: boolean;
  private readonly holdings;
  private readonly rows: Row[] = [];
  /** The run of calm steps that is going on. */
  private calm: Row[] = [];
  private found = 0;
  /** What the last step left: all of it, and who has something at all. */
  private counts = '';
  private shape = '';
  /** Lanes whose reader has read changed bytes before. */
  private readonly fooled = new Set<string>();
  private readonly findings: StoryFinding[] = [];

  constructor(cell: Cell, witness: Witness, keep: ReadonlySet<number>, whole: boolean) {
    this.keep = keep;
    this.whole = whole;
    this.cell = cell;
    this.witness = witness;
    this.holdings = witness.survey(cell);
  }

  /** Everything about the loan is over: it was completed, and nobody has anything of it. */
  over(): boolean {
    return this.witness.loan?.completed === true && this.holdings.found.size === 0;
  }

  /** A step was taken: looks at what it left behind. */
  step(text: string): void {
    const { witness } = this;
    this.cell.judge.afterStep();
    this.n++;
    if (witness.ranges.length > 0) this.look(text);
    witness.next();
  }

  /** The run is over: what only shows then. */
  end(): void {
    if (this.cell.judge.findings.length > this.found) this.look('the end');
  }

  private look(text: string): void {
    const { witness, holdings } = this;
    // What nobody has cannot come back, unless it is lent again.
    if (holdings.found.size > 0 || witness.notes.length > 0) holdings.walk();
    const says = [...witness.says];
    const marks = [...witness.notes];
    for (const f of this.cell.judge.findings.slice(this.found)) {
      this.found++;
      if (f.loan !== witness.loanId) continue;
      const { property, harm, where, step, text: what } = f;
      this.findings.push({ property, harm, where, step, text: what });
      says.push(`${property} (${harm}): ${what}.`);
      marks.push({ lane: laneOf(where), mark: 'found' });
    }
    const rows = [...holdings.found].map(([lane, found]) => ({ lane, ...found }));
    const pageRefs = Math.max(0, ...witness.pages().map((p) => p.count));
    const loanRefs = Math.max(0, witness.loan?.refs ?? 0);
    const kept = this.keep.has(this.n);
    const counts = rows.map((r) => `${r.lane} ${r.refs} ${r.copies}`).join();
    if (`${counts} ${loanRefs}` === this.counts && marks.length === 0 && !kept) return;
    this.counts = `${counts} ${loanRefs}`;
    const shape = rows
      .map((r) => `${r.lane} ${r.refs > 0} ${r.copies > 0} ${r.changed}`)
      .sort()
      .join();
    const news = marks.filter(
      (m) => m.mark !== 'read' && (m.mark !== 'changed' || !this.fooled.has(m.lane)),
    );
    for (const { lane, mark } of news) if (mark === 'changed') this.fooled.add(lane);
    const calm = shape === this.shape && news.length === 0 && !kept;
    this.shape = shape;
    const { now: tick } = this.cell.k.agenda;
    const row = { n: this.n, tick, text, says, marks, holdings: rows, pageRefs, loanRefs, calm: 0 };
    if (calm && !this.whole) {
      this.calm.push(row);
    } else {
      this.keepCalm();
      this.rows.push(row);
    }
  }

  /** Keeps the ends of the run of calm steps, and how many were between. */
  private keepCalm(): void {
    const { calm } = this;
    this.calm = [];
    const between = calm.length - 2 * CALM_ENDS;
    if (between <= 1) {
      this.rows.push(...calm);
      return;
    }
    const tail = calm.slice(-CALM_ENDS);
    this.rows.push(...calm.slice(0, CALM_ENDS), { ...tail[0]!, calm: between }, ...tail.slice(1));
  }

  side(played: number): StorySide {
    this.keepCalm();
    const names = new Set(['producer']);
    for (const row of this.rows) {
      for (const { lane } of row.holdings) names.add(lane);
      for (const { lane } of row.marks) names.add(lane);
    }
    const lanes = orderLanes([...names]);
    const numbered = <T extends { lane: string }>(items: readonly T[]) =>
      items
        .map((item) => ({ ...item, lane: lanes.indexOf(item.lane) }))
        .sort((a, b) => a.lane - b.lane);
    return {
      design: this.cell.input.design.id,
      lanes,
      steps: this.rows.map((row) => ({
        ...row,
        marks: numbered(row.marks),
        holdings: numbered(row.holdings),
      })),
      findings: this.findings,
      played,
    };
  }
}

/** The lane of a finding: the holder that it names, or where its reader stands. */
function laneOf(where: string): string {
  if (where === 'nic') return 'tx ring';
  return where === 'free list' ? 'producer' : where;
}
