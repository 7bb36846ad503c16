// Every order in which those who hold something on the operations' stage let go.
import { FaultVerb, PAGE_SIZE, type OtherProcessor } from '@lastref/kernel';
import { Called, isThere, leftCopies, leftLent } from './stage/left.ts';
import type { OperationStage, Release } from './stage/stage.ts';
import type { OperationWorkload } from './stage/workload.ts';
import type { Finding, Judgement } from '@lastref/judge';
import {
  Arising,
  Cell,
  MachineFingerprint,
  MachineInUse,
  digestOf,
  poison,
  type CellInput,
  type Choice,
  type MachineMark,
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

/** How orders are run. */
export interface Manner {
  /** What goes wrong while the operation runs; null: nothing. */
  readonly fault?: Fault | null;
  /** Does something between the operation and the first release. */
  readonly before?: (stage: OperationStage) => void;
  /**
   * Orders part on one machine, which goes back, and one that comes to where another one was is followed no further: for a design
   * that keeps nothing where no moment of the machine has it. Else each order has a machine of its own.
   */
  readonly joins?: boolean;
}

/**
 * Every order in which the holders let go. The least kind surroundings: a producer that was told writes before
 * the next one lets go, and after each release another packet of the same socket is sent and freed. With a second processor
 * also every order in which one of them lets go there, at each point of the operation or of another one's letting go. A machine
 * is over when the next order is asked for.
 */
export function orders(input: CellInput, manner: Manner = {}): Generator<Order> {
  return new Orders(input, manner).all();
}

/**
 * All orders without a failure, then, if asked for, with each allocation of the operation failing once, and each
 * packet that it hands to a driver meeting each failure of a device once.
 */
export function* ordersWithFaults(
  input: CellInput,
  faults: boolean,
  manner: Manner,
): Generator<Order> {
  let allocations = 0;
  let handed = 0;
  const each = (fault: Fault | null): Generator<Order> => orders(input, { ...manner, fault });
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

/** Somebody who lets go on the other processor: the step that comes in, and who that is. */
interface Coming extends Choice {
  readonly who: string;
}

/** What was chosen: the operation or a release, by its place among those that were open, and who came in. */
interface Chosen {
  readonly release: number;
  readonly coming: Coming | null;
}

/** The operation is no release. */
const OPERATION = -1;

/** What an order has behind it that no machine has. */
interface Past {
  /** After how many releases each loan was completed, by its id. */
  readonly told: ReadonlyMap<number, number>;
  readonly released: readonly string[];
  readonly heldBy: readonly string[];
  /** Programs that let go when nobody else was left who could, and after how many releases. */
  readonly waitedFor: readonly { readonly who: string; readonly after: number }[];
  readonly completions: number;
  readonly who: string;
  /** Somebody has come in: once is all there is in an order. */
  readonly cameIn: boolean;
  /** What the operation left, once it has run. */
  readonly left: Pick<Order, 'copied' | 'acted'> | null;
}

const NO_PAST: Past = {
  told: new Map(),
  released: [],
  heldBy: [],
  waitedFor: [],
  completions: 0,
  who: '',
  cameIn: false,
  left: null,
};

/** Holders that are a program: as long as it does nothing, they keep what they have. */
const PROGRAM = /reader|pipe|^tap|netlink|receive queue|datagram|sender/;

export function isProgram(who: string): boolean {
  return PROGRAM.test(who);
}

/** One for all machines: it writes code for each class that it meets. */
const fingerprint = new MachineFingerprint();

/** Where it is possible to come back to: by a moment of the machine, or else by what was chosen from the start on. */
interface Mark {
  readonly past: Past;
  readonly moment: MachineMark | null;
  readonly path: readonly Chosen[];
}

/** Orders meet where each has two releases behind it; with no choice before it, one is followed as fast as looked for. */
const JOINS_BEHIND = 2;
const JOINS_OPEN = 2;

/** Memory of a machine that is gone, for the next that wants as much. */
let spare: Uint8Array<ArrayBuffer> | null = null;

/** Zeroes. Whoever is through leaves them as `spare`; who is given up halfway does not. */
function memoryOf(bytes: number): Uint8Array<ArrayBuffer> {
  const mem = spare;
  spare = null;
  return mem?.length === bytes ? mem.fill(0) : new Uint8Array(bytes);
}

/** All orders, depth first: behind each choice every order, and then back to the choice. */
class Orders {
  private readonly input: CellInput;
  private readonly fault: Fault | null;
  private readonly before: (stage: OperationStage) => void;
  private readonly mem: Uint8Array<ArrayBuffer>;
  private readonly arising = new Arising();
  /** What stood where orders have been, and what they had on their mind; null: none is left out. */
  private readonly known: Set<string> | null;
  /** Null: nobody has to come back yet, or each order has a machine of its own. */
  private machine: MachineInUse | null = null;
  private path: Chosen[] = [];
  private past = NO_PAST;
  private cell: Cell;
  private stage: OperationStage;

  constructor(input: CellInput, { fault = null, before = () => {}, joins = false }: Manner) {
    this.mem = memoryOf(2 * input.workload.frames * PAGE_SIZE);
    this.input = { ...input, mem: this.mem };
    this.fault = fault;
    this.before = before;
    this.known = joins ? new Set() : null;
    [this.cell, this.stage] = this.begin();
    if (joins) poison(this.cell.k);
  }

  *all(): Generator<Order> {
    yield* this.behind();
    fingerprint.forget(); // another machine comes
    spare = this.mem;
  }

  /** A machine whose next step is the operation's. */
  private begin(): [Cell, OperationStage] {
    const { input, fault } = this;
    const cell = new Cell(input);
    const stage = cell.scenario.participants[0] as OperationStage;
    cell.judge.always = this.known !== null; // else what it keeps in mind does not come back
    cell.clock();
    if (fault !== null) cell.take(stage.faults.place, fault.verb, fault.n);
    return [cell, stage];
  }

  /** Every order from here on. */
  private *behind(): Generator<Order> {
    const { cell, past, stage } = this;
    const open = past.left === null ? [OPERATION] : [...stage.releases().keys()];
    const mayMeet = open.length >= JOINS_OPEN && past.released.length >= JOINS_BEHIND;
    if (mayMeet && this.isKnown()) {
      yield this.order(cell.judge.judgement(), true);
      return;
    }
    if (open.length === 0) yield this.order(cell.over(), false);
    const mark = open.length > 1 || this.mayComeIn ? this.mark() : null;
    for (const [n, release] of open.entries()) {
      if (n > 0) this.backTo(mark!);
      const comings: Coming[] = [];
      this.take({ release, coming: null }, comings);
      yield* this.behind();
      for (const coming of comings) {
        this.backTo(mark!);
        if (this.take({ release, coming })) yield* this.behind();
      }
    }
  }

  private get mayComeIn(): boolean {
    return this.input.processors === 2 && !this.past.cameIn;
  }

  private mark(): Mark {
    const { past, path, known, cell } = this;
    if (known !== null && this.machine === null) {
      fingerprint.of(cell, 0); // sums that it takes come back
      this.machine = new MachineInUse(cell);
    }
    return { past, path: path.slice(), moment: this.machine?.mark() ?? null };
  }

  private backTo({ past, path, moment }: Mark): void {
    if (moment === null) {
      this.mem.fill(0, 0, this.cell.k.reached);
      [this.cell, this.stage] = this.begin();
      this.path = [];
      this.past = NO_PAST;
      for (const chosen of path) this.take(chosen);
    } else {
      this.machine!.backTo(moment);
      this.past = past;
    }
  }

  /** One of those before came to where this one is. */
  private isKnown(): boolean {
    const { known, cell } = this;
    if (known === null) return false;
    fingerprint.of(cell, 0);
    const { size } = known;
    return known.add(`${fingerprint.hi} ${fingerprint.lo} ${this.mind()}`).size === size;
  }

  /** What of the past says who stretched a loan that is told of later. */
  private mind(): string {
    const { told, waitedFor, cameIn, left } = this.past;
    const waiting = waitedFor.filter(({ after }) => [...told.values()].every((n) => n <= after));
    const whom = [...new Set(waiting.map(({ who }) => who))].sort();
    return `${left !== null} ${cameIn} ${whom.join()}`;
  }

  /**
   * The operation runs, or somebody lets go, and whoever is told then writes. `comings`: who could have come in, where that is
   * asked. False: who was to come in did not, as he waits for a lock, and the order is another one's.
   */
  private take({ release, coming }: Chosen, comings: Coming[] | null = null): boolean {
    if (this.known === null) this.path.push({ release, coming });
    const { cell } = this;
    const came =
      release === OPERATION
        ? this.operate(coming, comings)
        : this.letGo(this.stage.releases()[release]!, coming, comings);
    if (came) this.settle(cell);
    return came;
  }

  private operate(coming: Coming | null, comings: Coming[] | null): boolean {
    const { cell, stage } = this;
    const neverThere = !isThere(cell);
    const called = new Called(cell, (this.input.workload as OperationWorkload).operation);
    const place = cell.k.agenda.earliest();
    if (!this.step(place, () => cell.clock(), 'inside the operation', coming, comings))
      return false;
    const left = {
      acted: called.acted() || leftLent(cell, stage),
      copied: neverThere || leftCopies(cell, stage),
    };
    this.before(stage);
    const completions = stage.progress().done; // told before anybody let go: nobody's doing
    this.past = { ...this.past, left, completions };
    return true;
  }

  private letGo(release: Release, coming: Coming | null, comings: Coming[] | null): boolean {
    const { cell, stage, past } = this;
    const { source, verb, who } = release;
    const { released } = past;
    const waits = !stage.timerRuns && stage.releases().every((r) => isProgram(r.who));
    this.past = {
      ...past,
      who,
      released: [...released, `${who} (${source.place})`],
      waitedFor: waits ? [...past.waitedFor, { who, after: released.length }] : past.waitedFor,
    };
    const take = (): void => void cell.take(source.place, verb, source.item());
    if (!this.step(source.place, take, `inside ${who}`, coming, comings)) return false;
    cell.take(stage.armLater(), 0, 0); // the connection goes on
    this.attribute();
    return true;
  }

  /**
   * Takes a step of the source at `place`, into which somebody may come on the other processor: who could let go before, or
   * can as the step itself has made it possible.
   */
  private step(
    place: number,
    take: () => void,
    where: string,
    coming: Coming | null,
    comings: Coming[] | null,
  ): boolean {
    const { cell } = this;
    if (coming === null) {
      if (comings !== null && this.mayComeIn) comings.push(...this.comings(place, take));
      else take();
      return true;
    }
    cell.take(coming.place, coming.verb, coming.item);
    take();
    const { released } = this.past;
    const how = `${coming.who} (${coming.place}.${coming.item}) ${where}`;
    this.past = { ...this.past, cameIn: true, released: [...released, how] };
    return cell.k.agenda.cameIn;
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

  /** Who was told writes, and news are heard, before anybody else lets go. */
  private settle(cell: Cell): void {
    for (;;) {
      this.noteTold(cell);
      const reuse = this.stage.reusePlace();
      const news = reuse < 0 ? cell.k.newsPlace() : -1;
      if (reuse >= 0) cell.take(reuse, 0, 0);
      else if (news < 0) return;
      else {
        cell.take(news, 0, 0);
        this.attribute();
      }
    }
  }

  private noteTold(cell: Cell): void {
    for (const loan of cell.k.loans.all) {
      const { told, released } = this.past;
      if (!loan.completed || told.has(loan.id)) continue;
      this.past = { ...this.past, told: new Map(told).set(loan.id, released.length) };
    }
  }

  /** Whose letting go it was that a loan was told of; with two at once nobody can say. */
  private attribute(): void {
    const { completions, who, cameIn, heldBy } = this.past;
    const { done } = this.stage.progress();
    if (done === completions) return;
    const his = done > completions && who !== '' && !cameIn;
    this.past = { ...this.past, completions: done, heldBy: his ? [...heldBy, who] : heldBy };
  }

  /** A loan that was told of later had to wait for it, also where a device had the packet last. */
  private waited(): string[] {
    const { cameIn, waitedFor, told } = this.past;
    if (cameIn) return [];
    return waitedFor
      .filter(({ after }) => [...told.values()].some((n) => n > after))
      .map(({ who }) => who);
  }

  private order(judgement: Judgement, joined: boolean): Order {
    const { cell, stage, input, fault } = this;
    const { told, released, heldBy, cameIn, left } = this.past;
    const { allocations, handed, refused } = stage;
    return {
      cell,
      judgement,
      findings: judgement.findings,
      heldBy: [...heldBy, ...this.waited()],
      name: released.join(', '),
      told,
      digest: () => digestOf(cell.k, cell.judge.step - 1, input.era.id),
      copied: left!.copied,
      acted: left!.acted,
      joined,
      refused,
      fault,
      cameIn,
      allocations,
      handed,
    };
  }
}
