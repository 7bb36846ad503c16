// AF_XDP: memory of a process, sent by reference. And a program of XDP that writes into what a device has received.
import { CHANGES, Side, XdpSock, netifReceiveGenericXdp } from '@lastref/kernel';
import {
  ENTRY,
  SKBUFF,
  WHOLE,
  received,
  type Operation,
  type OperationBench,
  SENDER,
} from '../operation.ts';

/** A packet comes up, and a program writes over all that it sees of it before the protocols have it. */
function written(b: OperationBench, frags: boolean): void {
  const { k } = b;
  const packet = b.packet(b.first);
  let seen = false;
  const own = netifReceiveGenericXdp(k, packet, frags, (at, size) => {
    seen = true;
    k.mem.fill(0x58, at, at + size);
  });
  if (seen)
    own.flow = 0; // what it has now is nobody's stream
  else received(b, own);
  b.gone(packet);
  b.hold(own, 'receive queue');
}

/** A chunk of registered memory, in a packet of its own. */
function sendChunk(b: OperationBench): void {
  const { page, pageOffset, size, loan } = b.fresh();
  new XdpSock(b.k, b.k.newFlow(Side.LENT), b.device, [page]).send(pageOffset, size, loan);
}

export const XDP: readonly Operation[] = [
  {
    id: 'xsk_build_skb_zerocopy',
    who: 'root',
    effect: 'lends',
    file: 'net/xdp/xsk.c',
    since: CHANGES.xskZerocopyGeneric,
    until: null,
    refs: '+1 for each page of the chunk',
    carries: ENTRY,
    lends: { by: 'process', over: 'device' },
    // One chunk is sent, past the queue and the taps: nobody but the driver has the packet.
    apply: sendChunk,
  },
  {
    id: 'xsk_build_skb_zerocopy (no NAPI)',
    who: 'root',
    effect: 'lends',
    file: 'drivers/net/virtio_net.c',
    since: CHANGES.xskZerocopyGeneric,
    until: null,
    refs: 'as xsk_build_skb_zerocopy; the driver runs the destructor before the device reads',
    carries: ENTRY,
    lends: { by: 'process', over: 'device' },
    // The one driver that takes such packets, where it has no NAPI for transmission (napi_tx): start_xmit calls skb_orphan.
    apply: (b) => {
      b.device.orphans = true;
      sendChunk(b);
    },
  },
  {
    id: 'netif_receive_generic_xdp',
    onHost: true,
    who: SENDER,
    file: 'net/core/dev.c',
    since: CHANGES.xdpGeneric,
    until: null,
    refs: '-1 per frag, all; up to 5.5 none of a packet that is shared',
    carries: WHOLE.map((c) => ({ ...c, until: CHANGES.xdpGenericShared })),
    apply: (b) => written(b, false),
  },
  {
    id: 'skb_pp_cow_data',
    onHost: true,
    who: SENDER,
    file: SKBUFF,
    since: CHANGES.xdpGenericFrags,
    until: null,
    refs: '-1 per frag, all; new pages',
    carries: [],
    apply: (b) => written(b, true),
  },
];
