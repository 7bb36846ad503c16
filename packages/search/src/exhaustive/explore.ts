// Every order of the steps that the agenda allows, breadth first, each state once. A state is known by its
// fingerprint and reached again by playing its steps from the start: a list of steps is all that is kept of it.
import { IN_THE_WORD, type Finding, type Harm, type Property } from '@lastref/judge';
import { Link, POINTS, Spend, pointOf } from '@lastref/kernel';
import type { Prng, Trace } from '@lastref/workloads';
import type { Cell, CellInput } from '../cell.ts';
import { VisitedIndex } from '../visited.ts';
import { Audit, type Audited, type LeftOut, type Meeting } from './audit.ts';
import type { Bound } from './bound.ts';
import { choicesWithin, spendOf } from './choices.ts';
import { MachineFingerprint } from './machine-fingerprint.ts';
import { Row, comesIn, independent, isTeardown, rowOf, stillAsleep } from './sleep.ts';
import type { Moment } from './moment.ts';
import { Start } from './start.ts';

export interface Exploration {
  /**
   * exhausted: every state within the bound was visited; refuted: the shortest run that ends in a finding; not-a-proof:
   * nothing was found, but the search saw that it does not see everything, or not what the workload is named for.
   */
  readonly result: 'exhausted' | 'refuted' | 'bound-reached' | 'not-a-proof';
  /** Why it is no proof. */
  readonly reason: string | null;
  readonly finding: Finding | null;
  /** The shortest run to the finding. */
  readonly trace: Trace | null;
  /** Steps of that run from the moment just before the first page is lent. */
  readonly steps: number;
  readonly states: number;
  /** Steps that were executed, each from one state to another, new or known. */
  readonly executions: number;
  /** Steps of the longest run without a detour. */
  readonly depth: number;
  /** States in which nothing was left to do. */
  readonly ends: number;
  /** States behind which the bound hid something: a timer that may fire no more, a wire that is full. */
  readonly cut: number;
  /** Bytes of the tables. */
  readonly bytes: number;
  /** Properties that some run could have refuted. */
  readonly exercised: ReadonlySet<Property>;
  /** Samples that the search tried of what it took for granted. */
  readonly audited: number;
}

/** What a search believes in: others are for tests of whether it notices that they are wrong. */
export interface Beliefs {
  /** Two machines of one fingerprint have the same future. */
  readonly fingerprint: () => MachineFingerprint;
  /** Steps of these two classes commute. */
  readonly independent: (a: number, b: number) => boolean;
}

export interface ExploreOptions {
  readonly bound: Bound;
  /** Look for this property alone, past findings of others. */
  readonly property?: Property;
  /** And for this harm alone. */
  readonly harm?: Harm;
  /** Leave out orders that cannot matter. Default true. */
  readonly reduction?: boolean;
  /** Of these, leave out steps whose other order is explored (sleep sets). Default: as `reduction`. */
  readonly sleep?: boolean;
  readonly beliefs?: Partial<Beliefs>;
  /** Called now and then; true: stop. */
  readonly onProgress?: (states: number, waiting: number, depth: number) => boolean;
}

/** States between two reports of progress, and between two checks that no moment forgot anything. */
const REPORT = 256;
/** More points than any step has. */
const MANY_POINTS = 1 << 30;
/** States that wait with a moment of their own: others are reached by playing steps. */
const WAITING_MAX = 1 << 16;

interface Found {
  readonly finding: Finding;
  readonly steps: number;
  /** It shows only when the run is over. */
  readonly atEnd: boolean;
  /** The way there: a state, and the row of the choice taken in it. */
  readonly parent: number;
  readonly row: number;
}

/**
 * Explores `input.workload`, which should be a miniature. Throws what the model throws, and HiddenState or
 * UndeclaredState where a state could not be told from another.
 */
