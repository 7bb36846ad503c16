// Which layer sends again? Whole calls that the RPC layer wrote a second time, and packets that TCP did.
import { Side, TcpSock } from '@lastref/kernel';
import { NfsClient, workloadCalled } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

const WORKLOADS = ['nfs-odirect', 'nfs-tcp-retransmit'] as const;

export interface Resends {
  readonly calls: number;
  readonly packets: number;
}

export const resendLab: Lab<Readonly<Record<(typeof WORKLOADS)[number], Resends>>> = (
  design,
  era,
) => {
  const count = (id: string): Resends => {
    const cell = new Cell({ design, workload: workloadCalled(id)!, era, seed: 1 });
    cell.runByClock();
    let packets = 0;
    for (const holder of cell.k.holders)
      if (holder instanceof TcpSock && holder.side === Side.LENT) packets += holder.retransmits;
    const clients = cell.scenario.participants.filter((p) => p instanceof NfsClient);
    return { calls: clients.reduce((n, c) => n + c.xprt.resends, 0), packets };
  };
  return { 'nfs-odirect': count('nfs-odirect'), 'nfs-tcp-retransmit': count('nfs-tcp-retransmit') };
};
