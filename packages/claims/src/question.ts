// The ledger of claims: the runs that experiments ask for, each made once.
import type { Design } from '@lastref/kernel';
import {
  find,
  RunError,
  sourceOf,
  type DesignFile,
  type Question,
  type Source,
} from '@lastref/runner';
import { execute } from './execute.ts';
import { Observations } from './observations.ts';
import { keyOf, type AnyFacts, type Run } from './run.ts';
import { baseOf, designCalled, variantsOf } from './variants.ts';

/** Runs of one isolate, more or less: few starts, and no isolate that is busy long after the others. */
const BATCH = 50;

export interface ClaimsPlan {
  /** Each once. */
  readonly runs: readonly Run[];
  readonly designs: readonly DesignFile[];
}

/** Counts do not depend on who shares an isolate, so designs with few runs do: that saves its start. */
export interface ClaimsAsk {
  readonly runs: readonly { readonly source: Source; readonly run: Run }[];
}

export interface ClaimsAnswer {
  readonly run: Run;
  readonly facts: AnyFacts;
}

export const question: Question<ClaimsPlan, ClaimsAsk, ClaimsAnswer, Observations> = {
  kind: 'claims',
  brief: true,
  asks: asksOf,
  sources: (ask) => [...new Map(ask.runs.map(({ source }) => [source.file, source])).values()],
  cells: (ask) => ask.runs.map(({ run }) => keyOf(run)),
  when: () => '',
  design: (ask, cell) => ask.runs[cell]!.run.design,
  about: ({ run }) => `${run.kind} ${run.design}`,
  async answer(ask, cell, isolate) {
    const { source, run } = ask.runs[cell]!;
    const design = await isolate.design(source);
    return { run, facts: observed(run, design) };
  },
  merge(_, answers) {
    const seen = new Observations();
    for (const { run, facts } of answers) seen.add(run, facts);
    return seen;
  },
  designs: variantsOf,
};

function observed(run: Run, design: Design): AnyFacts {
  try {
    return execute(run, designCalled(run.design, design));
  } catch (error) {
    const { name, message } = error as Error;
    throw new RunError(`${name}: ${message} (${JSON.stringify(run)})`, { cause: error });
  }
}

/** Runs of one design stay together as far as a batch holds them. */
function asksOf({ runs, designs }: ClaimsPlan): ClaimsAsk[] {
  const byDesign = new Map<string, Run[]>();
  for (const run of runs) {
    const id = baseOf(run.design);
    byDesign.set(id, [...(byDesign.get(id) ?? []), run]);
  }
  const all = [...byDesign].flatMap(([id, some]) => {
    const source = sourceOf(find('design', designs, (d) => d.design.id, id));
    return some.map((run) => ({ source, run }));
  });
  const asks: ClaimsAsk[] = [];
  for (let i = 0; i < all.length; i += BATCH) asks.push({ runs: all.slice(i, i + BATCH) });
  return asks;
}
