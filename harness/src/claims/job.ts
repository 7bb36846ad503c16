// Some runs of the ledger, in an isolate.
import type { Design } from '@lastref/kernel';
import type { Source } from '../candidate/source.ts';
import { RunError } from '../clock.ts';
import { execute } from './execute.ts';
import type { AnyFacts, Run } from './run.ts';
import { designCalled } from './variants.ts';

/** Counts do not depend on who shares an isolate, so designs with few runs do: that saves its start. */
export interface ClaimsJob {
  readonly kind: 'claims';
  readonly parts: readonly { readonly source: Source; readonly runs: readonly Run[] }[];
}

export interface ClaimsAnswer {
  readonly run: Run;
  readonly facts: AnyFacts;
}

/** One answer per run. */
export async function* runClaims(
  job: ClaimsJob,
  load: (source: Source) => Promise<Design>,
): AsyncGenerator<ClaimsAnswer> {
  for (const { source, runs } of job.parts) {
    const design = await load(source);
    for (const run of runs) {
      try {
        yield { run, facts: execute(run, designCalled(run.design, design)) };
      } catch (error) {
        const { name, message } = error as Error;
        throw new RunError(`${name}: ${message} (${JSON.stringify(run)})`, { cause: error });
      }
    }
  }
}
