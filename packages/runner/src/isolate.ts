// Where cells are answered: what an isolate has at hand, and how what stops a cell gets its place and the way back.
// A candidate's fault stops nothing else.
import { SeamMisuse, type Design } from '@lastref/kernel';
import { LayoutError } from '@lastref/layout';
import { HiddenState } from '@lastref/search';
import type { Watch } from './candidates/guard.ts';
import { Broken, faultOf, placeName, type Fault } from './candidates/rules.ts';
import { running } from './candidates/running.ts';
import { isForeign, type Source } from './candidates/source.ts';
import { CouldNot, RunError, UsageError, isSystemError } from './errors.ts';
import type { House } from './house.ts';
import type { Question } from './question.ts';
import { loadDesign } from './registry.ts';

/** An answer that is none: what stopped a candidate. */
export interface Faulted {
  readonly fault: Fault;
}

/** A design that was loaded. */
export interface Subject {
  readonly design: Design;
  /** Without a candidate's guard, for those who look at its class. */
  readonly raw: Design;
  /** Looks after a candidate; null: it is the repository's own. */
  readonly watch: Watch | null;
}

/** Where the code of candidates is, and what comes between the machine and them. */
export interface Stage {
  /** A design that answers as the candidate does. Throws Broken for one that does not load. */
  load(source: Source): Promise<Subject>;
  /** The cell with this index begins. */
  begins(cell: number): void;
  /** It was answered. Throws Broken if more is to be said. */
  answered(): void;
  /** It was not, as a candidate broke a rule. */
  broke(broken: Broken): void;
  /** Does a search stop here, `late` seconds after its time was over? Of a candidate both roles stop in one place, as two clocks are two. */
  stops(late: number): boolean;
  /** Only what is said to a candidate, and what it says, is wanted: nothing else is to come of a question. */
  readonly rehearses: boolean;
}

/** The candidate is trusted: its code is here. */
const HERE: Stage = {
  async load(source) {
    const { loadCandidate } = await import('./candidates/load.ts');
    return loadCandidate(source);
  },
  begins: () => {},
  answered: () => {},
  broke: () => {},
  stops: (late) => late > 0,
  rehearses: false,
};

export class Isolate {
  readonly house: House;
  readonly stage: Stage;
  private readonly subjects = new Map<string, Subject>();

  constructor(house: House, stage = HERE) {
    this.house = house;
    this.stage = stage;
  }

  /** Loads a design, once. Throws Broken for a candidate that does not load. */
  async subject(source: Source): Promise<Subject> {
    const known = this.subjects.get(source.file);
    if (known !== undefined) return known;
    const subject = await load(source, this.stage);
    this.subjects.set(source.file, subject);
    return subject;
  }

  /** Was it loaded? */
  has(source: Source): boolean {
    return this.subjects.has(source.file);
  }

  async design(source: Source): Promise<Design> {
    return (await this.subject(source)).design;
  }

  /** Has a candidate left something behind that it may not? Throws Broken. */
  look(): void {
    for (const { watch } of this.subjects.values()) watch?.look(0);
  }

  /** A source's design by its id; by the name of its file as long as that is not known. */
  nameOf(source: Source): string {
    return this.subjects.get(source.file)?.raw.id ?? source.name;
  }
}

async function load(source: Source, stage: Stage): Promise<Subject> {
  if (isForeign(source)) return stage.load(source);
  const { design } = await loadDesign(source.file);
  return { design, raw: design, watch: null };
}

/** Answers every cell of `ask`, in order, as `attempt` does. */
export async function* answers<Ask, Answer>(
  question: Question<never, Ask, Answer, unknown>,
  ask: Ask,
  isolate: Isolate,
): AsyncGenerator<Answer | Faulted> {
  const sources = question.sources(ask);
  for (const source of sources) await isolate.subject(source);
  const foreign = sources.some(isForeign);
  const cells = question.cells(ask);
  for (let n = 0; n < cells.length; n++) {
    const [first] = sources; // none: only the repository's designs take part, and the cell says which
    const design = question.design?.(ask, n) ?? (first ? isolate.nameOf(first) : question.kind);
    const when = question.when(ask, n);
    const { stage } = isolate;
    stage.begins(n);
    const work = async (): Promise<Answer> => {
      const answer = await question.answer(ask, n, isolate);
      isolate.look();
      stage.answered();
      return answer;
    };
    yield attempt({ design, cell: cells[n]!, when, foreign }, work, (b) => stage.broke(b));
  }
}

/** A cell, as messages name it. */
export interface Place {
  readonly design: string;
  readonly cell: string;
  /** Era and seed; '': the cell says it. */
  readonly when: string;
  /** A candidate takes part. */
  readonly foreign: boolean;
}

/**
 * Does the `work` of a cell. Throws RunError if a design of the repository is stopped; a candidate's fault is the
 * answer.
 */
export async function attempt<T>(
  place: Place,
  work: () => T | Promise<T>,
  onBroken: (broken: Broken) => void = () => {},
): Promise<T | Faulted> {
  const { design, cell, when, foreign } = place;
  try {
    return await work();
  } catch (error) {
    // Guards make Broken of whatever a candidate's hooks throw: what the system refused was asked by us.
    if (error instanceof UsageError || error instanceof CouldNot || isSystemError(error))
      throw error;
    if (!foreign && !(error instanceof Broken))
      throw error instanceof RunError ? error : placed(error, place);
    const found = broken(error);
    onBroken(found);
    if (when !== '') found.when ??= when;
    return { fault: faultOf(design, cell, found) };
  } finally {
    running.moved();
  }
}

function placed(error: unknown, { design, cell, when }: Place): RunError {
  const { name, message } = error as Error;
  const at = [`${design} on ${cell}`, when].filter((part) => part !== '').join(', ');
  return new RunError(`${name}: ${message} (${at})`, { cause: error });
}

/** The machine was stopped between two hooks: by what the last one left behind. */
function broken(error: unknown): Broken {
  if (error instanceof Broken) return error;
  const { name, message } = error as Error;
  if (error instanceof HiddenState) return new Broken('', message, 'state');
  if (error instanceof LayoutError) return new Broken('its card', message, 'adds');
  const what = error instanceof RunError ? message : `${name}: ${message}`;
  const misuse = error instanceof SeamMisuse || (error as Error).cause instanceof SeamMisuse;
  const rule = misuse ? 'misuse' : 'bug';
  return new Broken('', `${what} (${placeName(running.last)} ran last)`, rule);
}
