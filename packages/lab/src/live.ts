// Scenarios with real sockets in a guest, each with a control, beside the cell of the matrix that stands for it.
import { eraOf, type Design } from '@lastref/kernel';
import { OPERATIONS, existsIn, runMatrixCell } from '@lastref/operations';
import type { LiveDocument, LiveRow } from '@lastref/report';
import { design as msgZerocopy } from '@lastref/strategies/msg-zerocopy';
import type { Guest } from './guest/guest.ts';
import { LabError } from './guest/process.ts';
import { eraBeside } from './lab.ts';

interface Arm {
  readonly name: string;
  /** What guest/live.c is told behind the number of runs. */
  readonly args: string;
  /** Operations of which one, the one that the kernel has, decides; none: what is looked at takes no part. */
  readonly operations: readonly string[];
}

export interface Scenario {
  readonly id: string;
  readonly about: string;
  readonly design: Design;
  readonly arms: readonly Arm[];
}

export const SCENARIOS: readonly Scenario[] = [
  {
    id: 'mtu-probe',
    about:
      'MSG_ZEROCOPY on a path that drops large packets, 20 ms each way, with TCP probing for a larger MTU; pages are written anew as soon as their send is announced.',
    design: msgZerocopy,
    arms: [
      { name: 'probing', args: '2', operations: ['tcp_clone_payload', 'tcp_mtu_probe (copy)'] },
      { name: 'control', args: '0', operations: [] },
    ],
  },
];

/** Every arm, each in a boot of its own. Throws LabError where a run came to nothing. */
export async function runScenario(
  { id, arms, design }: Scenario,
  guest: Guest,
  runs: number,
): Promise<{ kernel: LiveDocument['kernels'][number]; rows: LiveRow[] }> {
  const era = eraBeside(guest).id;
  const rows: LiveRow[] = [];
  for (const arm of arms) {
    const text = await guest.play(`# live ${id} ${runs} ${arm.args}\n`);
    const got = runsOf(text);
    if (got.length !== runs)
      throw new LabError(`${guest.id}: ${got.length} of ${runs} runs came to their end\n${text}`);
    const early = got.filter((r) => r.early > 0).length;
    const delivered = got.filter((r) => r.delivered > 0).length;
    const { cell, harmful } = modelOf(design, arm, era);
    const verdict = delivered > 0 === harmful ? 'agrees' : harmful ? 'not seen' : 'contradicts';
    rows.push({ kernel: guest.id, arm: arm.name, runs, early, delivered, cell, verdict });
  }
  const { version, sha256 } = guest;
  return { kernel: { id: guest.id, version, sha256, era }, rows };
}

/** `run 1 mss 1024 … early 2 … delivered 1023`, one line for each. */
export function runsOf(text: string): { early: number; delivered: number }[] {
  return [...text.matchAll(/^run \d+ .*?\bearly (\d+) .*?\bdelivered (\d+)$/gm)].map((m) => ({
    early: Number(m[1]),
    delivered: Number(m[2]),
  }));
}

/** What the matrix says, and whether somebody may read changed bytes by that. */
function modelOf(
  design: Design,
  { operations }: Arm,
  era: string,
): { cell: LiveRow['cell']; harmful: boolean } {
  const operation = OPERATIONS.find((o) => operations.includes(o.id) && existsIn(o, era));
  if (operation === undefined) return { cell: null, harmful: false };
  const cell = runMatrixCell(design, operation, eraOf(era)!, false);
  const word = cell.verdict === 'refuted' ? cell.properties.join(', ') : cell.verdict;
  return {
    cell: { design: design.id, operation: operation.id, era, word },
    harmful: cell.properties.includes('corrupt'),
  };
}
