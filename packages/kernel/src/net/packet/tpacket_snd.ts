// The transmit ring of an AF_PACKET socket: frames that a process has mapped and writes to, sent by reference. A
// frame may be written again when its packet is done, and who says so is the question of this project: in the tree it
// is the plain skb destructor (tpacket_destruct_skb), here it is the design.
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import { expectNoMemory } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import type { Loan } from '../../lifetime.ts';
import type { Page } from '../../mm/page_alloc.ts';
import type { NetDevice } from '../core/dev.ts';
import { lendFrag } from '../core/lend.ts';
import { allocSkb } from '../core/skb_alloc.ts';
import { kfreeSkb, skbSetOwnerW } from '../core/skb_free.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { Sock } from '../core/sock.ts';
import { declareState } from '../../state.ts';

/** @kernel include/linux/if_packet.h TP_STATUS_AVAILABLE, TP_STATUS_SENDING */
export const FrameStatus = { AVAILABLE: 0, SENDING: 1 } as const;

interface TxFrame {
  readonly page: Page;
  status: number;
  loan: Loan | null;
}

export class PacketTxRing extends Sock {
  readonly k: Kernel;
  readonly flow: number;
  private readonly device: NetDevice;
  private readonly frames: readonly TxFrame[];
  private seq = 0;

  /** `pages`: the ring's own, one for each frame. */
  constructor(k: Kernel, flow: number, device: NetDevice, pages: readonly Page[]) {
    super();
    mustHave(k.era, CHANGES.packetTxRing, 'tpacket_snd');
    this.k = k;
    this.flow = flow;
    this.slot = flow;
    this.device = device;
    this.frames = pages.map((page) => ({ page, status: FrameStatus.AVAILABLE, loan: null }));
  }

  status(frame: number): number {
    return this.frames[frame]!.status;
  }

  /**
   * Sends the first `size` bytes of `frame`, lent as `loan`. False: the frame is still on its way, or there is no
   * memory, and then nothing was lent.
   * @kernel net/packet/af_packet.c tpacket_snd, tpacket_fill_skb (2.6.32, 3.8)
   */
  send(frame: number, size: number, loan: Loan): boolean {
    const { k } = this;
    const slot = this.frames[frame]!;
    if (slot.status !== FrameStatus.AVAILABLE) return false;
    let skb: SkBuff | null = null;
    try {
      skb = allocSkb(k, 64, false);
      skbSetOwnerW(k, skb, this);
      skb.flow = this.flow;
      skb.seq = this.seq;
      k.probe.lent(loan, slot.page, 0, size, this.flow, this.seq);
      lendFrag(k, skb, slot.page, 0, size, loan, k.era.changes.has(CHANGES.packetTxMarks));
    } catch (error) {
      expectNoMemory(error);
      if (skb !== null) kfreeSkb(k, skb);
      return false;
    }
    this.seq = (this.seq + size) | 0;
    skb.len += size;
    skb.dataLen += size;
    skb.truesize += size;
    this.wmemAlloc += size;
    slot.status = FrameStatus.SENDING;
    slot.loan = loan;
    this.device.queueXmit(skb);
    return true;
  }

  /** The frame is the process's again. @kernel net/packet/af_packet.c tpacket_destruct_skb */
  completed(loan: Loan): void {
    for (const slot of this.frames) {
      if (slot.loan !== loan) continue;
      slot.status = FrameStatus.AVAILABLE;
      slot.loan = null;
    }
  }
}

declareState(PacketTxRing, {
  state: 'device frames seq',
  constant: 'k flow',
});
