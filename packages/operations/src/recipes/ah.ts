// AH: a sum over a packet that is made the stack's own first, at once or by an engine.
import { CHANGES, Cryptd, ahInput, ahOutput } from '@lastref/kernel';
import {
  NOT_OF_TCP,
  SENDER,
  atTunnel,
  received,
  type Operation,
  type OperationBench,
} from '../operation.ts';

const AH4 = {
  file: 'net/ipv4/ah4.c',
  since: CHANGES.ahAsync,
  until: null,
  carries: [],
} as const satisfies Omit<Operation, 'id' | 'who' | 'refs' | 'apply'>;

/** An engine that is done with its requests when the bench says so. */
function engine(b: OperationBench): Cryptd {
  const cryptd = new Cryptd(b.k);
  b.watch(cryptd, 'crypto engine');
  return cryptd;
}

/** A packet that has arrived: what comes of it waits to be read. */
function input(b: OperationBench, cryptd: Cryptd | null): void {
  const packet = received(b, b.packet(b.first));
  ahInput(b.k, packet, cryptd, (skb) => b.hold(skb, 'receive queue'));
  b.gone(packet);
}

/**
 * One that leaves goes to the device. Of TCP, too: from 3.9 on xfrm_output makes that linear before AH sees it, to be summed, by the
 * same calls as skb_cow_data.
 */
function output(b: OperationBench, cryptd: Cryptd | null): void {
  const packet = atTunnel(b, b.packet(b.first));
  ahOutput(b.k, packet, cryptd, (skb) => b.device.queueXmit(skb));
  b.gone(packet);
}

export const AH: readonly Operation[] = [
  {
    ...AH4,
    id: 'ah_input',
    onHost: true,
    who: SENDER,
    meets: NOT_OF_TCP, // no stream carries AH, and what leaves ah_output is a copy
    refs: 'as skb_cow_data',
    apply: (b) => input(b, null),
  },
  {
    ...AH4,
    id: 'ah_input (async)',
    onHost: true,
    who: SENDER,
    meets: NOT_OF_TCP, // no stream carries AH, and what leaves ah_output is a copy
    refs: 'as skb_cow_data; the engine has the skb until it is done',
    apply: (b) => input(b, engine(b)),
  },
  {
    ...AH4,
    id: 'ah_output',
    who: SENDER,
    refs: 'as skb_cow_data',
    apply: (b) => output(b, null),
  },
  {
    ...AH4,
    id: 'ah_output (async)',
    who: SENDER,
    refs: 'as skb_cow_data; the engine has the skb until it is done',
    apply: (b) => output(b, engine(b)),
  },
];
