// How likely is a changed byte, by how long the application waits before it uses its buffer again?
import { NfsClient, workloadCalled, type Workload } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';
import { PerLoan } from './per-loan.ts';

/** Milliseconds from the end of a write to the next use of its buffer. */
const DELAYS = [0, 1, 2, 5, 10, 20, 50];
/** As many as it takes for the intervals of the first and the last pauses to lie apart. */
const SEEDS = 24;

export interface ReusePoint {
  readonly delayMs: number;
  readonly writes: number;
  /** Writes of which a device, or the server, read other bytes than those written. */
  readonly wire: number;
  readonly delivered: number;
  /** The share of the former, seed by seed. */
  readonly shares: readonly number[];
}

export const reuseLab: Lab<readonly ReusePoint[]> = (design, era) =>
  DELAYS.map((delayMs) => {
    const workload = reusingAfter(delayMs * 1000);
    const point = { delayMs, writes: 0, wire: 0, delivered: 0, shares: [] as number[] };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const seen = new PerLoan();
      const cell = new Cell({ design, workload, era, seed });
      cell.judge.observe(seen);
      const { loans } = cell.runByClock().judgement;
      point.writes += loans;
      point.shares.push(seen.changed.wire.size / loans);
      point.wire += seen.changed.wire.size;
      point.delivered += seen.changed.delivered.size;
    }
    return point;
  });

/** nfs-odirect, whose writers use their buffers again `reuseTicks` after each write. */
function reusingAfter(reuseTicks: number): Workload {
  const workload = workloadCalled('nfs-odirect')!;
  return {
    ...workload,
    build(k, seed) {
      const scenario = workload.build(k, seed);
      for (const client of scenario.participants)
        if (client instanceof NfsClient) Object.assign(client.options, { reuseTicks }); // options of this machine alone
      return scenario;
    },
  };
}
