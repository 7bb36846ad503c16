// The steps that are possible now. Each source of steps (a timer, a ring, a link, a reader) has a fixed
// place here; it says when its next step falls due, and whoever picks takes one. Few sources exist, so the
// earliest is found by a scan over a typed array, which also makes "all that is possible" a plain loop.
import { Halted, KernelBug } from './errors.ts';
import type { SpinLock } from './lock.ts';
import { declareState } from './state.ts';

/** Not on the agenda; also a delay that never ends, as `now + NEVER` is NEVER. */
export const NEVER = Infinity;

/** What a step costs whoever explores: a search has a budget of each. */
export const Spend = {
  NOTHING: 0,
  DROP: 1,
  DUPLICATE: 2,
  /** A packet overtakes another one. */
  OVERTAKE: 3,
  /** A timer fires that makes somebody send again. */
  TIMEOUT: 4,
  /** An allocation or a device fails. */
  FAILURE: 5,
  /** Only time passes: nothing that the order of steps does not do already. */
  DELAY: 6,
  /** What a workload is named for: a connection is torn down, a program stops reading. */
  TEARDOWN: 7,
  /** The other processor takes a step inside the next one. */
  PREEMPTION: 8,
} as const;
export type Spend = (typeof Spend)[keyof typeof Spend];

/**
 * Does anything happen any more? CUT: what would come next is a step half way through, which no state here is; STUCK:
 * somebody waits for what nobody gives back.
 */
export const Halt = { RUNS: 0, CUT: 1, STUCK: 2 } as const;
export type Halt = (typeof Halt)[keyof typeof Halt];

/** Whose doing it is that a step comes when it comes: who can put it off, and with it whatever waits for it. */
export const Party = { NOBODY: 0, PEER: 1, READER: 2, GUEST: 3, DEVICE: 4 } as const;
export type Party = (typeof Party)[keyof typeof Party];
/** In the field's words, by party. */
export const PARTY_NAMES = ['nobody', 'peer', 'slow reader', 'guest', 'device'] as const;
export type PartyName = (typeof PARTY_NAMES)[number];

/**
 * Something that is not up to the machine. A step is (place, verb, item): three small integers, for as long as the
 * machine lives. Whatever outlives it says the names of source and verb in place of the first two.
 */
export interface StepSource {
  /** In the field's words, unique in a machine: 'link a>b', 'nic a'. */
  readonly name: string;
  /** What a step does, by verb. Verb 0 is what happens when time passes and nothing goes wrong. */
  readonly verbs: readonly string[];
  /** Given by the agenda. */
  place: number;
  /** What verb 0 would act on now, as a name that stays with the thing (a serial number). */
  item(): number;
  /** An item in words, where its number says nothing. */
  itemText?(item: number): string;
  /** Everything that could happen here now: appends (verb, item) pairs. */
  choices(out: number[]): void;
  /** What taking one of `choices` costs; without it: nothing. */
  spend?(verb: number, item: number): Spend;
  /**
   * A step that nobody can tell from one that happens at once, as what it brings about waits elsewhere for as
   * long as anybody likes. A search may take it at once.
   */
  readonly eager?: boolean;
  /**
   * Would it give back what its sender may send again meanwhile? Of that a copy is made then (pskb_copy), and a clone behind it: that a
   * design is told.
   */
  mayBeSentAgain?(): boolean;
  /**
   * Its step takes in what came, and nobody can tell whether it does so now or later, together with what comes meanwhile, in a run
   * of at most `steps` steps. Who only asks whether there is anything to be found may take it at once.
   */
  mayComeFirst?(steps: number): boolean;
  /**
   * It happens at a host that lends nothing, and at most puts packets at the end of a wire: it commutes with
   * whatever happens at the other host.
   */
  readonly lendsNothing?: boolean;
  /** A device does it by itself: no processor has to be free for it. */
  readonly byDevice?: boolean;
  /**
   * Its steps may run inside a step of the other processor: they take no lock that this one could hold where they come
   * in (no socket lock, no lock of a queue that it is about to change).
   */
  readonly comesIn?: boolean;
  /** It comes in on the same processor, as an interrupt does: whatever that holds it cannot wait for. */
  readonly interrupts?: boolean;
  /** Who can put the step off; without it: nobody but this host's own processor. */
  readonly party?: Party;
  /** Does it; false if it does not apply, and then nothing has changed. */
  take(verb: number, item: number): boolean;
}

/** A step that waits for a point of the next one. */
export interface Coming extends StepSource {
  /** It came in, and it applied. */
  readonly done: boolean;
  mayMeet(source: StepSource): boolean;
  comeIn(agenda: Agenda): void;
  /** The step that it was to come into is over. */
  over(): void;
}

/** Is told of each point of a step as it comes by. */
export interface PointWatch {
  pass(): void;
}