export function explore(of: CellInput, options: ExploreOptions): Exploration {
  const input: CellInput = options.bound.preemptions > 0 ? { ...of, processors: 2 } : of;
  const quick = new Explorer(options, new Start(input, options.reduction !== false, true));
  try {
    return quick.run();
  } catch (error) {
    if (!(error instanceof NotAsNew)) throw error;
    // Somebody keeps state where no moment has it: a new machine for every run, then. What that finds is true.
    const start = new Start(input, options.reduction !== false, false);
    const found = new Explorer(options, start).run();
    return found.result === 'refuted'
      ? found
      : { ...found, result: 'not-a-proof', reason: error.message };
  }
}

/** A machine that came back to a moment was not as one that got there from the beginning. */
class NotAsNew extends Error {
  constructor() {
    super(
      'a machine that was set back to its start is not as one that was never used: the design keeps state that no field of its own holds',
    );
  }
}

class Explorer implements Audited {
  /** Steps that were played, to come to a state and to leave it. */
  played = 0;
  private readonly options: ExploreOptions;
  private readonly sleep: boolean;
  private readonly start: Start;
  private readonly fingerprint: MachineFingerprint;
  /** Of machines that nobody used before. */
  private readonly unused: MachineFingerprint;
  private readonly independent: Beliefs['independent'];
  private readonly audit = new Audit();
  private readonly visited = new VisitedIndex(1 << 12);
  private readonly parent: number[] = [];
  /** Row of the parent's choice that leads here. */
  private readonly row: number[] = [];
  private readonly depth: number[] = [];
  private readonly choices: Int32Array[] = [];
  /** Choices that need not be taken here: their other order is explored elsewhere. */
  private readonly asleep: (readonly number[])[] = [];
  /** Choices that slept when their state was expanded, and woke since. */
  private readonly woken: { readonly state: number; readonly ids: readonly number[] }[] = [];
  /** Of states that wait, as long as there is room. */
  private readonly moments: (Moment | null)[] = [];
  /** The last way that was played, state by state from the start on. */
  private readonly way: { state: number; moment: Moment }[] = [];
  private kept = 0;
  private expanded = 0;
  private readonly exercised = new Set<Property>();
  private executions = 0;
  private ends = 0;
  private cut = 0;
  private stopped = false;
  /** Points that a step from the state that is expanded passes, at most. */
  private points = 0;
  /** What the workload is named for was done in some run. */
  private torn = false;

  constructor(options: ExploreOptions, start: Start) {
    this.options = options;
    this.sleep = options.sleep ?? options.reduction !== false;
    this.start = start;
    const print = options.beliefs?.fingerprint ?? (() => new MachineFingerprint());
    this.fingerprint = print();
    this.unused = print();
    this.independent = options.beliefs?.independent ?? independent;
  }

  run(): Exploration {
    const found = this.search();
    const { exercised, executions, ends, cut } = this;
    const states = this.parent.length;
    const reason =
      found === null && !this.stopped ? (this.neverTorn() ?? this.audit.run(this)) : null;
    return {
      result: this.resultOf(found, reason),
      reason,
      finding: found?.finding ?? null,
      trace: found === null ? null : this.traceOf(found),
      steps: found?.steps ?? 0,
      states,
      executions,
      depth: this.depth.at(-1) ?? 0,
      ends,
      cut,
      bytes: this.visited.bytes + this.choices.reduce((sum, c) => sum + 4 * c.length + 64, 0),
      exercised,
      audited: this.audit.tried,
    };
  }

  /** The workload is named for a step that no run took: why nothing is proven of it; or null. */
  private neverTorn(): string | null {
    if (this.torn) return null;
    const { sources } = this.start.machine().k.agenda;
    const own = sources.filter((s) => s.verbs.some((_, v) => spendOf(s, v, 0) === Spend.TEARDOWN));
    if (own.length === 0) return null;
    const what = own.map((s) => `'${s.name} ${s.verbs[0]!}'`).join(', ');
    const how = this.options.bound.teardowns === 0 ? ' (raise --teardowns)' : '';
    return `what the workload is named for never happened in this scope: ${what}${how}`;
  }

