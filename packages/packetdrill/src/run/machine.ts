// The host under test: a kernel with mainline's TCP, and a tun device whose other end is the script.
import {
  CHANGES,
  Checksum,
  Kernel,
  MainHeader,
  MainlineHost,
  NoProbe,
  PAGE_SIZE,
  Tun,
  ZerocopyQueue,
  allocPage,
  allocSkb,
  kfreeSkb,
  measure,
  putPage,
  readMain,
  skbPut,
  skbReserve,
  writeMain,
  type Design,
  type Era,
  type Loan,
  type MainSock,
  type Page,
  type Piece,
  type Route,
  type SkBuff,
  type Stamp,
  type Tap,
} from '@lastref/kernel';
import { NotKnown } from '../errors.ts';

export const LOCAL = 0xc0a8_0001;
export const REMOTE = 0xc000_0201;
/** Ports that a script does not name. @source google/packetdrill config.c */
export const BIND_PORT = 8080;
const HEADROOM = 256;
/** Steps of the machine that one wait may take. */
const STEPS_MAX = 200_000;
const FRAMES = 8192;

/** A packet that the host has sent. */
export interface Sent {
  readonly ticks: number;
  readonly header: MainHeader;
  /** Options as they stand in the header. */
  readonly options: Uint8Array;
  readonly payload: number;
}

/** The error queue of one socket, of which the program takes a range at a time. */
export class SocketErrors extends ZerocopyQueue {
  private readonly kernel: Kernel;
  private readonly of: number;
  private readonly heard: () => void;
  readonly stamps: Stamp[] = [];
  /** Which kind came when: 'range' for one of send calls. */
  readonly order: ('range' | 'stamp')[] = [];

  constructor(k: Kernel, producer: number, heard: () => void) {
    super(k, producer);
    this.kernel = k;
    this.of = producer;
    this.heard = heard;
  }

  override push(lo: number, hi: number, copied: boolean): void {
    const { length } = this.queue;
    super.push(lo, hi, copied);
    this.kernel.agenda.disarm(this.place); // the program reads when the script says so
    if (this.queue.length > length) this.order.push('range');
    this.heard();
  }

  stamp(stamp: Stamp): void {
    this.stamps.push(stamp);
    this.order.push('stamp');
    this.heard();
  }

  get length(): number {
    return this.order.length;
  }

  /** The oldest entry, if it is a range of calls. */
  get range(): { lo: number; hi: number; copied: boolean } | null {
    return this.order[0] === 'range' ? this.queue[0]! : null;
  }

  /** The oldest entry, which leaves the queue; null: none. */
  next(): { lo: number; hi: number; copied: boolean } | Stamp | null {
    const kind = this.order.shift();
    if (kind === undefined) return null;
    if (kind === 'stamp') return this.stamps.shift()!;
    const { lo, hi, copied } = this.queue.shift()!;
    for (let call = lo; call <= hi; call++) {
      const loan = this.kernel.loanOf(this.of, call);
      if (loan !== undefined) this.kernel.complete(loan);
    }
    return { lo, hi, copied };
  }
}

export class Machine {
  readonly k: Kernel;
  readonly host: MainlineHost;
  readonly device: Tun;
  readonly sent: Sent[] = [];
  gso = true;
  private readonly lent = new Map<Loan, Page[]>();
  private readonly stampTo = new Map<MainSock, SocketErrors>();

  /** What the device can do decides whether TCP builds large packets, up to 4.16. */
  get alwaysGso(): boolean {
    return this.k.era.changes.has(CHANGES.gsoAlways);
  }

  constructor(design: Design, era: Era) {
    this.k = new Kernel(design, era, new NoProbe(), FRAMES);
    const features = { sg: true, csum: true, tso: false, gso: true };
    this.device = new Tun(this.k, 'tun0', { features, mtu: 1500, readTicks: 0 });
    this.host = new MainlineHost(this.k, 'host', LOCAL, 1500, (sk, stamp) =>
      this.stampTo.get(sk)?.stamp(stamp),
    );
    this.device.receiver = this.host;
    this.device.taps.push(new Sniffer(this.k, this.sent));
    this.k.producers = { loanCompleted: (loan) => this.giveBack(loan) };
  }

  get now(): number {
    return this.k.agenda.now;
  }

  route(): Route {
    return { device: this.device, sg: true, gso: this.gso };
  }

  errorsOf(sk: MainSock, producer: number, heard: () => void): SocketErrors {
    const errors = new SocketErrors(this.k, producer, heard);
    this.k.zerocopyQueues[producer] = errors;
    this.stampTo.set(sk, errors);
    return errors;
  }

