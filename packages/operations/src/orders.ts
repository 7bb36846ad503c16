// Every order in which those who hold something on the operations' stage let go.
import { FaultVerb, PAGE_SIZE, type OtherProcessor } from '@lastref/kernel';
import { Odometer } from './odometer.ts';
import type { Operation } from './operation.ts';
import { Products } from './stage/products.ts';
import type { OperationStage, Release } from './stage/stage.ts';
import type { OperationWorkload } from './stage/workload.ts';
import type { Finding, Judgement } from '@lastref/judge';
import {
  Arising,
  Cell,
  MachineFingerprint,
  digestOf,
  type CellInput,
  type Choice,
} from '@lastref/search';

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
  /** It was given up where another order had come to the same: what comes behind, that one has shown. */
  readonly joined: boolean;
  readonly copied: boolean;
  /** It met a packet of the socket, or left a lent page behind. */
  readonly acted: boolean;
  /** The design forbade it. */
  readonly refused: boolean;
  readonly judgement: Judgement;
  readonly fault: Fault | null;
  /** Somebody let go on the other processor, inside the operation or inside another one's letting go. */
  readonly cameIn: boolean;
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
 * something between the operation and the first release. With a second processor also every order in which one of them lets
 * go there, at each point of the operation or of another one's letting go. Of more than
 * `joinsAfter` orders, one that comes to where another one was is not followed any further. A machine is over when the next
 * order is asked for.
 */
export function* orders(
  input: CellInput,
  fault: Fault | null,
  before: (stage: OperationStage) => void = () => {},
  joinsAfter = Infinity,
): Generator<Order> {
  const odometer = new Odometer();
  const known = new Met();
  let n = 0;
  let used = 0;
  const mem = new Uint8Array(2 * input.workload.frames * PAGE_SIZE);
  do {
    const met = ++n > joinsAfter ? known : null;
    const run = new OrderRun({ ...input, mem: mem.fill(0, 0, used) }, fault, odometer, met);
    const order = run.run(before);
    if (order !== null) yield order;
    if (met !== null) fingerprint.forget(); // another machine comes
    used = run.used;
  } while (odometer.next());
}

/**
 * All orders without a failure, then, if asked for, with each allocation of the operation failing once, and each
 * packet that it hands to a driver meeting each failure of a device once.
 */
export function* ordersWithFaults(
  input: CellInput,
  faults: boolean,
  joinsAfter: number,
): Generator<Order> {
  let allocations = 0;
  let handed = 0;
  const each = (fault: Fault | null): Generator<Order> =>
    orders(input, fault, undefined, joinsAfter);
  for (const order of each(null)) {
    if (!order.cameIn) ({ allocations, handed } = order);
    yield order;
  }
  if (!faults) return;
  for (let n = 1; n <= allocations; n++) yield* each({ verb: FaultVerb.ALLOCATION, n });
  for (let n = 1; n <= handed; n++) {
    for (const verb of [FaultVerb.DROP, FaultVerb.BUSY, FaultVerb.LINEARIZE])
      yield* each({ verb, n });
  }
}

/** One for all machines: it writes code for each class that it meets. */
const fingerprint = new MachineFingerprint();

/** Where orders have been: what stands there, and what an order has on its mind, say all that can still come. */
class Met {
  private readonly all = new Set<string>();

  /** Nobody was here before. */
  isNew(cell: Cell, mind: string): boolean {
    const { all } = this;
    fingerprint.of(cell, 0);
    const { size } = all;
    return all.add(`${fingerprint.hi} ${fingerprint.lo} ${mind}`).size > size;
  }
}

/** Somebody who lets go on the other processor: the step that comes in, and who that is. */
interface Coming extends Choice {
  readonly who: string;
}

/** Holders that are a program: as long as it does nothing, they keep what they have. */
const PROGRAM = /reader|pipe|^tap|netlink|receive queue|datagram|sender/;

export function isProgram(who: string): boolean {
  return PROGRAM.test(who);
}

/** One order: what is chosen, the odometer says. */
class OrderRun {
  private readonly input: CellInput;
  private readonly fault: Fault | null;
  private readonly odometer: Odometer;
  private readonly known: Met | null;
  private readonly cell: Cell;
  private readonly stage: OperationStage;
  private readonly arising = new Arising();
  private readonly heldBy: string[] = [];
  private readonly released: string[] = [];
  /** Programs that let go when nobody else was left who could, and after how many releases. */
  private readonly waitedFor: { readonly who: string; readonly after: number }[] = [];
  private completions = 0;
  private who = '';
  /** Somebody has come in: once is all there is in an order. */
  private cameIn = false;

  constructor(input: CellInput, fault: Fault | null, odometer: Odometer, known: Met | null) {
    this.input = input;
    this.fault = fault;
    this.odometer = odometer;
    this.known = known;
    this.cell = new Cell(input);
    this.stage = this.cell.scenario.participants[0] as OperationStage;
  }

  /** Bytes of its memory that it may have written to. */
  get used(): number {
    return this.cell.k.reached;
  }

