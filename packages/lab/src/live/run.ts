// Runs of a scenario in a guest, beside what the model says.
import { eraOf, type Design } from '@lastref/kernel';
import { OPERATIONS, existsIn, runMatrixCell } from '@lastref/operations';
import type { LiveDocument, LiveRow } from '@lastref/report';
import { Cell } from '@lastref/search';
import { WORKLOADS } from '@lastref/workloads';
import type { Guest } from '../guest/guest.ts';
import { LabError } from '../guest/process.ts';
import { eraBeside } from '../lab.ts';
import type { Arm, Beside, Scenario } from './scenarios.ts';

/** One kernel's part of a scenario. */
export interface LiveResult {
  readonly kernel: LiveDocument['kernels'][number];
  readonly rows: readonly LiveRow[];
}

export function liveDocument(
  { id, about }: Scenario,
  { command, date }: Pick<LiveDocument, 'command' | 'date'>,
  got: readonly LiveResult[],
): Omit<LiveDocument, 'digest'> {
  return {
    schema: 'lastref.live/1',
    scenario: id,
    about,
    command,
    date,
    kernels: got.map((g) => g.kernel),
    rows: got.flatMap((g) => g.rows),
  };
}

/** Every arm, each in a boot of its own. Throws LabError where a run came to nothing. */
export async function runScenario(
  { id, arms }: Scenario,
  guest: Guest,
  runs: number,
): Promise<LiveResult> {
  const era = eraBeside(guest).id;
  const rows: LiveRow[] = [];
  for (const arm of arms) {
    const text = await guest.play(`# live ${id} ${runs} ${arm.args}\n`);
    const got = runsOf(text);
    if (got.length !== runs)
      throw new LabError(`${guest.id}: ${got.length} of ${runs} runs came to their end\n${text}`);
    const early = got.filter((r) => r.early > 0).length;
    const delivered = got.filter((r) => r.delivered > 0).length;
    const { cell, harmful } = modelOf(arm, era);
    const verdict = delivered > 0 === harmful ? 'agrees' : harmful ? 'not seen' : 'contradicts';
    rows.push({ kernel: guest.id, arm: arm.name, runs, early, delivered, cell, verdict });
  }
  const { version, sha256 } = guest;
  return { kernel: { id: guest.id, version, sha256, era }, rows };
}

/** `run 1 … early 2 … delivered 1023`, one line for each. */
export function runsOf(text: string): { early: number; delivered: number }[] {
  return [...text.matchAll(/^run \d+ .*?\bearly (\d+) .*?\bdelivered (\d+)$/gm)].map((m) => ({
    early: Number(m[1]),
    delivered: Number(m[2]),
  }));
}

/** What the model says, and whether somebody may read changed bytes by that. */
function modelOf(
  { design, beside }: Arm,
  era: string,
): { cell: LiveRow['cell']; harmful: boolean } {
  if (beside === null) return { cell: null, harmful: false };
  const { on, word, harmful } = judged(design, beside, era);
  return { cell: { design: design.id, on, era, word }, harmful };
}

function judged(
  design: Design,
  beside: Beside,
  era: string,
): { on: string; word: string; harmful: boolean } {
  if ('operations' in beside) {
    const operation = OPERATIONS.find((o) => beside.operations.includes(o.id) && existsIn(o, era))!;
    const { verdict, properties } = runMatrixCell(design, operation, eraOf(era)!, false);
    const word = verdict === 'refuted' ? properties.join(', ') : verdict;
    return { on: operation.id, word, harmful: properties.includes('corrupt') };
  }
  const workload = WORKLOADS.find((w) => w.id === beside.workload)!;
  const run = new Cell({ design, workload, era: eraOf(era)!, seed: 1 }).runByClock();
  const refuted = run.judgement.findings.map((f) => f.property);
  const word = refuted.length === 0 ? 'holds' : [...new Set(refuted)].join(', ');
  return { on: workload.id, word, harmful: refuted.includes('corrupt') };
}