  private resultOf(found: Found | null, reason: string | null): Exploration['result'] {
    if (found !== null) return 'refuted';
    if (this.stopped) return 'bound-reached';
    return reason === null ? 'exhausted' : 'not-a-proof';
  }

  private search(): Found | null {
    const { bound, onProgress } = this.options;
    const first = this.arrive(this.start.machine(), -1, 0, 0, 0, []);
    if (first !== null) return first;
    for (let state = 0; state < this.parent.length; state++) {
      const waiting = this.parent.length - state;
      const depth = this.depth[state]!;
      const stop =
        state % REPORT === 0 && onProgress?.(this.parent.length, waiting, depth) === true;
      if (stop || this.parent.length > bound.states || depth >= bound.steps) {
        this.stopped = true;
        return null;
      }
      const found = this.expand(state) ?? this.wake();
      if (found !== null) return found;
    }
    return null;
  }

  private expand(state: number): Found | null {
    this.expanded = state + 1;
    const choices = this.choices[state]!;
    const asleep = this.asleep[state]!;
    const taken: number[] = [];
    // what would come in stands behind all else: by then it is known how many points there are to come in at
    this.points = asleep.length > 0 ? POINTS : 0;
    for (let row = 0; row < choices.length; row += Row.WORDS) {
      const id = choices[row + Row.ID]!;
      if (comesIn(choices[row + Row.CLASS]!) && pointOf(choices[row + Row.ITEM]!) >= this.points)
        continue;
      if (asleep.includes(id)) {
        this.audit.leaves(state, row);
        continue;
      }
      const sleeping = this.sleep ? [...asleep, ...taken] : [];
      const found = this.step(state, row, sleeping);
      if (found !== null) return found;
      taken.push(id);
    }
    if (this.moments[state] !== null) {
      this.moments[state] = null;
      this.kept--;
    }
    return null;
  }

  /** Takes what woke in states that were expanded already. */
  private wake(): Found | null {
    for (let w = this.woken.pop(); w !== undefined; w = this.woken.pop()) {
      for (const id of w.ids) {
        const row = rowOf(this.choices[w.state]!, id);
        const found = this.step(w.state, row, this.asleep[w.state]!);
        if (found !== null) return found;
      }
    }
    return null;
  }

  private step(state: number, row: number, sleeping: readonly number[]): Found | null {
    const cell = this.load(state);
    const choices = this.choices[state]!;
    const { agenda } = cell.k;
    const meets = agenda.coming !== null;
    const counts =
      !meets && this.options.bound.preemptions > 0 && !comesIn(choices[row + Row.CLASS]!);
    if (counts) cell.k.countdown = MANY_POINTS;
    if (!this.take(cell, choices, row)) return null;
    this.executions++;
    if (counts) {
      this.points = Math.max(this.points, MANY_POINTS - cell.k.countdown);
      cell.k.countdown = 0;
    }
    if (meets && !agenda.cameIn) return null; // the step has no such point: it is the one without anybody coming in
    if (isTeardown(choices[row + Row.CLASS]!)) this.torn = true;
    const asleep = stillAsleep(choices, sleeping, choices[row + Row.CLASS]!, this.independent);
    return this.arrive(cell, state, row, choices[row + Row.SPENT]!, this.depth[state]! + 1, asleep);
  }

  /** The machine in use, in `state`. */
  private load(state: number): Cell {
    const moment = this.moments[state];
    if (moment !== null && moment !== undefined) return this.start.machineAt(moment);
    const { way } = this;
    const missing: number[] = [];
    let at = state;
    while (at >= 0 && this.moments[at] === null && way[this.depth[at]!]?.state !== at) {
      missing.push(at);
      at = this.parent[at]!;
    }
    const from = at < 0 ? null : (this.moments[at] ?? way[this.depth[at]!]!.moment);
    const cell = from === null ? this.start.machine() : this.start.machineAt(from);
    for (let i = missing.length - 1; i >= 0; i--) {
      const s = missing[i]!;
      const before = this.parent[s]!;
      if (before >= 0) this.take(cell, this.choices[before]!, this.row[s]!);
      const now = this.start.moment();
      if (now !== null) way[this.depth[s]!] = { state: s, moment: now };
    }
    return cell;
  }

