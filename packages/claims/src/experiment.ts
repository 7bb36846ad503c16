// An experiment: what is claimed, what is run, and what follows from what was seen. The verdict is a function of the
// observations, so that other observations would have given another one.
import type { AnyFacts, FactsOf, Run } from './run.ts';

export type ClaimVerdict = 'confirmed' | 'refuted' | 'qualified' | 'not-settled';

export interface Outcome {
  readonly verdict: ClaimVerdict;
  /** What was seen, with its numbers. */
  readonly saw: string;
  /** A run that shows it best; null: the counts say all. */
  readonly token?: string | null;
  /** For not-settled: what the model would need. */
  readonly missing?: string;
  /** Why it cannot come out otherwise, where that is so: what was seen is what the design or the model is made of. */
  readonly byConstruction?: string;
}

/** What is written in an experiment's file. */
interface Parts<T extends Runs> {
  readonly id: string;
  /** The claim in a few words. */
  readonly claim: string;
  /** The claim in a sentence of our own, as exactly as its author meant it. */
  readonly hypothesis: string;
  /** What is run, and what is looked at. */
  readonly method: string;
  /** What would refute it. */
  readonly refuting: string;
  readonly runs: T;
  readonly settle: (seen: Seen<T>) => Outcome;
}

type Runs = Readonly<Record<string, Run | readonly Run[]>>;

/** The facts in the shape in which their runs were asked for. */
type Seen<T extends Runs> = {
  readonly [K in keyof T]: T[K] extends readonly (infer R)[]
    ? readonly FactsOf<R>[]
    : FactsOf<T[K]>;
};

export interface Experiment {
  readonly id: string;
  readonly claim: string;
  readonly hypothesis: string;
  readonly method: string;
  readonly refuting: string;
  readonly runs: readonly Run[];
  readonly settle: (facts: (run: Run) => AnyFacts) => Outcome;
}

/** A document, and the experiments on what it claims. */
export interface Source {
  /** The letter that its claims begin with. */
  readonly id: string;
  readonly author: string;
  readonly title: string;
  readonly date: string;
  /** What it is about, in a paragraph of our own. */
  readonly about: string;
  readonly experiments: readonly Experiment[];
}

export function experiment<const T extends Runs>(parts: Parts<T>): Experiment {
  const { runs, settle, ...words } = parts;
  const shape = Object.entries(runs);
  return {
    ...words,
    runs: shape.flatMap(([, asked]) => asked),
    settle(facts) {
      const seen = shape.map(([name, asked]) => [
        name,
        Array.isArray(asked) ? asked.map((run: Run) => facts(run)) : facts(asked as Run),
      ]);
      return settle(Object.fromEntries(seen) as Seen<T>);
    },
  };
}
