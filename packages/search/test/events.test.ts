// What a workload is named for has to happen in every kernel, or it says *holds* of whoever would have failed: since 3.6
// one connection cannot fill a ring, so that a packet that is sent again would not wait in it.
import { eraOf } from '@lastref/kernel';
import { workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design as rpcReply } from '../../../strategies/rpc-reply.ts';
import { Cell } from '../src/index.ts';

test.each([
  ['nfs-tcp-retransmit', '3.2'],
  ['nfs-tcp-retransmit', '3.8'],
  ['nfs-tcp-retransmit', '4.14'],
  ['iscsi-write', '7.2.13'], // an NFS client lends nothing from 5.1 on
  ['nfs-udp', '2.6.24'],
  ['nfs-udp', '3.8'],
  ['nfs-udp', '4.14'],
])('%s in %s: a device reads what a reply has ended', (id, era) => {
  const cell = new Cell({
    design: rpcReply,
    workload: workloadCalled(id)!,
    era: eraOf(era)!,
    seed: 1,
  });
  const { findings } = cell.runByClock().judgement;
  expect(findings.map((f) => `${f.property} ${f.harm}`)).toContain('corrupt wire');
});