  /** Plays the steps that lead to `state` on a machine at the start. */
  private restore(state: number, cell: Cell): Cell {
    const path: number[] = [];
    for (let s = state; s > 0; s = this.parent[s]!) path.push(s);
    for (let i = path.length - 1; i >= 0; i--) {
      const s = path[i]!;
      this.take(cell, this.choices[this.parent[s]!]!, this.row[s]!);
    }
    return cell;
  }

  private take(cell: Cell, choices: Int32Array, row: number): boolean {
    const place = choices[row + Row.PLACE]!;
    this.played++;
    if (!cell.take(place, choices[row + Row.VERB]!, choices[row + Row.ITEM]!)) return false;
    this.start.settle(cell);
    return true;
  }

  /** The machine is in a state: is it a finding, a new one, or known? */
  private arrive(
    cell: Cell,
    parent: number,
    row: number,
    spent: number,
    depth: number,
    asleep: readonly number[],
  ): Found | null {
    const found = this.foundIn(cell, depth);
    if (found !== null) return { ...found, parent, row };
    if (tooManyInFlight(cell, this.options.bound.flight)) {
      this.cut++;
      return null;
    }
    const { fingerprint, visited } = this;
    fingerprint.of(cell, spent);
    const known = visited.size;
    const state = visited.add(fingerprint.hi, fingerprint.lo);
    if (state < known) {
      this.audit.met(state, parent, row);
      this.meetAgain(state, asleep);
      return null;
    }
    this.parent.push(parent);
    this.row.push(row);
    this.depth.push(depth);
    this.asleep.push(asleep);
    const { choices, timerCut } = choicesWithin(this.options.bound, cell.k.agenda, spent);
    this.choices.push(choices);
    this.moments.push(this.kept < WAITING_MAX ? this.start.moment() : null);
    if (this.moments[state] !== null) this.kept++;
    if (state % REPORT === 1) this.compareWithNew(state, spent);
    if (timerCut) this.cut++;
    if (choices.length > 0 || timerCut) return null;
    const last = this.end(cell, depth);
    return last === null ? null : { ...last, parent, row, atEnd: true };
  }

  /** Here by another way: what does not sleep on both ways is awake. */
  private meetAgain(state: number, asleep: readonly number[]): void {
    const before = this.asleep[state]!;
    if (before.length === 0) return;
    const both = before.filter((id) => asleep.includes(id));
    if (both.length === before.length) return;
    this.asleep[state] = both;
    const ids = before.filter((id) => !both.includes(id));
    if (state < this.expanded) this.woken.push({ state, ids });
  }

  /** Throws NotAsNew if a machine that was never used before is not the same in `state`. */
  private compareWithNew(state: number, spent: number): void {
    const { lo, hi } = this.fingerprint;
    const { unused } = this;
    unused.of(this.restore(state, this.start.newMachine()), spent);
    unused.forget();
    if (unused.lo !== lo || unused.hi !== hi) throw new NotAsNew();
  }

  play({ known, parent, row }: Meeting, second: boolean, prng: Prng, steps: number): string[] {
    const cell = this.restore(second ? parent : known, this.start.machine());
    if (second) this.take(cell, this.choices[parent]!, row);
    let spent = this.choices[parent]![row + Row.SPENT]!;
    const seen = [this.lookOf(cell, spent, true)];
    for (let n = 1; n <= steps; n++) {
      const { choices } = choicesWithin(this.options.bound, cell.k.agenda, spent);
      if (choices.length === 0) {
        seen.push(this.endOf(cell));
        break;
      }
      const at = Row.WORDS * prng.below(choices.length / Row.WORDS);
      spent = choices[at + Row.SPENT]!;
      const place = choices[at + Row.PLACE]!;
      const source = cell.k.agenda.sources[place]!;
      this.take(cell, choices, at);
      const look = this.lookOf(cell, spent, n === 1 || n === steps);
      seen.push(`'${source.name} ${source.verbs[choices[at + Row.VERB]!]!}' leads to ${look}`);
    }
    return seen;
  }

