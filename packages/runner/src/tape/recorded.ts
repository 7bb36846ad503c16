// A candidate in the process where it plays: every hook that it is asked, every service that it calls and every answer
// goes on the tape.
import type { Page, SkBuff, SkbSharedInfo, Sock } from '@lastref/kernel';
import {
  Kernel,
  NoMemory,
  declareState,
  type Design,
  type PageLifetime,
  type Program,
  type SideField,
  type SkbFrag,
  type SlabObject,
  type StateSink,
} from '@lastref/kernel';
import { asCandidate, closed, reading, type Told } from '../candidates/reading.ts';
import { behindGuard } from '../candidates/guard.ts';
import { NONE_QUIET, mustBeQuiet, quietHooks } from '../candidates/quiet.ts';
import {
  ASKED,
  Broken,
  HOOKS,
  argumentsOf,
  placeName,
  type ArgumentKind,
  type Asked,
} from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';
import { close, entryFor } from './closed.ts';
import { standIn } from './closed-sock.ts';
import { Contents } from './contents.ts';
import { placeOfEntry } from './entries.ts';
import { OWN, wordFor } from './fields.ts';
import { Mirror, type Remembered } from './mirror.ts';
import { Names } from './names.ts';
import { RecordedCalls } from './recorded-calls.ts';
import { RecordedServices } from './recorded-services.ts';
import { RecordedField, clearOver, mustBeAsMade } from './recorded-field.ts';
import { Rest } from './rest.ts';
import { rename } from './rename.ts';
import { mustHaveRoom } from './room.ts';
import { shareEra } from './seam.ts';
import { Moments, STAND_IN, StandIn, type Sight } from './stand-in.ts';
import { NOTHING, Word, type Sink } from './words.ts';

type Method = (...args: unknown[]) => unknown;

/** One machine with the candidate in it. */
class Run implements Told {
  /** What it is given to call. */
  readonly services: RecordedServices;
  readonly sight: Sight;
  readonly #names: Names;
  readonly #tape: Sink;
  readonly #k: Kernel;
  readonly #fields: SideField<SlabObject, unknown>[] = [];
  /** Those that stood in the machine before, which are of the design below a runtime, and these. */
  readonly #allFields: object[] = [];
  readonly #contents: Contents;
  /** What no search looks at; null: nobody searches. */
  readonly #rest: Rest | null;
  #told: readonly number[] | null = null;
  readonly #mirror: Mirror;
  #remembered: Remembered | null = null;
  /** By field: values that were asked for, each with how it was told. */
  readonly #values = new Map<number, Map<SlabObject, readonly unknown[]>>();
  readonly #moments = new Moments();
  #recorder: Recorder | null = null;
  /** Hooks that are being asked, one inside the other. */
  #depth = 0;

