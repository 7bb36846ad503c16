// A question that lastref can ask of designs: what it needs, its cells, how an isolate answers one, how answers
// become one result. Each question is a file; who answers it, and where, is the pool's business.
import type { Brought } from './brought.ts';
import type { Source } from './candidates/source.ts';
import type { Isolate } from './isolate.ts';
import type { Design } from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';

/**
 * `Plan` is what a command wants to know, `Ask` the part of it that is asked of one design, `Answer` what comes back for each cell. Ask and Answer are plain
 * data: they travel between threads.
 */
export interface Question<Plan, Ask, Answer, Result> {
  readonly kind: string;
  /** What is asked, one isolate for each unless they are `brief`. */
  asks(plan: Plan): readonly Ask[];
  /** Whose code takes part, besides the repository's. */
  sources(ask: Ask): readonly Source[];
  /** The cells of an ask by name, each with one answer, in this order. */
  cells(ask: Ask): readonly string[];
  /** Era and seed, for the message of what is stopped; '': the cell's name says it. */
  when(ask: Ask, cell: number): string;
  /** The design that a cell runs, by id, where an ask has several. */
  design?(ask: Ask, cell: number): string;
  /** Its answers may take as long as they like, and tables of their own: a search. */
  readonly endless?: true;
  /**
   * It takes states for one another: a candidate's machines have other names each, and nothing may be kept in the rest of a
   * machine, else a search of it proves nothing.
   */
  readonly searches?: true;
  /**
   * Its asks are over soon: an isolate is asked several, as code that is warm gains more than a single implementation of
   * the seam. A candidate has one for itself all the same.
   */
  readonly brief?: true;
  /** In an isolate: the answer for the cell with this index. What it is not asked for, it does not load. */
  answer(ask: Ask, cell: number, isolate: Isolate): Answer | Promise<Answer>;
  /** In the caller's process: all answers, in whatever order they came. */
  merge(plan: Plan, answers: readonly Answer[]): Result | Promise<Result>;
  /** For progress: what an answer was about. */
  about?(answer: Answer): string;
  /** Its workloads are played with any design. Without: each is a program that brings its own. */
  readonly forAnyDesign?: true;
  /** Workloads of its own that a token may name. */
  workloads?(): readonly Workload[];
  /** From now on a token may name what this has in it, too. Throws UsageError for what is none of its kind. */
  brings?(brought: Brought): Promise<void>;
  /** Designs made from `known` that a token may name. */
  designs?(known: readonly Design[]): readonly Design[];
}

/** Any of them, for those who pass asks and answers on without looking. */
export type AnyQuestion = Question<never, unknown, unknown, unknown>;

/** A question that is asked of one isolate and has one answer, which is the result. */
export function single<Ask, Answer>(
  question: Omit<Question<Ask, Ask, Answer, Answer>, 'asks' | 'merge'>,
): Question<Ask, Ask, Answer, Answer> {
  return { ...question, asks: (ask) => [ask], merge: (_, [answer]) => answer! };
}