  /** null: who was to come in did not, and the order is another one's. */
  run(before: (stage: OperationStage) => void): Order | null {
    const { cell, stage, input, fault, odometer, known } = this;
    cell.clock();
    if (fault !== null) cell.take(stage.faults.place, fault.verb, fault.n);
    const neverThere = !isThere(cell);
    const called = new Called(cell, (input.workload as OperationWorkload).operation);
    const place = cell.k.agenda.earliest();
    if (!this.step(place, 'inside the operation', () => cell.clock())) return null;
    const acted = called.acted() || leftLent(cell, stage);
    const copied = neverThere || leftCopies(cell, stage);
    before(stage);
    const told = new Map<number, number>();
    this.completions = stage.progress().done; // told before anybody let go: nobody's doing
    for (;;) {
      for (const loan of cell.k.loans.all)
        if (loan.completed && !told.has(loan.id)) told.set(loan.id, this.released.length);
      const reuse = stage.reusePlace();
      if (reuse >= 0) {
        cell.take(reuse, 0, 0);
        continue;
      }
      const news = cell.k.newsPlace();
      if (news >= 0) {
        cell.take(news, 0, 0);
        this.attribute();
        continue;
      }
      const open = stage.releases();
      if (open.length === 0) break;
      if (odometer.isNew && known?.isNew(cell, this.mind(told)) === false)
        return this.order(told, cell.judge.judgement(), { copied, acted, joined: true });
      if (!this.release(open)) return null;
    }
    return this.order(told, cell.over(), { copied, acted, joined: false });
  }

  /** What of the past says who stretched a loan that is told of later. */
  private mind(told: Order['told']): string {
    const waiting = this.waitedFor.filter(({ after }) =>
      [...told.values()].every((n) => n <= after),
    );
    const whom = [...new Set(waiting.map(({ who }) => who))].sort();
    return `${this.cameIn} ${whom.join()}`;
  }

  /** One of `open` lets go. */
  private release(open: readonly Release[]): boolean {
    const { cell, stage, odometer } = this;
    const { source, verb, who } = open[odometer.choose(open.map((_, n) => n))]!;
    this.who = who;
    if (!this.stage.timerRuns && open.every((r) => isProgram(r.who)))
      this.waitedFor.push({ who, after: this.released.length });
    this.released.push(`${who} (${source.place})`);
    const take = (): void => void cell.take(source.place, verb, source.item());
    if (!this.step(source.place, `inside ${who}`, take)) return false;
    cell.take(stage.armLater(), 0, 0); // the connection goes on
    this.attribute();
    return true;
  }

  /**
   * Takes a step of the source at `place`, into which somebody may come on the other processor: who could let go before, or
   * can as the step itself has made it possible. False: he was to, and did not, as he waits for a lock.
   */
  private step(place: number, where: string, take: () => void): boolean {
    const { cell, odometer, input } = this;
    const { k } = cell;
    if (input.processors !== 2 || this.cameIn) {
      take();
      return true;
    }
    const coming = odometer.choose<Coming | null>([null]);
    if (coming === null) {
      if (odometer.isWide) take();
      else odometer.widen(this.comings(place, take));
      return true;
    }
    this.cameIn = true;
    cell.take(coming.place, coming.verb, coming.item);
    take();
    this.released.push(`${coming.who} (${coming.place}.${coming.item}) ${where}`);
    return k.agenda.cameIn;
  }

  /** Takes the step, and says who could have come into it. */
  private comings(place: number, take: () => void): Coming[] {
    const { cell, stage, arising } = this;
    const { sources } = cell.k.agenda;
    arising.begin(cell.k, place);
    take();
    arising.end();
    return arising.comings().map((step) => {
      const { inner } = sources[step.place] as OtherProcessor;
      return { ...step, who: stage.whoIs(inner) };
    });
  }

  /** Whose letting go it was that a loan was told of; with two at once nobody can say. */
  private attribute(): void {
    const { done } = this.stage.progress();
    if (done > this.completions && this.who !== '' && !this.cameIn) this.heldBy.push(this.who);
    this.completions = done;
  }

  /** A loan that was told of later had to wait for it, also where a device had the packet last. */
  private wait(told: Order['told']): void {
    if (this.cameIn) return;
    for (const { who, after } of this.waitedFor)
      if ([...told.values()].some((n) => n > after)) this.heldBy.push(who);
  }

  private order(
    told: Order['told'],
    judgement: Judgement,
    left: Pick<Order, 'copied' | 'acted' | 'joined'>,
  ): Order {
    this.wait(told);
    const { cell, stage, input, fault, heldBy, released, cameIn } = this;
    const { allocations, handed, refused } = stage;
    return {
      cell,
      judgement,
      findings: judgement.findings,
      heldBy,
      name: released.join(', '),
      told,
      digest: () => digestOf(cell.k, cell.judge.step - 1, input.era.id),
      ...left,
      refused,
      fault,
      cameIn,
      allocations,
      handed,
    };
  }
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
