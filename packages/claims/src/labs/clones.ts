// How many of the packets that carry lent pages are cloned at least once?
import type { SkBuff } from '@lastref/kernel';
import { workloadCalled } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

/** TCP, which clones whatever it transmits; and what does not go through TCP. */
const WORKLOADS = [
  'nfs-odirect',
  'bulk-loss',
  'tap-slow-reader',
  'loopback-slow-reader',
  'nfs-udp',
  'netback-bridge',
  'vringfd',
];

export interface Clones {
  readonly workload: string;
  readonly packets: number;
  readonly cloned: number;
  /** Clones made of them in all. */
  readonly clones: number;
}

export const cloneLab: Lab<readonly Clones[]> = (design, era) =>
  WORKLOADS.map((workload) => {
    const cell = new Cell({ design, workload: workloadCalled(workload)!, era, seed: 1 });
    const { lifetime } = cell.k;
    const packets = new Set<string>();
    const cloned = new Set<string>();
    let clones = 0;
    const lend = lifetime.lend.bind(lifetime);
    lifetime.lend = (skb, ...rest) => {
      packets.add(nameOf(skb));
      lend(skb, ...rest);
    };
    const clone = lifetime.clone.bind(lifetime);
    lifetime.clone = (skb, site) => {
      if (packets.has(nameOf(skb))) {
        cloned.add(nameOf(skb));
        clones++;
      }
      return clone(skb, site);
    };
    cell.runByClock();
    return { workload, packets: packets.size, cloned: cloned.size, clones };
  });

/** One life of one sk_buff of a pair. */
function nameOf(skb: SkBuff): string {
  return `${skb.slot} ${skb.gen}`;
}
