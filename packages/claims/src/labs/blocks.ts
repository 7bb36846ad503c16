// The control block of packets that carry lent pages: is what a design put there still there when they are freed?
import { Destructor } from '@lastref/kernel';
import { workloadCalled } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

const WORKLOADS = ['nfs-odirect', 'bulk-loss', 'tap-slow-reader'];

export interface Blocks {
  readonly workload: string;
  /** Packets with lent pages that went down from TCP, and those of them that came to their end with the pointer. */
  readonly sent: number;
  readonly kept: number;
  /** Packets of TCP's own queue, which no other layer has touched, that ended with it. */
  readonly inQueue: number;
}

export const blockLab: Lab<readonly Blocks[]> = (design, era) =>
  WORKLOADS.map((workload) => {
    const cell = new Cell({ design, workload: workloadCalled(workload)!, era, seed: 1 });
    const { lifetime } = cell.k;
    const seen = { workload, sent: 0, kept: 0, inQueue: 0 };
    const cbFound = lifetime.cbFound.bind(lifetime);
    lifetime.cbFound = (skb) => {
      if (skb.headers > 0) seen.kept++;
      else seen.inQueue++;
      cbFound(skb);
    };
    const destructor = lifetime.skbDestructor.bind(lifetime);
    lifetime.skbDestructor = (skb) => {
      if (skb.destructor === Destructor.SOCK_WFREE && skb.shinfo.nrFrags > 0) seen.sent++; // clones alone are charged
      destructor(skb);
    };
    cell.runByClock();
    return seen;
  });
