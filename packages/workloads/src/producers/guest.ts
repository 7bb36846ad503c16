// A guest that sends: it fills its buffers, grants the host access and puts packets in the ring; a buffer whose packet
// is answered is filled again at once.
import {
  Context,
  Netback,
  PAGE_SIZE,
  PageHome,
  Side,
  SingleStep,
  declareState,
  takeHome,
  type Frontend,
  type Kernel,
  type Page,
  type Transmit,
  type TxRequest,
  type Vif,
} from '@lastref/kernel';
import { ownPages, writePage } from '../pages.ts';
import type { Participant } from '../scenario.ts';
import { Producers } from './registry.ts';

export interface GuestOptions {
  readonly name: string;
  readonly side: Side;
  /** Its station on the bridge, and those it sends to, in turn. */
  readonly address: number;
  readonly to: readonly number[];
  readonly packets: number;
  readonly pagesPerPacket: number;
  /** Packets that can be without an answer. */
  readonly buffers: number;
  /** Ticks between two packets. */
  readonly everyTicks: number;
  readonly transmit: Transmit;
}

/** @kernel drivers/xen/netfront/netfront.c network_start_xmit, network_tx_buf_gc (2.6.18-xen) */
export class Guest extends SingleStep implements Frontend, Participant {
  readonly k: Kernel;
  readonly options: GuestOptions;
  readonly address: number;
  readonly netback: Netback;
  /** Pages of buffers that are the guest's own, the one that it takes next first. */
  private readonly free: Page[][];
  private started = 0;
  private done = 0;

  constructor(k: Kernel, vif: Vif, options: GuestOptions) {
    super(`${options.name} send`, 'fills a buffer and sends it');
    this.k = k;
    this.options = options;
    this.address = options.address;
    this.free = Array.from({ length: options.buffers }, () =>
      ownPages(k, options.pagesPerPacket, k.design.home ?? PageHome.FOREIGN),
    );
    for (const page of this.free.flat()) takeHome(k, page); // granted to nobody yet
    this.netback = new Netback(k, vif, options.side, this, options.transmit);
    this.netback.producer = Producers.of(k).add(this.netback);
    k.agenda.add(this);
    k.agenda.arm(this.place, 0);
  }

  progress(): { done: number; of: number } {
    return { done: this.done, of: this.options.packets };
  }

  take(): boolean {
    const { k, options } = this;
    if (!k.agenda.isArmed(this.place)) return false;
    k.agenda.disarm(this.place);
    const pages = this.free.shift();
    if (pages === undefined) return true;
    k.context = Context.SOFTIRQ;
    k.side = Side.PEER; // another machine: the host's account begins where netback maps, or copies
    const nth = ++this.started;
    for (const page of pages) writePage(k, page, nth);
    const daddr = options.to[(nth - 1) % options.to.length]!;
    this.netback.kick({ pages, size: pages.length * PAGE_SIZE, daddr });
    this.armNext();
    return true;
  }

  private armNext(): void {
    const { agenda } = this.k;
    if (this.started >= this.options.packets || this.free.length === 0) return;
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now + this.options.everyTicks);
  }

  response({ pages }: TxRequest): void {
    this.done++;
    this.free.push(pages);
    this.armNext();
  }
}

declareState(Guest, {
  state: 'netback free started done',
  constant: 'k options address',
});