  /** Takes what falls due up to `tick`, and lets the clock stand there. `stop` is asked behind every step. */
  runUntil(tick: number, stop: () => boolean = () => false): void {
    const { agenda } = this.k;
    for (let steps = 0; ; steps++) {
      const place = agenda.earliest();
      if (place < 0 || agenda.due[place]! > tick) break;
      if (steps >= STEPS_MAX)
        throw new NotKnown(`what happens after ${STEPS_MAX} steps of one wait`);
      agenda.advance(place);
      const source = agenda.sources[place]!;
      if (!agenda.take(place, 0, source.item())) agenda.disarm(place);
      if (stop()) return;
    }
    if (Number.isFinite(tick)) agenda.now = Math.max(agenda.now, tick);
  }

  /** A packet arrives. */
  inject(h: MainHeader, options: Uint8Array | null, payload: number): void {
    const { k } = this;
    measure(h);
    if (options !== null) h.bytes = 40 + options.length;
    h.payload = payload;
    const linear = tunLinear(h.bytes + payload);
    const skb = allocSkb(k, HEADROOM + linear, false);
    skbReserve(skb, HEADROOM);
    const at = skbPut(skb, linear);
    k.mem.fill(0x5a, at + h.bytes, at + linear);
    for (let left = h.bytes + payload - linear; left > 0; left -= PAGE_SIZE) {
      const page = allocPage(k);
      const size = Math.min(left, PAGE_SIZE);
      k.mem.fill(0x5a, page.address, page.address + size);
      k.fillPageDesc(skb, page, 0, size);
      skb.len += size;
      skb.dataLen += size;
    }
    writeMain(k.mem, at, h, k.ipIds++ & 0xffff);
    if (options !== null) k.mem.set(options, at + 40);
    skb.ipSummed = Checksum.UNNECESSARY;
    skb.truesize = tunTruesize(h.bytes + payload);
    this.device.netifReceiveSkb(skb);
  }

  /** Fresh pages with `bytes`, as pieces of one call. The program owns them until `free`. */
  pages(sizes: readonly number[], how: Piece['how']): Piece[] {
    return sizes.flatMap((size) => {
      const pieces: Piece[] = [];
      for (let done = 0; done < size; done += 4096)
        pieces.push({ page: allocPage(this.k), offset: 0, size: Math.min(4096, size - done), how });
      return pieces;
    });
  }

  /** The pages of `pieces` go back to the program's heap when `loan` is over; without one, now. */
  free(pieces: readonly Piece[], loan: Loan | null): void {
    if (loan === null || loan.completed) for (const { page } of pieces) putPage(this.k, page);
    else
      this.lent.set(
        loan,
        pieces.map((p) => p.page),
      );
  }

  private giveBack(loan: Loan): void {
    for (const page of this.lent.get(loan) ?? []) putPage(this.k, page);
    this.lent.delete(loan);
  }
}

/** SKB_MAX_HEAD: what a head in one page has room for. @kernel drivers/net/tun.c tun_get_user: good_linear */
const LINEAR_MAX = 3712;

/** How much of a packet that a program writes to a tun device stands in its head; the rest is in pages. @kernel drivers/net/tun.c tun_alloc_skb (6.12) */
function tunLinear(len: number): number {
  return Math.min(len, LINEAR_MAX);
}

/** What the kernel counts for it. @kernel drivers/net/tun.c tun_alloc_skb (6.12) */
function tunTruesize(len: number): number {
  if (len <= LINEAR_MAX) return Math.max(768, 2 ** Math.ceil(Math.log2(len + 320 + 66))) + 256;
  return 4096 + 256 + Math.ceil((len - LINEAR_MAX) / 4096) * 4096;
}

/** Writes down every packet that leaves. */
class Sniffer implements Tap {
  drops = 0;
  private readonly k: Kernel;
  private readonly sent: Sent[];

  constructor(k: Kernel, sent: Sent[]) {
    this.k = k;
    this.sent = sent;
  }

  receive(skb: SkBuff): void {
    const { k, sent } = this;
    const header = new MainHeader();
    if (readMain(k.mem, skb.data, skb.len, header) && (header.source | 0) === (LOCAL | 0)) {
      const options = k.mem.slice(skb.data + 40, skb.data + header.bytes);
      sent.push({ ticks: k.agenda.now, header, options, payload: header.payload });
    }
    kfreeSkb(k, skb);
  }
}