export class Agenda {
  /** Simulated time in ticks of 1 µs: whole, and exact up to 2^53, which is 285 years. */
  now = 0;
  /** The clock stands still: any step may come next, whenever it would fall due. */
  stopped = false;
  /** No program that reads here and no guest does anything any more: what waits for one of them waits for ever. */
  withholding = false;
  readonly sources: StepSource[] = [];
  /** What comes into the next step; null: nothing does. */
  coming: Coming | null = null;
  /** Looks at every point of the step that is being taken, and comes into none; null: nobody does. */
  passing: PointWatch | null = null;
  /** The last step into which something was to come: it did. */
  cameIn = true;
  halted: Halt = Halt.RUNS;
  /** Which processor of a host goes on: 0 takes the step, 1 has come in. */
  processor = 0;
  /** What goes on has interrupted the step. */
  interrupted = false;
  /** Somebody has asked that no interrupt, or no softirq, comes in on the processor that goes on. */
  interruptsOff = 0;
  softirqsOff = 0;
  /** Locks that are held, in the order in which they were taken. */
  readonly locks: SpinLock[] = [];
  /** What the step that came in waits for, half way through; null: it does not. */
  waiting: SpinLock | null = null;
  /** Who could have put off the step that is being taken; NOBODY between steps. */
  party: Party = Party.NOBODY;
  /** When each source's next step falls due, or NEVER. */
  due = new Float64Array(32).fill(NEVER);
  /** Order of arming: settles equal times, first come first served. */
  private armed = new Float64Array(32);
  private arming = 0;
  /** By place: the design has refused its step, and nothing has happened since at a host that lends. */
  private refused = new Uint8Array(32);
  private refusedAny = false;
  /** The design refuses the step that is being taken. */
  private refusing = false;

  /** A new source, not armed. Returns its place. Throws KernelBug if another one has its name: traces go by names. */
  add(source: StepSource): number {
    if (this.sources.some((other) => other.name === source.name))
      throw new KernelBug(`two sources of steps are called ${source.name}`);
    const place = this.sources.push(source) - 1;
    source.place = place;
    if (place === this.due.length) {
      const due = new Float64Array(place * 2).fill(NEVER);
      due.set(this.due);
      this.due = due;
      const armed = new Float64Array(place * 2);
      armed.set(this.armed);
      this.armed = armed;
      const refused = new Uint8Array(place * 2);
      refused.set(this.refused);
      this.refused = refused;
    }
    return place;
  }

  /** The source's step falls due at `tick`; one that has passed falls due at once. */
  arm(place: number, tick: number): void {
    this.due[place] = tick;
    this.armed[place] = this.arming++;
  }

  /**
   * Takes a step; false if it does not apply, and then nothing has changed, but that what waits to come into the next step,
   * and may not come into this one, waits no longer. Throws KernelBug where it is the one that its source has armed: the
   * clock would offer it for ever, and a search would take what it keeps waiting for something that is still to come.
   */
  take(place: number, verb: number, item: number): boolean {
    const source = this.sources[place]!;
    if (this.halted !== Halt.RUNS) return false;
    if (this.coming !== null && !this.coming.mayMeet(source)) this.over(this.coming);
    const { coming } = this;
    this.party = source.party ?? Party.NOBODY;
    this.refusing = false;
    const taken = this.toItsEnd(source, verb, item);
    this.party = Party.NOBODY;
    if (taken && this.refusing && coming === null) {
      this.refused[place] = 1;
      this.refusedAny = true;
    } else if (taken && this.refusedAny && mayChangeMinds(source)) {
      this.refused.fill(0);
      this.refusedAny = false;
    }
    if (coming !== null && taken) this.over(coming);
    if (!taken && coming === null) this.mustApply(source, verb, item);
    return taken;
  }

  private mustApply(source: StepSource, verb: number, item: number): void {
    if (verb !== 0 || !this.isArmed(source.place) || source.item() !== item) return;
    throw new KernelBug(
      `'${source.name} ${source.verbs[0]!}' is armed and does not apply: a step that has to wait is armed by whatever it waits for`,
    );
  }

  /** A step that cannot go on has been taken: nothing comes behind it. */
  private toItsEnd(source: StepSource, verb: number, item: number): boolean {
    let taken = true;
    try {
      taken = source.take(verb, item);
    } catch (error) {
      if (!(error instanceof Halted)) throw error;
      if (this.halted === Halt.RUNS) this.halted = Halt.CUT;
    }
    if (this.waiting !== null && this.halted === Halt.RUNS) this.halted = Halt.CUT;
    if (this.locks.length > 0) for (const lock of this.locks) lock.leave();
    return taken;
  }

  /** A point of the step that is being taken, the one that something waits for. */
  atPoint(): void {
    const { coming } = this;
    this.coming = null;
    coming?.comeIn(this);
  }

  private over(coming: Coming): void {
    coming.over();
    this.coming = null;
    this.cameIn = coming.done;
  }

  disarm(place: number): void {
    this.due[place] = NEVER;
  }

