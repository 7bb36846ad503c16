// The stage of a recipe, without designs and judges: two neighbours of a write queue whose pages are lent, and whoever
// gets something of them.
import {
  Cryptd,
  DeferredGrants,
  LinkVerb,
  Site,
  SkPsock,
  TlsDeviceTx,
  TlsSwTx,
  TcpSock,
  UdpSock,
  UserMapping,
  kfreeSkb,
  setTsoSegs,
  skbClone,
  tcpFragment,
  wmemFreeSkb,
  type Kernel,
  type Nic,
  type Page,
  Pipe,
  type SkBuff,
  type SkbFrag,
  type SkbSharedInfo,
  type StepSource,
} from '@lastref/kernel';
import type { Lending, OperationBench, Situation } from '@lastref/operations';
import { connected, contents, type Machine } from '../../kernel/test/machine.ts';

/** Who has references on pages, and no sk_buff around them. */
const WITHOUT_PACKETS = [UserMapping, Cryptd, SkPsock, TlsSwTx, TlsDeviceTx, DeferredGrants];

export class RecipeBench implements OperationBench {
  readonly m: Machine;
  readonly k: Kernel;
  readonly sk: TcpSock;
  readonly pages: Page[];
  readonly situation: Situation;
  readonly held: SkBuff[] = [];
  /** Of those in somebody's hands: what the operation was given. */
  readonly given = new Set<SkBuff>();
  /** The operation works on the write queue itself. */
  onQueue = false;
  readonly pipes: Pipe[] = [];
  readonly watched: { source: StepSource; verb: number }[] = [];
  readonly bytes: string;

  constructor(era: string, situation: Situation) {
    this.m = connected({ era, frames: 32 });
    this.situation = situation;
    const { k, sk } = this.m;
    this.k = k;
    this.sk = sk;
    this.pages = [this.m.page(), this.m.page(), this.m.page(), this.m.page()];
    sk.driven = true;
    for (const page of this.pages) this.m.lend(page);
    for (const step of this.device.steps) this.watch(step);
    this.bytes = contents(k, this.first).toString('latin1');
    tcpFragment(sk, this.first, 2 * 4096 + 2048);
    sk.sendHead = null;
    sk.sndNxt = sk.writeSeq;
    for (const skb of this.m.queue) setTsoSegs(sk, skb);
  }

  get first(): SkBuff {
    return this.sk.writeQueue.first!;
  }

  get second(): SkBuff {
    return this.sk.writeQueue.last!;
  }

  packet(skb: SkBuff): SkBuff {
    const n = skbClone(this.k, skb, Site.XMIT);
    this.hold(n);
    this.given.add(n);
    if (this.situation === 'sole owner') this.dequeue(skb);
    return n;
  }

  inHands(): readonly SkBuff[] {
    return this.held;
  }

  inFlight(skb: SkBuff): void {
    this.onQueue = true;
    if (this.situation === 'shared') this.packet(skb);
  }

  dequeue(skb: SkBuff): void {
    this.sk.writeQueue.unlink(skb);
    wmemFreeSkb(this.sk, skb);
  }

  acknowledge(): void {
    this.dequeue(this.first);
  }

  used(skb: SkBuff): void {
    this.gone(skb);
    kfreeSkb(this.k, skb);
  }

  hold(skb: SkBuff): void {
    this.held.push(skb);
  }

  gone(skb: SkBuff): void {
    const i = this.held.indexOf(skb);
    if (i >= 0) this.held.splice(i, 1);
  }

  holdPages(pipe: Pipe): void {
    this.pipes.push(pipe);
  }

  get device(): Nic {
    return this.m.nicA;
  }

  watch(source: StepSource, _who = '', verb = 0): void {
    this.watched.push({ source, verb });
  }

  atLast(source: StepSource): void {
    this.watch(source);
  }

  fresh(): Lending {
    const page = this.m.page();
    this.pages.push(page);
    return { page, pageOffset: 0, size: 4096, loan: this.k.newLoan(0, 1) };
  }

  next(): Lending {
    return this.fresh();
  }

  halves(): readonly [Lending, Lending] {
    const one = { ...this.next(), size: 2048 };
    return [one, { ...one, pageOffset: 2048, loan: this.k.newLoan(0, 2) }];
  }

