// Which layer sends again? Whole calls that the RPC layer wrote a second time, and packets that TCP did.
import { Side, TcpSock } from '@lastref/kernel';
import { NfsClient, workloadCalled } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

const WORKLOADS = ['nfs-odirect', 'nfs-tcp-retransmit'] as const;
const SEEDS = 3;

export interface Resends {
  readonly calls: number;
  readonly packets: number;
}

export const resendLab: Lab<Readonly<Record<(typeof WORKLOADS)[number], Resends>>> = (
  design,
  era,
) => {
  const count = (id: string): Resends => {
    let packets = 0;
    let calls = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const cell = new Cell({ design, workload: workloadCalled(id)!, era, seed });
      cell.runByClock();
      for (const holder of cell.k.holders)
        if (holder instanceof TcpSock && holder.side === Side.LENT) packets += holder.retransmits;
      for (const client of cell.scenario.participants)
        if (client instanceof NfsClient) calls += client.xprt.resends;
    }
    return { calls, packets };
  };
  return { 'nfs-odirect': count('nfs-odirect'), 'nfs-tcp-retransmit': count('nfs-tcp-retransmit') };
};
