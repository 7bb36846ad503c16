// What a batch that comes from elsewhere (a worker, a line of a journal) cannot be, whoever made it. What it can be is believed:
// that nothing was found nobody can see, and a finding is played again by its token.
import { decodeToken } from '../token.ts';
import type { BatchRecord } from './batch.ts';
import type { CampaignPlan } from './campaign.ts';

/** Does `plan` have this batch? */
export function isOf({ rounds, designs, workloads }: CampaignPlan, batch: BatchRecord): boolean {
  const { round, design, workload } = batch;
  return round >= 1 && round <= rounds && designs.includes(design) && workloads.includes(workload);
}

/** Why no campaign of this plan has this batch, if it is one that was asked for; null: it may have. */
export function impossible(batch: BatchRecord, plan: CampaignPlan): string | null {
  const { design, workload, runs, steps, exercised, findings } = batch;
  const least = plan.options.runs;
  // behind runs that a corpus has kept
  if (runs < least || (runs > least && plan.corpus === undefined))
    return `${runs} runs, where ${least} were asked for`;
  if ((batch.starved ?? 0) > runs) return `${batch.starved} of ${runs} runs had no page frame left`;
  for (const found of findings) {
    const { property, token } = found;
    if (!exercised.includes(property)) return `${property} is refuted and was never exercised`;
    if (found.steps > steps)
      return `a finding of ${found.steps} steps, where all runs together took ${steps}`;
    const of = cellIn(token);
    const own = of !== null && of.design === design && of.workload === workload;
    if (!own || of.era !== plan.era) return `a finding whose token is of another run (${token})`;
  }
  return null;
}

function cellIn(token: string): ReturnType<typeof decodeToken> | null {
  try {
    return decodeToken(token);
  } catch {
    return null;
  }
}
