// A process, the backend of a virtual machine, that posts transmit buffers in the ring of its tun device: it fills a
// buffer as soon as the ring says that it is its own, and posts it again.
import {
  Context,
  PAGE_SIZE,
  PageHome,
  SingleStep,
  Vringfd,
  declareState,
  takeHome,
  type Kernel,
  type NetDevice,
  type Page,
  type Side,
  type VringUser,
} from '@lastref/kernel';
import { ownPages, writePage } from '../pages.ts';
import type { Participant } from '../scenario.ts';
import { Producers } from './registry.ts';

export interface VringOptions {
  readonly name: string;
  readonly side: Side;
  /** Its station on the bridge, and those it sends to, in turn. */
  readonly address: number;
  readonly to: readonly number[];
  readonly packets: number;
  readonly pagesPerPacket: number;
  /** Descriptors of the ring, and buffers. */
  readonly entries: number;
  /** Ticks between two packets. */
  readonly everyTicks: number;
}

export class VringProcess extends SingleStep implements VringUser, Participant {
  readonly k: Kernel;
  readonly options: VringOptions;
  readonly vring: Vringfd;
  private readonly buffers: readonly Page[][];
  /** Buffers that are the process's own, the one that it takes next first. */
  private readonly free: Page[][];
  /** By descriptor. */
  private readonly posted: (Page[] | null)[];
  private started = 0;
  private done = 0;

  constructor(k: Kernel, tun: NetDevice, options: VringOptions) {
    super(`${options.name} post`, 'fills a buffer and posts it');
    this.k = k;
    this.options = options;
    const { side, address, entries, pagesPerPacket } = options;
    this.buffers = Array.from({ length: entries }, () =>
      ownPages(k, pagesPerPacket, k.design.home ?? PageHome.USER),
    );
    for (const page of this.buffers.flat()) takeHome(k, page); // mapped by the process, not pinned yet
    this.free = [...this.buffers];
    this.posted = this.buffers.map(() => null);
    this.vring = new Vringfd(k, tun, side, address, this, entries, ownPages(k, 1)[0]!);
    this.vring.producer = Producers.of(k).add(this.vring);
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
    const buffer = this.free.shift();
    if (buffer === undefined) return true;
    k.context = Context.PROCESS;
    k.side = options.side;
    const nth = ++this.started;
    for (const page of buffer) writePage(k, page, nth);
    const to = options.to[(nth - 1) % options.to.length]!;
    const index = this.vring.post(buffer, buffer.length * PAGE_SIZE, to);
    this.posted[index] = buffer;
    this.armNext();
    return true;
  }

  private armNext(): void {
    const { agenda } = this.k;
    if (this.started >= this.options.packets || this.free.length === 0) return;
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now + this.options.everyTicks);
  }

  used(index: number): void {
    this.done++;
    this.free.push(this.posted[index]!);
    this.posted[index] = null;
    this.armNext();
  }
}

declareState(VringProcess, {
  state: 'vring buffers free posted started done',
  constant: 'k options',
});
