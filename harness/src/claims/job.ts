// The runs of the ledger for one design, in its isolate.
import type { Design } from '@lastref/kernel';
import type { Source } from '../candidate/source.ts';
import { RunError } from '../clock.ts';
import { execute } from './execute.ts';
import type { AnyFacts, Run } from './run.ts';
import { designCalled } from './variants.ts';

export interface ClaimsJob {
  readonly kind: 'claims';
  readonly source: Source;
  readonly runs: readonly Run[];
}

export interface ClaimsAnswer {
  readonly run: Run;
  readonly facts: AnyFacts;
}

/** One answer per run. */
export function* runClaims(job: ClaimsJob, design: Design): Generator<ClaimsAnswer> {
  for (const run of job.runs) {
    try {
      yield { run, facts: execute(run, designCalled(run.design, design)) };
    } catch (error) {
      const { name, message } = error as Error;
      throw new RunError(`${name}: ${message} (${JSON.stringify(run)})`, { cause: error });
    }
  }
}
