// Operation × design. A cell is found by running the operation on lent pages and then releasing what is held in
// every order; nobody is asked what it hooks.
import {
  MOVERS,
  FaultVerb,
  UNCONVERTED,
  existsIn,
  type Design,
  type Era,
  type Mover,
  type MoverCase,
} from '@lastref/kernel';
import { moverWorkload, type MoverStage, type MoverWorkload } from '@lastref/workloads';
import type { Finding, Property } from '@lastref/judge';
import { Cell, type CellInput } from '@lastref/search';
import { tokenOf } from './token.ts';

export type CellVerdict = 'proven' | 'refuted' | 'copied' | 'n/a';

export interface MatrixCell {
  readonly verdict: CellVerdict;
  /** The gravest property refuted, and all of them. */
  readonly property: Property | null;
  readonly properties: readonly Property[];
  readonly harm: Finding['harm'] | null;
  readonly token: string | null;
  /** Orders of release that were run. */
  readonly runs: number;
  /** Whose letting go completed a loan in some order: who can stretch the hold. */
  readonly heldBy: readonly string[];
}

export interface MatrixRow {
  readonly mover: Mover;
  readonly cells: ReadonlyMap<string, MatrixCell>;
}

const GRAVITY: readonly Property[] = [
  'corrupt',
  'stray',
  'double',
  'lost',
  'early',
  'context',
  'unmarked',
  'dishonest',
];
const CASES: readonly MoverCase[] = ['shared', 'sole owner'];

/** Every operation, and last what code outside the tree does. */
export function matrixMovers(): readonly Mover[] {
  return [...MOVERS, UNCONVERTED];
}

/** Every operation in every situation, as workloads that a token can name. */
export function moverWorkloads(): MoverWorkload[] {
  return matrixMovers().flatMap((mover) =>
    CASES.map((situation) => moverWorkload(mover, situation)),
  );
}

/**
 * Runs one cell: both situations, every order of release; with `faults` also with every allocation of the
 * operation failing once.
 */
export function runMatrixCell(design: Design, mover: Mover, era: Era, faults: boolean): MatrixCell {
  const empty = { property: null, properties: [], harm: null, token: null, heldBy: [] };
  if (!existsIn(mover, era.id)) return { ...empty, verdict: 'n/a', runs: 0 };
  const found = new Map<string, { finding: Finding; token: string }>();
  const heldBy = new Set<string>();
  let runs = 0;
  let shared = false;
  for (const situation of CASES) {
    const input: CellInput = { design, workload: moverWorkload(mover, situation), era, seed: 1 };
    for (const order of ordersWithFaults(input, faults)) {
      runs++;
      if (!order.copied && order.fault === null) shared = true;
      for (const who of order.heldBy) heldBy.add(who);
      order.findings.forEach((finding) => {
        const key = `${finding.property}/${finding.harm}`;
        if ((found.get(key)?.finding.step ?? Number.MAX_SAFE_INTEGER) <= finding.step) return; // keep the shortest
        found.set(key, { finding, token: tokenOf(input, order.cell.recorder.upTo(finding.step)) });
      });
    }
  }
  const list = [...found.values()];
  if (list.length === 0) {
    return { ...empty, verdict: shared ? 'proven' : 'copied', runs, heldBy: [...heldBy].sort() };
  }
  const properties = GRAVITY.filter((p) => list.some((f) => f.finding.property === p));
  const worst = list.find((f) => f.finding.property === properties[0])!;
  return {
    verdict: 'refuted',
    property: worst.finding.property,
    properties,
    harm: worst.finding.harm,
    token: worst.token,
    runs,
    heldBy: [...heldBy].sort(),
  };
}

interface Order {
  readonly cell: Cell;
  readonly findings: readonly Finding[];
  readonly heldBy: readonly string[];
  readonly copied: boolean;
  readonly fault: Fault | null;
  /** Allocations that the operation asked for, and packets that it handed to drivers. */
  readonly allocations: number;
  readonly handed: number;
}

/** What goes wrong while the operation runs: the `n`-th of its allocations, or of its packets. */
interface Fault {
  readonly verb: FaultVerb;
  readonly n: number;
}

/**
 * Every order in which the holders let go. The least kind surroundings: a producer that was told writes before
 * the next one lets go, and after each release another packet of the same socket is sent and freed.
 */
function* orders(input: CellInput, fault: Fault | null): Generator<Order> {
  const choices: number[] = [];
  for (;;) {
    const widths: number[] = [];
    yield runOrder(input, fault, choices, widths);
    // The next order: count up, like an odometer whose wheels have the widths that were met.
    let i = widths.length - 1;
    while (i >= 0 && (choices[i] ?? 0) + 1 >= widths[i]!) i--;
    if (i < 0) return;
    choices.length = i + 1;
    choices[i] = (choices[i] ?? 0) + 1;
    for (let j = 0; j < i; j++) choices[j] ??= 0;
  }
}

/**
 * All orders without a failure, then, if asked for, with each allocation of the operation failing once, and each
 * packet that it hands to a driver meeting each failure of a device once.
 */
function* ordersWithFaults(input: CellInput, faults: boolean): Generator<Order> {
  let allocations = 0;
  let handed = 0;
  for (const order of orders(input, null)) {
    ({ allocations, handed } = order);
    yield order;
  }
  if (!faults) return;
  for (let n = 1; n <= allocations; n++) yield* orders(input, { verb: FaultVerb.ALLOCATION, n });
  for (let n = 1; n <= handed; n++) {
    for (const verb of [FaultVerb.DROP, FaultVerb.BUSY, FaultVerb.LINEARIZE])
      yield* orders(input, { verb, n });
  }
}

/** One order: at the n-th release the `choices[n]`-th of those possible, the first where none is given. */
function runOrder(
  input: CellInput,
  fault: Fault | null,
  choices: readonly number[],
  widths: number[],
): Order {
  const cell = new Cell(input);
  const stage = cell.scenario.participants[0] as MoverStage;
  const heldBy: string[] = [];
  cell.clock();
  if (fault !== null) cell.take(stage.faults.place, fault.verb, fault.n);
  cell.clock();
  const copied = leftCopies(cell, stage);
  let completions = 0;
  let who = '';
  const attribute = (): void => {
    const { done } = stage.progress();
    if (done > completions && who !== '') heldBy.push(who);
    completions = done;
  };
  for (;;) {
    const reuse = stage.reusePlace();
    if (reuse >= 0) {
      cell.take(reuse, 0, 0);
      continue;
    }
    const news = cell.k.newsPlace();
    if (news >= 0) {
      cell.take(news, 0, 0);
      attribute();
      continue;
    }
    const open = stage.releases();
    if (open.length === 0) break;
    const n = widths.push(open.length) - 1;
    const step = open[choices[n] ?? 0]!;
    who = step.who;
    cell.take(step.source.place, step.verb, step.source.item());
    cell.take(stage.armLater(), 0, 0); // the connection goes on
    attribute();
  }
  const { judgement } = cell.finish();
  const { allocations, handed } = stage;
  return { cell, findings: judgement.findings, heldBy, copied, fault, allocations, handed };
}

/**
 * Did the operation leave only private copies behind? Looks at what it produced (or, where it produced nothing,
 * at the packet that it changed), for pages that a producer lent.
 */
function leftCopies(cell: Cell, stage: MoverStage): boolean {
  const lent = new Set(cell.judge.lentPages());
  const products = stage.products();
  return products.found && !products.pages.some((page) => lent.has(page));
}