  constructor(k: Kernel, machine: number, tape: Sink, searched: boolean, sight: Sight) {
    this.sight = sight;
    this.#k = k;
    this.#tape = tape;
    this.#names = new Names(k, closed);
    this.#contents = new Contents(k, this.#names);
    this.#mirror = new Mirror(this.#names);
    this.services = new RecordedServices(k, this.#names, tape, () => this.#addField());
    this.#rest = searched ? new Rest(k, machine, () => this.#recorder, true) : null;
  }

  /** A hook of the machine with this number is asked. */
  ask(machine: number, n: number, inner: Record<string, Method>, args: unknown[]): unknown {
    const hook = ASKED[n]!;
    const kinds = KINDS[n]!;
    const tape = this.#tape;
    const names = this.#names;
    // where nobody looks, each hook would go through all that packets ever had
    if (this.#depth === 0 && this.#rest !== null)
      for (const field of this.#fields) clearOver(names, field);
    const outside = names.args;
    tape.put(Word.HOOK);
    tape.put(machine);
    tape.put(n);
    for (let i = 0; i < kinds.length; i++) tape.put(names.said(kinds[i]!, args[i]));
    names.args = givenFor(kinds, args);
    this.#depth++;
    try {
      const answered = this.#asked(inner, hook, names.args);
      const word = this.#answer(answered);
      tape.put(Word.ANSWER);
      tape.put(word);
      return answered;
    } catch (error) {
      if (error instanceof NoMemory) tape.put(Word.NO_MEMORY);
      throw error;
    } finally {
      this.#depth--;
      names.args = outside;
      this.wentOn();
    }
  }

  /** A hook for which nobody is asked: what it would be given is known, as it stands in what is. */
  leftOut(n: number, args: readonly unknown[]): void {
    const kinds = KINDS[n]!;
    for (let i = 0; i < kinds.length; i++) this.#names.give(kinds[i]!, args[i]);
    this.wentOn();
  }

  /** What it remembers may be another thing than it was. */
  wentOn(): void {
    this.#moments.goOn(this.#recorder);
  }

  /** Here the candidate's code runs: what it writes to the machine's objects goes on this tape. */
  #asked(inner: Record<string, Method>, hook: Asked, args: readonly unknown[]): unknown {
    const { told, byCandidate } = reading;
    reading.told = this;
    reading.byCandidate = true;
    try {
      return inner[hook]!(...args);
    } finally {
      reading.told = told;
      reading.byCandidate = byCandidate;
    }
  }

  sees(): void {
    if (this.sight.seesWhatWaits) return;
    this.sight.seesWhatWaits = true;
    this.#tape.put(Word.SEES);
  }

  wrote(field: number, o: object, value: unknown): void {
    const tape = this.#tape;
    reading.byCandidate = false;
    try {
      const [of, name, wants] = OWN[field]!;
      const [owner, index] = this.#placeOf(of, o);
      const word = wordFor(this.#names, wants, value);
      if (word === undefined)
        throw new Broken(
          placeName(running.place),
          `it wrote ${shown(value)} to ${name} of a ${o.constructor.name}, which can have no such value`,
          'seam',
        );
      for (const one of [Word.WRITE, field, owner, index, word]) tape.put(one);
    } finally {
      reading.byCandidate = true;
    }
  }

  #placeOf(of: (typeof OWN)[number][0], o: object): readonly [owner: number, index: number] {
    const names = this.#names;
    if (of === 'page') return [names.wordOfPage(o as Page), 0];
    if (of === 'skb') return [names.wordOfSkb(o as SkBuff), 0];
    if (of === 'shinfo') return [names.wordOfShinfo(o as SkbSharedInfo), 0];
    const [shinfo, index] = placeOfEntry(o) ?? [null, NOTHING];
    return [shinfo === null ? names.argument('frag', o) : names.wordOfShinfo(shinfo), index];
  }

  #answer(said: unknown): number {
    if (typeof said === 'boolean') return said ? 1 : 0;
    if (typeof said === 'number') return said;
    if (typeof said === 'object' && said !== null)
      return this.#names.wordOfShinfo(said as SkbSharedInfo);
    return NOTHING;
  }

  /** `create` begins. */
  begin(machine: number): void {
    shareEra(this.#k.era);
    this.#allFields.push(...this.#k.sideFields);
    Object.freeze(this.#k.design);
    this.#depth++;
    this.#tape.put(Word.CREATE);
    this.#tape.put(machine);
  }

  /** What `create` makes. */
  created<T>(create: () => T): T {
    const { told } = reading;
    reading.told = this;
    try {
      return asCandidate(create);
    } finally {
      reading.told = told;
    }
  }

  end(recorder: Recorder): void {
    this.#depth--;
    this.#recorder = Object.preventExtensions(recorder);
    this.#tape.put(Word.ANSWER);
    this.#tape.put(recorder.leavesOut);
  }

  /** Somebody looks at what the candidate remembers. */
  lookedAt(): void {
    if (this.#rest !== null) mustHaveRoom(this.#k);
    const tape = this.#tape;
    const recorder = this.#recorder;
    if (recorder === null || this.#moments.isTold(recorder, this.#k.releases)) return;
    const contents = this.#contents;
    mustBeAsMade(this.#k.sideFields, this.#allFields);
    contents.take(recorder.inner, this.#fields);
    const rest = this.#rest;
    const looked = rest?.look() === true;
    if (looked) contents.mustBeItsOwn(rest);
    // what is wrong has been said: who reads the tape looks for it where the next line begins
    const { words } = contents;
    if (this.#told !== null && same(this.#told, words)) {
      tape.put(Word.SAME);
    } else {
      this.#told = words.slice();
      tape.put(Word.STATE);
      tape.put(words.length);
      for (const word of words) tape.put(word);
      this.#remember(words);
    }
    if (!looked) return;
    tape.put(rest.sums.length);
    for (const sum of rest.sums) tape.put(sum);
  }

  /** Reads what was told as who judges does, so that both take the same for one state. */
  #remember(words: readonly number[]): void {
    const told = [words.length, ...words];
    let at = 0;
    const spring = { next: (): number => told[at++]! };
    this.#remembered = this.#mirror.read(spring, this.#fields.length);
    this.#values.clear();
  }

  /** What the candidate remembers now, as it was told. */
  get remembered(): unknown {
    return this.#remembered?.design ?? null;
  }

  /** A number for what it knows now beside objects of the machine. */
  get known(): number {
    this.lookedAt();
    return this.#mirror.known;
  }

  /** A value of a field that it added, with how it was told. */
  told(field: object, o: SlabObject, value: unknown): unknown {
    const n = (this.#fields as readonly object[]).indexOf(field);
    let values = this.#values.get(n);
    if (values === undefined) this.#values.set(n, (values = new Map()));
    let both = values.get(o);
    // another list with the same content is told as the one before it was, and that one may have other content by now
    if (both === undefined || both[0] !== value)
      values.set(o, (both = [value, this.#remembered?.fields[n]?.get(o)]));
    return both;
  }

  /** Is it something that a field can be added to, and no look-alike? Throws Broken. */
  mustBeOfMachine(o: SlabObject): void {
    this.#names.wordOf(o);
  }

  /** Whatever was set for lives that are over goes out of `field`. */
  forgetOver(field: SideField<SlabObject, unknown>): void {
    clearOver(this.#names, field);
  }

  /** A field that it adds to a struct. */
  #addField(): SideField<SlabObject, unknown> {
    const field = new RecordedField<SlabObject, unknown>(this);
    this.#k.sideFields.push(field);
    this.#fields.push(field);
    this.#allFields.push(field);
    return field;
  }
}

/** A value for a message, of which no code runs. */
function shown(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : `${value}`;
  return value !== null && typeof value === 'object'
    ? 'an object'
    : `${value === null ? null : typeof value}`;
}

/** By hook: what kinds of arguments it has. */
const KINDS = ASKED.map((hook) => argumentsOf(hook));

/** What a hook is given for its arguments: the list itself, which is its own, with something else in some places. */
function givenFor(kinds: readonly ArgumentKind[], args: unknown[]): readonly unknown[] {
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] === 'frag') args[i] = entryFor(args[i] as SkbFrag);
    else if (kinds[i] === 'sock') args[i] = standIn(args[i] as Sock);
  }
  return args;
}

const prototypeOf = (o: object): object | null => Object.getPrototypeOf(o) as object | null;

function same(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Stands where the machine has its design. Searches keep its fields with the machine's. */
class Recorder extends StandIn {
  readonly inner: object;
  readonly #run: Run;
  readonly #machine: number;
  /** What `create` returned, and of which class it was then. */
  readonly #made: object;
  readonly #prototype: object | null;

  constructor(run: Run, machine: number, inner: object) {
    super();
    this.#run = run;
    this.#machine = machine;
    this.inner = inner;
    this.#made = behindGuard(inner);
    this.quiet = quietHooks(this.#made);
    this.#prototype = this.quiet === NONE_QUIET ? null : prototypeOf(this.#made);
  }

  override ask(n: number, args: unknown[]): unknown {
    return this.#run.ask(this.#machine, n, this.inner as Record<string, Method>, args);
  }

  protected override leftOut(n: number, args: readonly unknown[]): void {
    mustBeQuiet(this.#made, this.#prototype, HOOKS[n]!);
    this.#run.leftOut(n, args);
  }

  protected override get knows(): number {
    return this.#run.known;
  }

  protected override get sight(): Sight {
    return this.#run.sight;
  }

  /** Hooks that nobody asks for, as a tape has them. */
  get leavesOut(): number {
    return this.quiet;
  }

  /** Somebody looks at what it remembers. */
  remembered(sink: StateSink): void {
    this.#run.lookedAt();
    sink.design(this.inner); // refuses what no walk sees
    sink.design(this.#run.remembered);
  }
}

declareState(Recorder, {
  ...STAND_IN,
  elsewhere: 'inner',
  also: (recorder, sink) => recorder.remembered(sink),
});

/** The program of a runtime, with all that it says on `tape`; what is under it is the same in both processes. */
function recordedRuntime(design: Design, tape: Sink, renames: boolean): Design {
  let machines = 0;
  const sight: Sight = { seesWhatWaits: false };
  return {
    ...design,
    createProgram(calls, services) {
      if (!(services instanceof Kernel)) throw new Error('a candidate is recorded in a machine');
      const machine = machines++;
      if (renames) rename(services, machine);
      const run = new Run(services, machine, tape, renames, sight); // it is given numbers alone
      run.begin(machine);
      const program = new RecordedCalls(run.services, calls);
      const made = run.created(() => design.createProgram!(program, services));
      const recorder = new Recorder(run, machine, made);
      run.end(recorder);
      return recorder as unknown as Program;
    },
  };
}

/** `design`, which is guarded, with all that it says on `tape`; `searched`: every machine has other names for its objects. */
export function recorded(design: Design, tape: Sink, searched = false): Design {
  if (design.createProgram !== undefined) return recordedRuntime(design, tape, searched);
  let machines = 0;
  const sight: Sight = { seesWhatWaits: false };
  return {
    ...design,
    create(services) {
      if (!(services instanceof Kernel)) throw new Error('a candidate is recorded in a machine');
      const machine = machines++;
      close(services);
      if (searched) rename(services, machine);
      const run = new Run(services, machine, tape, searched, sight);
      run.begin(machine);
      const recorder = new Recorder(
        run,
        machine,
        run.created(() => design.create(run.services)),
      );
      run.end(recorder);
      return recorder as unknown as PageLifetime;
    },
  };
}
