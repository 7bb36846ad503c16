// AF_XDP: memory of a process, sent by reference.
import { CHANGES, PacketSock, Side, XdpSock } from '@lastref/kernel';
import { ENTRY, type Operation, type OperationBench } from '../operation.ts';

const XSK = {
  who: 'root',
  effect: 'lends',
  file: 'net/xdp/xsk.c',
  since: CHANGES.xskZerocopyGeneric,
  until: null,
  refs: '+1 for each page of the chunk',
  carries: ENTRY,
  lends: { by: 'process', over: 'device' },
} as const satisfies Omit<Operation, 'id' | 'apply'>;

/** One chunk is sent. */
function send(b: OperationBench): void {
  const { page, pageOffset, size, loan } = b.fresh();
  new XdpSock(b.k, b.k.newFlow(Side.LENT), b.device, [page]).send(pageOffset, size, loan);
}

export const XDP: readonly Operation[] = [
  { ...XSK, id: 'xsk_build_skb_zerocopy', apply: send },
  {
    ...XSK,
    id: 'xsk_build_skb_zerocopy (tap)',
    // Nothing says of its packets that they are to be copied for a tap, and a clone has no destructor.
    apply: (b) => {
      const tap = new PacketSock(b.k, 'tap', 0);
      b.watch(tap, 'tap reader');
      b.device.taps.push(tap);
      send(b);
    },
  },
];