  /** What can be told of a machine without looking at names. */
  private lookOf(cell: Cell, spent: number, closely: boolean): string {
    const findings = cell.judge.findings
      .filter((f) => this.asked(f))
      .map((f) => `${f.property} (${f.harm}, ${f.where})`);
    const { choices } = choicesWithin(this.options.bound, cell.k.agenda, spent);
    const possible: number[] = [];
    for (let at = 0; at < choices.length; at += Row.WORDS)
      possible.push(choices[at + Row.ID]!, choices[at + Row.SPENT]!);
    const found = findings.length === 0 ? '' : ` with ${findings.join(', ')}`;
    if (closely) this.fingerprint.of(cell, spent);
    const print = closely
      ? `state ${word(this.fingerprint.hi)}${word(this.fingerprint.lo)}`
      : 'a state';
    return `${print}${found} and ${possible.length / 2} possible steps (${possible.join(' ')})`;
  }

  /** Is it what is searched for? Of a search past findings of others, those are history and not state. */
  private asked(finding: Finding): boolean {
    const { property = finding.property, harm = finding.harm } = this.options;
    return property === finding.property && harm === finding.harm;
  }

  /** What is true where nothing is left to do. */
  private endOf(cell: Cell): string {
    const { verdicts } = cell.over();
    if (this.options.property === undefined)
      return IN_THE_WORD.map((p) => `${p} ${verdicts[p]}`).join(', ');
    return cell.judge.everything.some((f) => this.asked(f)) ? 'refuted' : 'not refuted';
  }

  tryLeftOut({ state, row }: LeftOut): string | null {
    const cell = this.restore(state, this.start.machine());
    const choices = this.choices[state]!;
    if (!this.take(cell, choices, row) || tooManyInFlight(cell, this.options.bound.flight))
      return null;
    this.fingerprint.of(cell, choices[row + Row.SPENT]!);
    const missed = this.foundIn(cell, 0) !== null;
    if (!missed && this.visited.has(this.fingerprint.hi, this.fingerprint.lo)) return null;
    const source = cell.k.agenda.sources[choices[row + Row.PLACE]!]!;
    return `'${source.name} ${source.verbs[choices[row + Row.VERB]!]!}' was left out as an order that cannot matter, and leads to ${missed ? 'a finding' : 'a state that was never visited'}`;
  }

  /** Nothing is left to do: whoever was not told by now never is. */
  private end(cell: Cell, depth: number): Found | null {
    this.ends++;
    const { verdicts } = cell.over();
    for (const [property, verdict] of Object.entries(verdicts)) {
      if (verdict !== 'not-exercised') this.exercised.add(property as Property);
    }
    return this.foundIn(cell, depth);
  }

  /** The run to `found`, on a machine that nobody used before. */
  private traceOf({ finding, parent, row, atEnd }: Found): Trace {
    const cell = this.restore(parent, this.start.newMachine());
    if (parent >= 0) this.take(cell, this.choices[parent]!, row);
    if (atEnd) cell.over();
    const { property, harm, where, step } = finding;
    const again = cell.judge.everything.find(
      (f) => f.property === property && f.harm === harm && f.where === where && f.step === step,
    );
    if (again === undefined) throw new NotAsNew();
    return cell.recorder.upTo(step);
  }

  private foundIn(cell: Cell, steps: number): Found | null {
    const { judge } = cell;
    const all = this.options.property === undefined ? judge.findings : judge.everything;
    const finding = all.find((f) => this.asked(f));
    if (finding === undefined) return null;
    return { finding, steps, atEnd: false, parent: -1, row: 0 };
  }
}

function word(v: number): string {
  return (v >>> 0).toString(16).padStart(8, '0');
}

function tooManyInFlight(cell: Cell, limit: number): boolean {
  return cell.k.agenda.sources.some((source) => source instanceof Link && source.inFlight > limit);
}
