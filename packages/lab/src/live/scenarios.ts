// Scenarios with real sockets: what a guest does, arm by arm, and what of the model stands beside each arm.
import type { Design } from '@lastref/kernel';
import { design as copyAlways } from '@lastref/strategies/copy-always';
import { design as msgZerocopy } from '@lastref/strategies/msg-zerocopy';
import { design as naiveSendpage } from '@lastref/strategies/naive-sendpage';
import { design as ackCallback } from '@lastref/strategies/tcp-ack-callback';

/** A cell of the matrix, of one of several operations of which a kernel has one; or a row of the comparison. */
export type Beside = { readonly operations: readonly string[] } | { readonly workload: string };

export interface Arm {
  readonly name: string;
  /** What guest/live.c is told behind the number of runs. */
  readonly args: string;
  readonly design: Design;
  /** null: what is looked at takes no part. */
  readonly beside: Beside | null;
}

export interface Scenario {
  readonly id: string;
  readonly about: string;
  readonly arms: readonly Arm[];
}

/** When a sender may take its pages for its own again, in the calls that every kernel has, and the designs that say so. */
function moments(workload: string): Arm[] {
  const beside = { workload };
  return [
    { name: 'send, at return', args: '0', design: copyAlways, beside },
    { name: 'sendfile, at return', args: '1', design: naiveSendpage, beside },
    { name: 'sendfile, when SIOCOUTQ is 0', args: '2', design: ackCallback, beside },
    { name: 'MSG_ZEROCOPY, when told', args: '3', design: msgZerocopy, beside },
  ];
}

export const SCENARIOS: readonly Scenario[] = [
  {
    id: 'mtu-probe',
    about:
      'MSG_ZEROCOPY on a path that drops large packets, 20 ms each way, with TCP probing for a larger MTU; pages are written anew as soon as their send is announced.',
    arms: [
      {
        name: 'probing',
        args: '2',
        design: msgZerocopy,
        beside: { operations: ['tcp_clone_payload', 'tcp_mtu_probe (copy)'] },
      },
      { name: 'control', args: '0', design: msgZerocopy, beside: null },
    ],
  },
  {
    id: 'slow-reader',
    about:
      'Sixteen pages over loopback to a program that does not read before they are written anew: at a moment that the sender takes for the end.',
    arms: moments('loopback-slow-reader'),
  },
  {
    id: 'slow-tap',
    about:
      'Sixteen pages over loopback to a program that reads at once; a packet socket on the way is read when they have been written anew.',
    arms: moments('tap-slow-reader'),
  },
];
