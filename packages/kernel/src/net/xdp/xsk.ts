// AF_XDP without a driver's help: a chunk of memory that a process has registered goes out by reference, in an sk_buff, where
// the device takes one without linear bytes (virtio_net). The chunk is the process's again when it stands in the completion
// ring, and who says so is the question of this project: in the tree it is the plain skb destructor (xsk_destruct_skb), here it
// is the design.
// Model: one descriptor for a packet.
import { CHANGES } from '../../changes.ts';
import { mustHave } from '../../era.ts';
import { expectNoMemory } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import type { Loan } from '../../lifetime.ts';
import { PAGE_SIZE, type Page } from '../../mm/page_alloc.ts';
import { declareState } from '../../state.ts';
import type { NetDevice } from '../core/dev.ts';
import { lendFrag } from '../core/lend.ts';
import { allocSkb } from '../core/skb_alloc.ts';
import { kfreeSkb, skbSetOwnerW } from '../core/skb_free.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { Sock } from '../core/sock.ts';

export class XdpSock extends Sock {
  readonly k: Kernel;
  readonly flow: number;
  private readonly device: NetDevice;
  /** The registered memory. */
  private readonly umem: readonly Page[];
  private seq = 0;

  constructor(k: Kernel, flow: number, device: NetDevice, umem: readonly Page[]) {
    super();
    mustHave(k.era, CHANGES.xskZerocopyGeneric, 'xsk_build_skb_zerocopy');
    this.k = k;
    this.flow = flow;
    this.slot = flow;
    this.device = device;
    this.umem = umem;
  }

  /**
   * Sends `size` bytes from byte `addr` of the registered memory, lent as `loan`: an entry for each page that they touch. No queue
   * keeps the packet, and no tap sees it. False: no memory, or no room in the driver's ring, and nothing was sent.
   * @kernel net/xdp/xsk.c xsk_generic_xmit, xsk_build_skb_zerocopy (6.1, 7.2)
   */
  send(addr: number, size: number, loan: Loan): boolean {
    const { k } = this;
    let skb: SkBuff | null = null;
    try {
      skb = allocSkb(k, 64, false);
      skbSetOwnerW(k, skb, this);
      skb.flow = this.flow;
      skb.seq = this.seq;
      this.fill(skb, addr, size, loan);
    } catch (error) {
      expectNoMemory(error);
      if (skb !== null) kfreeSkb(k, skb);
      return false;
    }
    this.wmemAlloc += size;
    if (this.device.directXmit(skb) === 'busy') {
      kfreeSkb(k, skb);
      return false;
    }
    this.seq = (this.seq + size) | 0;
    return true;
  }

  private fill(skb: SkBuff, addr: number, size: number, loan: Loan): void {
    const { k } = this;
    for (let done = 0; done < size;) {
      const page = this.umem[Math.floor((addr + done) / PAGE_SIZE)]!;
      const offset = (addr + done) % PAGE_SIZE;
      const n = Math.min(size - done, PAGE_SIZE - offset);
      k.probe.lent(loan, page, offset, n, this.flow, (this.seq + done) | 0);
      lendFrag(k, skb, page, offset, n, loan, false);
      done += n;
    }
    skb.len += size;
    skb.dataLen += size;
    skb.truesize += size;
  }
}

declareState(XdpSock, {
  state: 'device umem seq',
  constant: 'k flow',
});
