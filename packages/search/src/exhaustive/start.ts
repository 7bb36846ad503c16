// Where every run of a search begins: the moment just before the first page is lent, with the clock stopped; or where a
// list of steps leads from there.
import { Judge } from '@lastref/judge';
import { PAGE_SIZE, POISON_FREE, type Kernel } from '@lastref/kernel';
import type { Scenario, Workload } from '@lastref/workloads';
import { Cell, type CellInput } from '../cell.ts';
import type { Choice } from '../run-list.ts';
import { DesignLook, HostsAreCoupled } from './coupled.ts';
import { MachineFingerprint } from './machine-fingerprint.ts';
import { Moments, type Moment } from './moment.ts';

/** Objects of each slab that a run finds ready, so that it need not make them. */
const WARM = 24;

export class Start {
  /** The design learns something on the way here, so what one host does may depend on what the other does. */
  readonly hostsAreCoupled: boolean;
  private readonly input: CellInput;
  /** Take eager steps at once. */
  private readonly reduction: boolean;
  private readonly prefix: number;
  private cell: Cell;
  private readonly moments: Moments | null;
  private readonly first: Moment | null;
  private readonly list: readonly Choice[];

  /**
   * `reuse`: one machine is set back again and again; else each run gets a new one. `list`: steps that every run begins
   * with.
   */
  constructor(input: CellInput, reduction: boolean, reuse: boolean, list: readonly Choice[] = []) {
    this.input = input;
    this.list = list;
    this.reduction = reduction;
    this.prefix = stepsBeforeLending(input);
    this.hostsAreCoupled = reduction && learns(input, this.prefix, list);
    this.cell = this.newMachine();
    const constant = [input.workload, input.era, input.design, input];
    this.moments = reuse ? new Moments(this.cell, constant) : null;
    this.first = this.moments?.keep() ?? null;
  }

  /** Something that happens here may be taken at once, or first. */
  get leavesOut(): boolean {
    const { sources } = this.cell.k.agenda;
    return sources.some((one) => one.eager === true || one.mayComeFirst !== undefined);
  }

  /** The moment that the machine in use is at; null: only new machines are used, and they have none to come back to. */
  moment(): Moment | null {
    return this.moments?.keep() ?? null;
  }

  /** The machine in use, at a moment that it was at before. */
  machineAt(moment: Moment): Cell {
    this.moments!.restore(moment);
    return this.cell;
  }

  /** The machine in use, as it is. */
  get machineInUse(): Cell {
    return this.cell;
  }

  /** A machine at the start. Only one is in use at any time. */
  machine(): Cell {
    if (this.first !== null) return this.machineAt(this.first);
    return (this.cell = this.newMachine());
  }

  /** A machine at the start that nobody used before. */
  newMachine(): Cell {
    const judge = new Judge();
    judge.always = true;
    const cell = new Cell(this.input, judge);
    for (let i = 0; i < this.prefix; i++) cell.clock();
    cell.stopClock();
    for (const { place, verb, item } of this.list) cell.take(place, verb, item);
    this.settle(cell);
    warm(cell.k.skbs);
    warm(cell.k.fclones);
    warm(cell.k.shinfos);
    poison(cell.k);
    return cell;
  }

  /**
   * Does the machine that is set back end where a new one ends? Not if a design keeps state where no snapshot sees
   * it.
   */
  comesBack(list: readonly Choice[]): boolean {
    if (this.first === null) return true;
    const prints = [this.machine(), this.newMachine()].map((cell) => {
      for (const { place, verb, item } of list) cell.take(place, verb, item);
      const print = new MachineFingerprint();
      print.of(cell, 0);
      return `${print.hi} ${print.lo}`;
    });
    return prints[0] === prints[1];
  }

  /**
   * Takes the steps that nobody can tell from ones that happen at once. A design that nobody has read may be after what it is told of a
   * packet that is sent again while the device has it. `look`: throws HostsAreCoupled if the design learns or tells something in one of
   * them, also where it forgets what it learnt a moment before: in the order that is left out it would have known that for longer.
   */
  settle(cell: Cell, look: DesignLook | null = null): void {
    if (!this.reduction) return;
    const { agenda } = cell.k;
    const { foreign = false } = this.input;
    if (agenda.coming !== null) return;
    let looks = false;
    for (let place = 0; place < agenda.sources.length; place++) {
      const source = agenda.sources[place]!;
      if (source.eager !== true || !agenda.isArmed(place)) continue;
      if (foreign && source.mayBeSentAgain?.() === true) continue;
      if (!looks) look?.take();
      looks = true;
      cell.take(place, 0, source.item());
      if (look !== null && (look.differs || look.tells)) throw new HostsAreCoupled(true);
      place = -1; // it may have armed another one
    }
  }
}

function warm<T>(slab: { alloc(): T; free(o: T): void }, count = WARM): void {
  const objects = Array.from({ length: count }, () => slab.alloc());
  for (const o of objects.reverse()) slab.free(o);
}

/** Frames that were never in use read like freed ones: which of the two a run gets would tell equal states apart. */
export function poison(k: Kernel): void {
  warm(k.pages, k.frames - k.pages.used);
  for (const page of k.pages.all) {
    if (page.live) continue;
    if (page.address < 0) k.giveFrame(page);
    k.mem.fill(POISON_FREE, page.address, page.address + PAGE_SIZE);
  }
}

/** Does the design learn something, beside what stands with objects of the machine, from when it is made to where `list` leads? */
function learns(input: CellInput, prefix: number, list: readonly Choice[]): boolean {
  let learnt = false;
  let k: Kernel | null = null;
  const watched = <T>(step: () => T): T => {
    const look = new DesignLook(k!);
    look.take();
    const done = step();
    learnt ||= look.differs;
    return done;
  };
  const build = (made: Kernel, seed: number): Scenario => {
    k = made;
    return watched(() => input.workload.build(made, seed));
  };
  const workload = Object.create(input.workload, { build: { value: build } }) as Workload;
  const cell = new Cell({ ...input, workload });
  for (let i = 0; i < prefix; i++) watched(() => cell.clock());
  watched(() => cell.stopClock());
  for (const { place, verb, item } of list) watched(() => cell.take(place, verb, item));
  return learnt;
}

/** Steps by the clock until just before the first page is lent; 0 where none ever is, as far as a run by the clock goes. */
export function stepsBeforeLending(input: CellInput): number {
  const cell = new Cell(input);
  const { agenda } = cell.k;
  const { horizonTicks } = input.workload;
  for (let steps = 0; agenda.earliest() >= 0 && agenda.now <= horizonTicks; steps++) {
    cell.clock();
    if (cell.judge.lentPages().length > 0) return steps;
  }
  return 0;
}
