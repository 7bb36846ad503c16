// A socket of vsock whose peer is on the same host. What a process sends by reference stands in its peer's queue as it was made:
// no receiver of vsock asks for copies, and the kernel's documentation says that the way to a local socket is that to any other
// (Documentation/networking/msg_zerocopy.rst, Loopback).
// Model: a call is one packet, and a peer always has credit; a monitor (vsockmon) gets copies of its own and is left out. So is that
// small packets of a queue that has become too long are copied into one (virtio_transport_collapse_rx_queue of 6.12.117 and 7.2.13).
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import { visitList, type Holder, type HolderVisitor } from '../../holders.ts';
import type { Kernel } from '../../kernel.ts';
import { Side } from '../../ledger.ts';
import type { Loan } from '../../lifetime.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { Reader } from '../../probe.ts';
import { declareState } from '../../state.ts';
import { probeReads } from '../core/datagram.ts';
import { lendFrag } from '../core/lend.ts';
import { allocSkb } from '../core/skb_alloc.ts';
import { kfreeSkb, skbOrphan, skbSetOwnerW } from '../core/skb_free.ts';
import { skbOrphanFragsRx } from '../core/skb_private.ts';
import { SkBuffHead } from '../core/skb_queue.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { Sock } from '../core/sock.ts';

/** sizeof(struct virtio_vsock_hdr), which stands in front of the data. @kernel include/linux/virtio_vsock.h VIRTIO_VSOCK_SKB_HEADROOM */
const HEADROOM = 44;

export class VsockSock extends Sock implements Holder {
  readonly k: Kernel;
  private readonly flow: number;
  private readonly rxQueue = new SkBuffHead();
  private seq = 0;

  constructor(k: Kernel) {
    super();
    mustHave(k.era, CHANGES.vsockZerocopy, 'virtio_transport_send_pkt_info');
    this.k = k;
    this.flow = k.newFlow(Side.LENT);
    this.slot = this.flow;
    k.holders.push(this);
  }

  /**
   * Sends the first `size` bytes of `page` to `peer`, lent as `loan`. Throws NoMemory, and then nothing is out.
   * @kernel net/vmw_vsock/virtio_transport_common.c virtio_transport_alloc_skb; net/vmw_vsock/vsock_loopback.c (6.12)
   */
  sendmsg(peer: VsockSock, page: Page, size: number, loan: Loan): void {
    const { k, flow, seq } = this;
    const skb = allocSkb(k, HEADROOM, false);
    skb.flow = flow;
    skb.seq = seq;
    skbSetOwnerW(k, skb, this);
    try {
      k.probe.lent(loan, page, 0, size, flow, seq);
      lendFrag(k, skb, page, 0, size, loan, true); // SKBFL_ZEROCOPY_FRAG has SKBFL_SHARED_FRAG
    } catch (error) {
      kfreeSkb(k, skb);
      throw error;
    }
    skb.len += size;
    skb.dataLen += size;
    skb.truesize += size;
    this.wmemAlloc += size;
    this.seq = (seq + size) | 0;
    skb.endSeq = this.seq;
    peer.recvPkt(skb);
  }

  /**
   * The packet is its sender's no more, and waits here, whole: only what is linear may be copied behind the last one.
   * @kernel net/vmw_vsock/virtio_transport_common.c virtio_transport_recv_pkt, virtio_transport_recv_enqueue; include/net/sock.h
   * skb_set_owner_sk_safe, which orphans and charges its new owner nothing: the queue counts bytes (6.12, 7.2)
   */
  private recvPkt(skb: SkBuff): void {
    const { k, rxQueue } = this;
    if (k.onOperation !== null) k.onOperation('virtio_transport_fill_skb', skb);
    skbOrphan(k, skb);
    rxQueue.push(skb);
  }

  /**
   * The first packet is out of the queue, and a program of BPF says where it goes; null: none waits. Throws NoMemory in a kernel that
   * copies, with the packet still there. @kernel virtio_transport_read_skb (6.12)
   */
  readSkb(): SkBuff | null {
    const { k, rxQueue } = this;
    const skb = rxQueue.first;
    if (skb === null) return null;
    if (k.era.changes.has(CHANGES.vsockReadCopies)) skbOrphanFragsRx(k, skb);
    rxQueue.unlink(skb);
    return skb;
  }

  /** Copies the first packet to the process and frees it. False: none waits. @kernel virtio_transport_stream_do_dequeue (6.12) */
  recvmsg(): boolean {
    const { k } = this;
    const skb = this.rxQueue.shift();
    if (skb === null) return false;
    probeReads(k, skb, Reader.APPLICATION);
    kfreeSkb(k, skb);
    return true;
  }

  forEachReader(visitor: HolderVisitor): void {
    visitList(this.rxQueue.first, visitor, 'receive queue');
  }
}

declareState(VsockSock, {
  state: 'rxQueue seq',
  constant: 'k flow',
});
