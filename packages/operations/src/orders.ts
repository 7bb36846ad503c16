// Every order in which those who hold something on the operations' stage let go.
import { FaultVerb, PAGE_SIZE } from '@lastref/kernel';
import type { Operation } from './operation.ts';
import { Products } from './stage/products.ts';
import type { OperationStage, OperationWorkload } from './stage/stage.ts';
import type { Finding, Judgement } from '@lastref/judge';
import { Cell, digestOf, type CellInput } from '@lastref/search';

/** One order of release, run to its end. */
export interface Order {
  readonly cell: Cell;
  readonly findings: readonly Finding[];
  readonly heldBy: readonly string[];
  /** Who let go, one after the other: two orders of one machine have two names. */
  readonly name: string;
  /** After how many releases each loan was completed, by its id. */
  readonly told: ReadonlyMap<number, number>;
  /** Of the state at its end. */
  readonly digest: () => string;
  readonly copied: boolean;
  /** It met a packet of the socket, or left a lent page behind. */
  readonly acted: boolean;
  /** The design forbade it. */
  readonly refused: boolean;
  readonly judgement: Judgement;
  readonly fault: Fault | null;
  /** Allocations that the operation asked for, and packets that it handed to drivers. */
  readonly allocations: number;
  readonly handed: number;
}

/** What goes wrong while the operation runs: the `n`-th of its allocations, or of its packets. */
export interface Fault {
  readonly verb: FaultVerb;
  readonly n: number;
}

/**
 * Every order in which the holders let go. The least kind surroundings: a producer that was told writes before
 * the next one lets go, and after each release another packet of the same socket is sent and freed. `before` does
 * something between the operation and the first release. A machine is over when the next order is asked for.
 */
export function* orders(
  input: CellInput,
  fault: Fault | null,
  before: (stage: OperationStage) => void = () => {},
): Generator<Order> {
  const choices: number[] = [];
  const mem = new Uint8Array(2 * input.workload.frames * PAGE_SIZE);
  for (;;) {
    const widths: number[] = [];
    yield runOrder({ ...input, mem: mem.fill(0) }, fault, before, choices, widths);
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
export function* ordersWithFaults(input: CellInput, faults: boolean): Generator<Order> {
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
  before: (stage: OperationStage) => void,
  choices: readonly number[],
  widths: number[],
): Order {
  const cell = new Cell(input);
  const stage = cell.scenario.participants[0] as OperationStage;
  const heldBy: string[] = [];
  cell.clock();
  if (fault !== null) cell.take(stage.faults.place, fault.verb, fault.n);
  const neverThere = !isThere(cell);
  const called = new Called(cell, (input.workload as OperationWorkload).operation);
  cell.clock();
  const acted = called.acted() || leftLent(cell, stage);
  const copied = neverThere || leftCopies(cell, stage);
  before(stage);
  const told = new Map<number, number>();
  const released: string[] = [];
  let completions = stage.progress().done; // told before anybody let go: nobody's doing
  let who = '';
  const attribute = (): void => {
    const { done } = stage.progress();
    if (done > completions && who !== '') heldBy.push(who);
    completions = done;
  };
  for (;;) {
    for (const loan of cell.k.loans.all)
      if (loan.completed && !told.has(loan.id)) told.set(loan.id, widths.length);
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
    const { source, verb, who: holder } = open[choices[n] ?? 0]!;
    who = holder;
    released.push(`${who} (${source.place})`);
    cell.take(source.place, verb, source.item());
    cell.take(stage.armLater(), 0, 0); // the connection goes on
    attribute();
  }
  const judgement = cell.over();
  const { allocations, handed, refused } = stage;
  const { findings } = judgement;
  const name = released.join(', ');
  return {
    cell,
    judgement,
    findings,
    heldBy,
    name,
    told,
    digest: () => digestOf(cell.k, cell.judge.step - 1, input.era.id),
    copied,
    acted,
    refused,
    fault,
    allocations,
    handed,
  };
}

/** Listens whether the operation meets anything of what the socket has. */
class Called {
  private readonly cell: Cell;
  private named = false;
  private met = false;

  constructor(cell: Cell, { id }: Operation) {
    this.cell = cell;
    const [name] = id.split(' ');
    cell.k.onOperation = (called, skb) => {
      if (called !== name) return;
      this.named = true;
      this.met ||= skb.flow !== 0;
    };
  }

  /** Of what does not say its name, that it ran is all that is known. */
  acted(): boolean {
    this.cell.k.onOperation = null;
    return this.met || !this.named;
  }
}

/** Has anybody a lent page at all? A design that copies what is lent has let go of it by now. */
function isThere({ k, judge }: Cell): boolean {
  const all = new Products();
  for (const holder of k.holders) holder.forEachReader(all);
  return among(all, judge);
}

function among({ pages }: Products, judge: Cell['judge']): boolean {
  const lent = new Set(judge.lentPages());
  return pages.some((page) => lent.has(page));
}

function leftLent({ judge }: Cell, stage: OperationStage): boolean {
  return among(stage.products(), judge);
}

/**
 * Did the operation leave only private copies behind? Looks at what it produced (or, where it produced nothing,
 * at the packet that it changed), for pages that a producer lent.
 */
function leftCopies(cell: Cell, stage: OperationStage): boolean {
  return stage.products().found && !leftLent(cell, stage);
}
