// A candidate in the process that judges: a design that answers every hook from a tape, and calls the services that
// stand there. None of the candidate's code is here. What does not fit the run that is played is the candidate's fault.
import {
  Kernel,
  NoMemory,
  SideField,
  declareState,
  type Calls,
  type CreateProgram,
  type Design,
  type Over,
  type PageLifetime,
  type Program,
  type Services,
  type SlabObject,
  type StateSink,
} from '@lastref/kernel';
import type { Card } from '../candidates/card.ts';
import { blamed } from '../candidates/guard.ts';
import { mayBeQuiet } from '../candidates/quiet.ts';
import {
  ASKED,
  Broken,
  CREATE,
  answerOf,
  argumentsOf,
  placeName,
  placeOf,
  type Asked,
} from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';
import { designUnder, noProgram } from '../candidates/runtime.ts';
import { CheckedCalls, CheckedServices } from '../candidates/services.ts';
import { GIVEN, SERVICES, type GivenKind, type ServiceName } from './calls.ts';
import { faultOn } from './faults.ts';
import { write } from './fields.ts';
import { Mirror, type Remembered } from './mirror.ts';
import { Names } from './names.ts';
import { misfit, type TapeReader } from './reader.ts';
import { rename } from './rename.ts';
import { Rest } from './rest.ts';
import { mustHaveRoom, mustStaySmall } from './room.ts';
import { Moments, STAND_IN, StandIn, type Sight } from './stand-in.ts';
import { NOTHING, Word } from './words.ts';

type Method = (...args: unknown[]) => unknown;

/** A hook calls no more services than that, nor writes to more fields. */
const CALLS_MAX = 1 << 20;

/** A field that the candidate added to a struct, with the values that its process told last. */
class PlayedField extends SideField<SlabObject, unknown> {
  readonly #run: Run;
  readonly #n: number;

  constructor(run: Run, n: number) {
    super();
    this.#run = run;
    this.#n = n;
  }

  override of(o: SlabObject): unknown {
    return this.#run.remembered.fields[this.#n]?.get(o);
  }
}
declareState(PlayedField, {});

const NOBODY: Remembered = { design: null, fields: [] };

/** What all machines of a tape have in common. */
interface Played {
  readonly tape: TapeReader;
  readonly file: string;
  readonly searched: boolean;
  readonly sight: Sight;
}

/** One machine with the tape in the candidate's place. */
class Run {
  readonly sight: Sight;
  readonly #tape: TapeReader;
  readonly #names: Names;
  readonly #k: Kernel;
  /** Of a program its system calls, of a design the services. */
  readonly #services: Services | Calls;
  readonly #mirror: Mirror;
  readonly #rest: Rest | null;
  readonly #file: string;
  #fields = 0;
  #remembered = NOBODY;
  readonly #moments = new Moments();
  #player: Player | null = null;

  constructor(k: Kernel, machine: number, { tape, file, searched, sight }: Played, calls?: Calls) {
    this.sight = sight;
    this.#k = k;
    this.#tape = tape;
    this.#file = file;
    this.#names = new Names(k);
    this.#services = calls === undefined ? new CheckedServices(k) : new CheckedCalls(calls);
    this.#mirror = new Mirror(this.#names);
    this.#rest = searched ? new Rest(k, machine, () => this.#player) : null;
  }