  /** References that the pages should have: for each entry of each shared info, and each slot of a pipe. */
  entries(): number[] {
    const shinfos = new Set<SkbSharedInfo>();
    const visit = (skb: SkBuff): void => {
      shinfos.add(skb.shinfo);
      for (let f = skb.shinfo.fragList; f !== null; f = f.next) visit(f);
    };
    for (const { source } of this.watched) {
      const { packet } = source as { packet?: SkBuff | null }; // a sender has it still (CutUp)
      if (packet) visit(packet);
    }
    [...this.held, ...this.m.queue].forEach(visit);
    const counted: Page[] = []; // by whoever has no sk_buff: a mapping, the scatterlist of an engine
    for (const holder of this.k.holders) {
      const counts = WITHOUT_PACKETS.some((kind) => holder instanceof kind);
      holder.forEachReader({ skb: visit, page: (page) => counts && counted.push(page) });
    }
    const slots = this.pipes.flatMap((pipe) => pipe.buffers);
    for (const slot of slots) if (slot.skb !== null) visit(slot.skb);
    const listed = [...shinfos].flatMap((s) => s.frags.slice(0, s.nrFrags).map((f) => f.page));
    listed.push(...counted, ...slots.filter((s) => s.skb === null).map((s) => s.page));
    return this.pages.map((page) => listed.filter((p) => p === page).length);
  }

  /** Pages that sockets keep for bytes that they copy. */
  ownPages(): number {
    const sockets = this.k.holders.filter((h) => h instanceof TcpSock || h instanceof UdpSock);
    return sockets.filter(({ sndmsgPage }) => sndmsgPage !== null).length;
  }

  /** Packets whose payload is not a piece of what was lent: by slot. */
  spoiled(): number[] {
    const fresh = this.pages.slice(4).map((page) => this.text(page.address, 4096));
    const lent = [this.bytes, ...fresh].join('');
    return [...this.held, ...this.m.queue]
      .filter((skb) => {
        const whole = contents(this.k, skb).subarray(skb.headers).toString('latin1');
        if (skb.flow === 0 || lent.includes(whole)) return false; // of no stream: nothing of it was lent
        // Pages of several owners in one packet: each piece of a lent one must be there, in whatever order.
        const frags = skb.shinfo.frags.slice(0, skb.shinfo.nrFrags);
        const own = frags.filter((f) => this.pages.includes(f.page));
        const mixed = own.length < frags.length || own.some((f) => this.pages.indexOf(f.page) >= 4);
        const at = (f: SkbFrag): string => this.text(f.page.address + f.pageOffset, f.size);
        return !mixed || !own.every((f) => lent.includes(at(f)));
      })
      .map((skb) => skb.slot);
  }

  private text(address: number, size: number): string {
    return Buffer.from(this.k.mem.subarray(address, address + size)).toString('latin1');
  }

  /** What the operation has made; where it made nothing, what it has changed. Beside it, pages without a packet. */
  products(): { skbs: SkBuff[]; pages: Page[] } {
    const skbs = this.held.filter((skb) => !this.given.has(skb));
    const pages: Page[] = [];
    const visitor = { skb: (s: SkBuff) => skbs.push(s), page: (page: Page) => pages.push(page) };
    for (const holder of this.k.holders)
      if (holder !== this.sk && !(holder instanceof Pipe)) holder.forEachReader(visitor);
    for (const { page, skb } of this.pipes.flatMap((pipe) => pipe.buffers)) {
      if (skb === null) pages.push(page);
      else skbs.push(skb);
    }
    if (skbs.length + pages.length > 0) return { skbs, pages };
    return { skbs: this.onQueue ? this.m.queue : this.held, pages };
  }

  release(): void {
    const { agenda } = this.k;
    for (let open = true; open;) {
      open = false;
      for (const { source, verb } of this.watched) {
        if (!agenda.isArmed(source.place)) continue;
        open = source.take(verb, source.item());
      }
    }
    while (this.m.wire.inFlight > 0) this.m.take('link a>b', LinkVerb.DROP);
    for (const skb of this.held) kfreeSkb(this.k, skb);
    for (const pipe of this.pipes)
      while (pipe.buffers.length > 0) pipe.consume(pipe.buffers[0]!.size);
    for (const skb of this.m.queue) this.dequeue(skb);
  }
}