  /**
   * The step that is being taken did nothing, as the design says no: whose it is sleeps until something else has happened. It
   * is armed all the same, since nobody knows what that will be.
   */
  refuse(): void {
    this.refusing = true;
  }

  /** Would another try do nothing, as nothing has happened since the design refused the last one? */
  isRefused(place: number): boolean {
    return this.refused[place] === 1;
  }

  /** Nothing is left to do, or who is left would wait for ever for the design to say yes. */
  get atRest(): boolean {
    if (!this.refusedAny) return this.earliest() < 0;
    if (this.halted !== Halt.RUNS) return true;
    return this.sources.every(
      (source, place) =>
        !this.isArmed(place) || this.isRefused(place) || (this.withholding && isProgram(source)),
    );
  }

  /** Of a machine at rest: somebody whom the design lets wait for ever; or null. */
  get keptWaiting(): StepSource | null {
    const { sources } = this;
    return sources.find(({ place }) => this.isArmed(place) && this.isRefused(place)) ?? null;
  }

  isArmed(place: number): boolean {
    return this.due[place] !== NEVER;
  }

  /** Time passes until the source's next step falls due, unless the clock stands still. */
  advance(place: number): void {
    const due = this.due[place]!;
    if (due !== NEVER && due > this.now && !this.stopped) this.now = due;
  }

  /** The armed source that is due first, or -1; while programs are withheld, none of theirs. */
  earliest(): number {
    if (this.halted !== Halt.RUNS) return -1;
    if (this.withholding) return this.earliestOfOthers();
    const due = this.due;
    const armed = this.armed;
    const n = this.sources.length;
    let best = -1;
    let time: number = NEVER;
    for (let i = 0; i < n; i++) {
      const t = due[i]!;
      if (t > time) continue;
      if (t < time || (best >= 0 && armed[i]! < armed[best]!)) {
        best = i;
        time = t;
      }
    }
    return best;
  }

  /**
   * As `earliest`, where a step begins no sooner than `start` says: it is given a place and when it falls due, and answers
   * in any unit that keeps the order.
   */
  earliestBy(start: (place: number, due: number) => number): number {
    if (this.halted !== Halt.RUNS) return -1;
    const { due, armed, sources } = this;
    let best = -1;
    let time: number = NEVER;
    for (let i = 0; i < sources.length; i++) {
      const t = due[i]!;
      if (t === NEVER || (this.withholding && isProgram(sources[i]!))) continue;
      const from = start(i, t);
      const sooner = from < time || (from === time && best >= 0 && t < due[best]!);
      const first = from === time && best >= 0 && t === due[best]! && armed[i]! < armed[best]!;
      if (!sooner && !first) continue;
      best = i;
      time = from;
    }
    return best;
  }

  private earliestOfOthers(): number {
    const { due, armed, sources } = this;
    let best = -1;
    let time: number = NEVER;
    for (let i = 0; i < sources.length; i++) {
      const t = due[i]!;
      if (t === NEVER || t > time || (t === time && armed[i]! > armed[best]!)) continue;
      if (isProgram(sources[i]!)) continue;
      best = i;
      time = t;
    }
    return best;
  }
}

/**
 * Can the design answer otherwise behind this step? What happens at a host that lends nothing, and what waits elsewhere for as
 * long as anybody likes, reaches it by a step of its own.
 */
function mayChangeMinds({ lendsNothing, eager }: StepSource): boolean {
  return lendsNothing !== true && eager !== true;
}

/** Does a program or a guest take its steps, which nobody can make it do? */
export function isProgram({ party }: StepSource): boolean {
  return party === Party.READER || party === Party.GUEST;
}

declareState(Agenda, {
  state: 'sources stopped withholding coming halted locks waiting interruptsOff softirqsOff',
  moment: 'now due armed arming',
  elsewhere: 'refused refusedAny',
  scratch: 'party passing cameIn processor interrupted refusing',
  also(agenda, sink) {
    for (let place = 0; place < agenda.sources.length; place++)
      sink.number(agenda.isArmed(place) ? (agenda.isRefused(place) ? 2 : 1) : 0);
  },
});

/** A source with one thing to do: what most of them are. */
export abstract class SingleStep implements StepSource {
  readonly name: string;
  readonly verbs: readonly string[];
  readonly spends: Spend;
  readonly eager: boolean;
  place = -1;

  constructor(name: string, verb: string, spends: Spend = Spend.NOTHING, eager = false) {
    this.name = name;
    this.verbs = [verb];
    this.spends = spends;
    this.eager = eager;
  }

  item(): number {
    return 0;
  }

  choices(out: number[]): void {
    out.push(0, this.item());
  }

  get party(): Party {
    return Party.NOBODY;
  }

  spend(_verb: number, _item: number): Spend {
    return this.spends;
  }

  get lendsNothing(): boolean {
    return false;
  }

  abstract take(verb: number, item: number): boolean;
}

declareState(SingleStep, {
  constant: 'name verbs spends eager place',
});