  ask(machine: number, n: number, args: readonly unknown[]): unknown {
    const hook = ASKED[n]!;
    const place = placeOf(hook);
    const names = this.#names;
    const outside = names.args;
    names.args = args;
    const before = running.enter(place);
    try {
      this.#sameQuestion(machine, n, args);
      return this.#answer(hook, this.#work());
    } catch (error) {
      throw blamed(place, this.#file, error);
    } finally {
      running.leave(before);
      names.args = outside;
      this.wentOn();
    }
  }

  /** A hook for which nobody is asked: what it would be given is known, as it stands in what is. */
  leftOut(n: number, args: readonly unknown[]): void {
    const kinds = argumentsOf(ASKED[n]!);
    for (let i = 0; i < kinds.length; i++) this.#names.give(kinds[i]!, args[i]);
    this.wentOn();
  }

  /** What it remembers may be another thing than it was. */
  wentOn(): void {
    this.#moments.goOn(this.#player);
  }

  /** The candidate was asked the same, or the run of its process was another one. */
  #sameQuestion(machine: number, n: number, args: readonly unknown[]): void {
    const tape = this.#tape;
    const word = tape.next();
    if (word === Word.FAULT) throw faultOn(tape);
    const hook = word === Word.HOOK ? (tape.next() === machine ? tape.next() : -1) : -1;
    if (hook !== n)
      throw misfit(
        `the machine asks it here, where its process ${hook < 0 ? said(word) : `was asked ${ASKED[hook] ?? 'what is no hook'}`}; ${BEHIND}`,
      );
    const kinds = argumentsOf(ASKED[n]!);
    for (let i = 0; i < kinds.length; i++)
      if (tape.next() !== this.#names.said(kinds[i]!, args[i]))
        throw misfit(`its process was asked about another ${kinds[i]!}; ${BEHIND}`);
  }

  /** Does what the tape says until it answers; the answer. */
  #work(): number {
    const tape = this.#tape;
    let refused = false;
    for (let n = 0; n < CALLS_MAX; n++) {
      const word = tape.next();
      switch (word) {
        case Word.ANSWER:
          return tape.next();
        case Word.SERVICE:
          if (!this.#call(tape.next())) refused = true;
          break;
        case Word.WRITE: {
          const wrong = write(this.#names, tape.next(), tape.next(), tape.next(), tape.next());
          if (wrong !== null) throw misfit(wrong);
          break;
        }
        case Word.SEES:
          this.sight.seesWhatWaits = true;
          break;
        case Word.NO_MEMORY:
          if (refused) throw new NoMemory();
          throw new Broken(
            placeName(running.place),
            'it threw NoMemory, and no service that it called here had said that there is none',
            'throws',
          );
        case Word.FAULT:
          throw faultOn(tape);
        default:
          throw misfit(`it does not answer: its process ${said(word)}`);
      }
    }
    throw new Broken(placeName(running.place), 'it does not return', 'returns');
  }

  /** False: there was no memory for it. */
  #call(number: number): boolean {
    const service = SERVICES[number];
    if (service === undefined) throw misfit(`it called service ${number}, which there is not`);
    const tape = this.#tape;
    const kinds: readonly GivenKind[] = GIVEN[service];
    const given = kinds.map((kind) => this.#given(service, kind, tape.next()));
    let gave: number;
    mustStaySmall(this.#k);
    const { args } = this.#names;
    try {
      gave = this.#gave(service, given);
    } catch (error) {
      if (!(error instanceof NoMemory)) throw error;
      if (tape.next() === Word.NO_MEMORY) return false;
      throw misfit(`${service} had no memory here, and had in its process; ${BEHIND}`);
    } finally {
      this.#names.args = args;
    }
    const word = tape.next();
    if (word === Word.FAULT) throw faultOn(tape);
    if (word !== Word.GAVE || tape.next() !== gave)
      throw misfit(`${service} gives something else here than in its process; ${BEHIND}`);
    return true;
  }

  #given(service: ServiceName, kind: GivenKind, word: number): unknown {
    if (kind === 'number') return word;
    if (kind === 'flag') return word === 1;
    const o = this.#names[kind](word);
    if (o === undefined)
      throw misfit(`${service} was given a ${kind} that is none of this machine`);
    return o;
  }

  /** The word for what the service gives. */
  #gave(service: ServiceName, given: readonly unknown[]): number {
    if (service === 'sideField') {
      this.#k.sideFields.push(new PlayedField(this, this.#fields++));
      return NOTHING;
    }
    const work = (this.#services as unknown as Partial<Record<ServiceName, Method>>)[service];
    if (work === undefined) throw misfit(`it called ${service}, which is none of its services`);
    const out = work.apply(this.#services, [...given]);
    if (typeof out === 'boolean') return out ? 1 : 0;
    if (typeof out === 'number') return out;
    return service === 'copyPage' ? (out as { readonly slot: number }).slot : NOTHING;
  }

  #answer(hook: Asked, word: number): unknown {
    const kind = answerOf(hook);
    if (kind === 'nothing') return undefined;
    if (kind === 'data or null') {
      const shinfo = word === NOTHING ? null : this.#names.shinfo(word);
      if (shinfo !== undefined) return shinfo;
    } else if (word === 0 || word === 1) {
      return kind === 'yes or no' ? word === 1 : word;
    }
    throw misfit(`its process answered ${word}, which is no answer`);
  }

  /** The hooks that are quiet. */
  create(machine: number): number {
    const tape = this.#tape;
    const before = running.enter(CREATE);
    try {
      const word = tape.next();
      if (word === Word.FAULT) throw faultOn(tape);
      if (word !== Word.CREATE || tape.next() !== machine)
        throw misfit(`a machine is made here, where its process ${said(word)}; ${BEHIND}`);
      const quiet = this.#work();
      if (mayBeQuiet(quiet)) return quiet;
      throw misfit(`its process says that hooks ${quiet} do nothing, and some of these do`);
    } catch (error) {
      throw blamed(CREATE, this.#file, error);
    } finally {
      running.leave(before);
    }
  }

  plays(player: Player): void {
    this.#player = player;
  }

  /** What the candidate remembers now, as its process says it. */
  get remembered(): Remembered {
    this.#hear();
    return this.#remembered;
  }

  /** Reads it, if its process has said it anew. */
  #hear(): void {
    if (this.#rest !== null) mustHaveRoom(this.#k);
    const player = this.#player;
    if (player === null || this.#moments.isTold(player, this.#k.releases)) return;
    const tape = this.#tape;
    const word = tape.next();
    if (word === Word.FAULT) throw faultOn(tape);
    if (word === Word.STATE) this.#remembered = this.#mirror.read(tape, this.#fields);
    else if (word !== Word.SAME)
      throw misfit(
        `what it remembers is asked for here, where its process ${said(word)}; ${BEHIND}`,
      );
    this.#sameMachine();
  }

  /** A number for what it knows now beside objects of the machine. */
  get known(): number {
    this.#hear();
    return this.#mirror.known;
  }

  /** Nothing in its process is written that the tape does not tell of. */
  #sameMachine(): void {
    const rest = this.#rest;
    if (rest?.look() !== true) return;
    const { names, sums } = rest;
    if (this.#tape.next() !== sums.length) throw elsewhere('an object');
    for (let i = 0; i < sums.length; i++)
      if (this.#tape.next() !== sums[i]) throw elsewhere(names[i]!);
  }
}

function elsewhere(what: string): Broken {
  return misfit(`it wrote to ${what} of the machine, where no search looks; ${ITS_OWN}`);
}

const ITS_OWN = 'it may write to loan, cb and destructor, and add a field with sideField()';

const BEHIND = 'it changed the machine, or its run, behind the seam';

function said(word: number): string {
  if (word === Word.END) return 'was at the end of the run';
  if (word === Word.CREATE) return 'made a machine';
  if (word === Word.HOOK) return 'asked a hook';
  if (word === Word.STATE || word === Word.SAME) return 'told what it remembers';
  return `said ${word}, which is no word of a tape`;
}

/**
 * What a fingerprint has before what the candidate remembers: it follows from its whole code. Who wants two of its states to
 * have one fingerprint would have to write them down in it, and then they are to have another one.
 */
export type Salt = readonly number[];

/** Stands where the machine has its design. */
class Player extends StandIn {
  readonly #run: Run;
  readonly #machine: number;
  readonly #salt: Salt;

  constructor(run: Run, machine: number, salt: Salt) {
    super();
    this.#run = run;
    this.#machine = machine;
    this.#salt = salt;
    this.quiet = run.create(machine);
    run.plays(this);
  }

  override ask(n: number, args: unknown[]): unknown {
    return this.#run.ask(this.#machine, n, args);
  }

  protected override leftOut(n: number, args: readonly unknown[]): void {
    this.#run.leftOut(n, args);
  }

  protected override get knows(): number {
    return this.#run.known;
  }

  protected override get sight(): Sight {
    return this.#run.sight;
  }

  remembered(sink: StateSink): void {
    for (const word of this.#salt) sink.number(word);
    sink.design(this.#run.remembered.design);
  }
}

declareState(Player, {
  ...STAND_IN,
  also: (player, sink) => player.remembered(sink),
});

/** The runtime of `card`: its program answers from `tape`, and what is under it is ours. */
function playedRuntime(
  card: Card,
  over: Over,
  file: string,
  tape: TapeReader,
  renames: boolean,
  salt: Salt,
): Design {
  let machines = 0;
  const sight: Sight = { seesWhatWaits: false };
  const createProgram: CreateProgram = (calls, services) => {
    if (!(services instanceof Kernel)) throw new Error('a tape is played in a machine');
    const machine = machines++;
    if (renames) rename(services, machine);
    const run = new Run(services, machine, { tape, file, searched: renames, sight }, calls);
    return new Player(run, machine, salt) as unknown as Program;
  };
  return { ...designUnder({ ...card, over, create: noProgram(card.id) }), createProgram };
}

/** The candidate of `card`, whose file is called `file` in messages, as `tape` has it; `searched`: as of `recorded`. */
export function played(
  card: Card,
  file: string,
  tape: TapeReader,
  searched = false,
  salt: Salt = [],
): Design {
  if (card.over !== undefined) return playedRuntime(card, card.over, file, tape, searched, salt);
  let machines = 0;
  const sight: Sight = { seesWhatWaits: false };
  return {
    ...card,
    create(services) {
      if (!(services instanceof Kernel)) throw new Error('a tape is played in a machine');
      const machine = machines++;
      if (searched) rename(services, machine);
      const run = new Run(services, machine, { tape, file, searched, sight });
      return new Player(run, machine, salt) as unknown as PageLifetime;
    },
  };
}
