// From a shared info back to the head of its data: is the distance always the same?
import { workloadCalled } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

const WORKLOADS = ['nfs-odirect', 'bulk-loss', 'ordinary'];

export interface Heads {
  /** Sizes of the data areas in front of shared infos that were met. */
  readonly distances: readonly number[];
  readonly seen: number;
}

export const headLab: Lab<Heads> = (design, era) => {
  const distances = new Set<number>();
  let seen = 0;
  for (const id of WORKLOADS) {
    const cell = new Cell({ design, workload: workloadCalled(id)!, era, seed: 1 });
    const { lifetime } = cell.k;
    const dataFree = lifetime.dataFree.bind(lifetime);
    lifetime.dataFree = (shinfo) => {
      seen++;
      distances.add(shinfo.end - shinfo.head);
      return dataFree(shinfo);
    };
    cell.runByClock();
  }
  return { distances: [...distances].sort((a, b) => a - b), seen };
};
