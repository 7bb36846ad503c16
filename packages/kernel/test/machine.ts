// Machines for stories: two hosts on a wire that a test steps by hand, or one host on its loopback device.
// `take` does one step by the name of its source; `run` lets the clock choose.
import {
  GetPutPage,
  Kernel,
  Link,
  LinkVerb,
  Loopback,
  NEVER,
  Nic,
  NoProbe,
  PAGE_SIZE,
  Side,
  TcpFlag,
  TcpHeader,
  TcpHost,
  allocPage,
  allocSkb,
  eraOf,
  headerBytes,
  kfreeSkb,
  readHeader,
  skbPut,
  tcpClose,
  tcpPush,
  tcpRecvmsg,
  tcpSendmsg,
  tcpSendpage,
  writeHeader,
  type ByteSink,
  type Design,
  type Features,
  type Holder,
  type Listener,
  type Loan,
  type NetDevice,
  type Page,
  type Probe,
  type Receiver,
  type Route,
  type SkBuff,
  type SkbSharedInfo,
  type SocketUser,
  type TcpSock,
} from '../src/index.ts';

/** Payload of a full segment: 1500 bytes less IP, TCP and timestamps. */
export const MSS = 1448;

export const mainline: Design = {
  id: 'get-put-page',
  title: 'bare page references',
  year: 2007,
  source: 'net/core/skbuff.c (2.6.24)',
  status: 'practice',
  summary: 'Nobody is told anything.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new GetPutPage(k),
};

export interface Setup {
  readonly era?: string;
  readonly design?: Design;
  readonly probe?: Probe;
  readonly frames?: number;
  /** Of the device at host a; all of them unless said. */
  readonly features?: Partial<Features>;
  /** What the route promised when the socket connected; as the device unless said. */
  readonly route?: { readonly sg: boolean; readonly gso: boolean };
  readonly ringSize?: number;
  /** Receive buffer of the peer. */
  readonly rcvbuf?: number;
  /** The peer offers what a new connection does; else all of its buffer, as after a long time. */
  readonly fresh?: boolean;
  readonly delayTicks?: number;
  /** Of the device at the peer. */
  readonly peerMtu?: number;
  /** The peer joins the segments of a packet before it looks at them. */
  readonly gro?: boolean;
  /** The congestion window that the story starts with. */
  readonly cwnd?: number;
  /** The peer's application reads as soon as there is something. */
  readonly eager?: boolean;
}

export function bareKernel(setup: Setup = {}): Kernel {
  const era = eraOf(setup.era ?? '3.8');
  if (era === undefined) throw new Error(`no era ${setup.era}`);
  return new Kernel(
    setup.design ?? mainline,
    era,
    setup.probe ?? new NoProbe(),
    setup.frames ?? 256,
  );
}

/** A page of an owner: count 1, every page with bytes of its own. */
export function newPage(k: Kernel): Page {
  const page = allocPage(k);
  page.mapping = true;
  for (let i = 0; i < PAGE_SIZE; i++) k.mem[page.address + i] = page.slot * 37 + i * 11 + (i >> 8);
  return page;
}

/** References of the stack: the owner's own is left out. */
export function P(page: Page): number {
  return page.count - 1;
}

/** dataref as (all users, those of them that only want the payload). */
export function D(x: SkBuff | SkbSharedInfo): [t: number, p: number] {
  const { dataref } = 'shinfo' in x ? x.shinfo : x;
  return [dataref & 0xffff, dataref >>> 16];
}

/** The packets that wait somewhere and can still be read from there. */
export function waiting(holder: Holder): SkBuff[] {
  const found: SkBuff[] = [];
  holder.forEachReader({ skb: (skb) => found.push(skb), page: () => {} });
  return found;
}

/** The bytes of a packet, headers included, read naively. */
export function contents(k: Kernel, skb: SkBuff): Buffer {
  const parts = [k.mem.subarray(skb.data, skb.data + skb.len - skb.dataLen)];
  for (const { page, pageOffset, size } of skb.shinfo.frags.slice(0, skb.shinfo.nrFrags)) {
    const at = page.address + pageOffset;
    parts.push(k.mem.subarray(at, at + size));
  }
  for (let m = skb.shinfo.fragList; m !== null; m = m.next) parts.push(contents(k, m));
  return Buffer.concat(parts);
}

/** Objects in use. */
export function inUse(k: Kernel): Record<string, number> {
  return { skbs: k.skbs.used, fclones: k.fclones.used, shinfos: k.shinfos.used };
}
export const NOTHING = { skbs: 0, fclones: 0, shinfos: 0 };

/** An application: counts what happens to its socket and keeps what it reads. */
export class App implements SocketUser, ByteSink, Listener {
  readonly k: Kernel;
  readonly route: Route;
  readonly side: Side;
  sk: TcpSock | null = null;
  /** Reads when data comes, rather than when told. */
  eager: boolean;
  rcvbuf = 6 << 20;
  /** Its window is that of a new connection; else all of the buffer is offered, as after a long time. */
  fresh = false;
  isUp = false;
  isGone = false;
  keeps = false;
  spaces = 0;
  readonly inbox: Uint8Array[] = [];

  constructor(k: Kernel, route: Route, side: Side, eager: boolean) {
    this.k = k;
    this.route = route;
    this.side = side;
    this.eager = eager;
  }

  accept(sk: TcpSock): SocketUser {
    this.sk = sk;
    sk.rcvbuf = this.rcvbuf;
    if (!this.fresh) sk.rcvSsthresh = sk.rcvbuf;
    return this;
  }

  established(): void {
    this.isUp = true;
  }

  dataReady(): void {
    if (this.eager) this.read();
  }

  writeSpace(): void {
    this.spaces++;
  }

  /** A socket whose connection is gone is closed at once, unless somebody wants to look at it. */
  closed(sk: TcpSock): void {
    this.isGone = true;
    if (!this.keeps) tcpClose(sk);
  }

  read(max = 0x7fffffff): number {
    return tcpRecvmsg(this.sk!, this, max);
  }

  bytes(_sk: TcpSock, address: number, size: number): void {
    this.inbox.push(this.k.mem.slice(address, address + size));
  }

  get received(): Buffer {
    return Buffer.concat(this.inbox);
  }
}

/** A segment as its bytes say, sequence numbers counted from the SYN of their direction. */
export interface Segment {
  readonly from: 'a' | 'b';
  readonly tick: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  readonly payload: number;
  readonly mss: number;
  readonly wscale: number;
  readonly tsVal: number;
  readonly tsEcr: number;
  readonly sacks: readonly (readonly [number, number])[];
}

export interface PeerSegment {
  readonly ack: number;
  readonly seq?: number;
  readonly flags?: number;
  /** In bytes. */
  readonly window?: number;
  readonly sacks?: readonly (readonly [number, number])[];
  readonly data?: Uint8Array;
}

/** What both kinds of machine have. */
abstract class Stepped {
  readonly k: Kernel;
  readonly owned: Page[] = [];
  /** What a link does to the packet that is due, as a verb of its steps. */
  fate: () => number = () => LinkVerb.DELIVER;
  protected abstract readonly app: App;
  protected abstract readonly peer: App;

  constructor(setup: Setup) {
    this.k = bareKernel(setup);
  }

  /** The socket that lends, and the one at the other end. */
  get sk(): TcpSock {
    return this.app.sk!;
  }

  get peerSk(): TcpSock {
    return this.peer.sk!;
  }

  /** The write queue, oldest first. */
  get queue(): SkBuff[] {
    const out: SkBuff[] = [];
    for (let skb = this.sk.writeQueue.first; skb !== null; skb = skb.next) out.push(skb);
    return out;
  }

  page(): Page {
    const page = newPage(this.k);
    this.owned.push(page);
    return page;
  }

  /** One step of the source called `name`, now or when it falls due. */
  take(name: string, verb = 0): void {
    const { agenda } = this.k;
    const source = agenda.sources.find((s) => s.name === name);
    if (source === undefined) throw new Error(`nothing is called '${name}'`);
    const due = agenda.due[source.place]!;
    if (due !== NEVER) agenda.now = Math.max(agenda.now, due);
    if (!source.take(verb, source.item())) throw new Error(`'${name}' has nothing to do`);
  }

  /** Lets the clock choose until `done`, nothing is left to do, or `ticks` have passed. */
  run(ticks = 1_000_000_000, done = (): boolean => false): void {
    const { agenda } = this.k;
    const end = agenda.now + ticks;
    for (let steps = 0; !done(); steps++) {
      const place = agenda.earliest();
      if (place < 0 || agenda.due[place]! > end) return;
      if (steps > 200_000) throw new Error('the machine does not come to rest');
      agenda.now = Math.max(agenda.now, agenda.due[place]!);
      const source = agenda.sources[place]!;
      source.take(source instanceof Link ? this.fate() : 0, source.item());
    }
  }

  /** Lets `ticks` pass, whether or not something happens. */
  wait(ticks: number): void {
    const { agenda } = this.k;
    const end = agenda.now + ticks;
    this.run(ticks);
    agenda.now = end;
  }

  /** sendpage on the socket. */
  lend(page: Page, pageOffset = 0, size = PAGE_SIZE, loan?: Loan): number {
    this.k.side = this.sk.side;
    return tcpSendpage(this.sk, page, pageOffset, size, loan ?? this.k.newLoan(0, 0));
  }

  /** Whole pages, pushed once all of them are queued. */
  lendTogether(pages: readonly Page[], size = PAGE_SIZE): void {
    this.sk.driven = true;
    for (const page of pages) this.lend(page, 0, size);
    this.sk.driven = false;
    tcpPush(this.sk);
  }

  /** send() on the socket, of any number of bytes. */
  send(bytes: Uint8Array, sk = this.sk): number {
    const { k } = this;
    k.side = sk.side;
    const scratch = allocPage(k);
    let done = 0;
    while (done < bytes.length) {
      const part = bytes.subarray(done, done + PAGE_SIZE);
      k.mem.set(part, scratch.address);
      const n = tcpSendmsg(sk, scratch.address, part.length);
      done += n;
      if (n < part.length) break;
    }
    k.putPage(scratch);
    return done;
  }

  fireRto(): void {
    this.take(`rto ${this.sk.name}`);
  }

  /** What is left of a socket that has nothing to do: all zero, or an account leaks. */
  accounts(sk = this.sk): Record<string, number> {
    const { wmemQueued, wmemAlloc, rmemAlloc, rcvQueued, packetsOut, sackedOut, lostOut } = sk;
    return { wmemQueued, wmemAlloc, rmemAlloc, rcvQueued, packetsOut, sackedOut, lostOut };
  }
}
export const SETTLED = {
  wmemQueued: 0,
  wmemAlloc: 0,
  rmemAlloc: 0,
  rcvQueued: 0,
  packetsOut: 0,
  sackedOut: 0,
  lostOut: 0,
};

/** Logs every segment that arrives, and loses the ones it is told to. */
class Spy implements Receiver {
  readonly from: 'a' | 'b';
  readonly m: Machine;
  readonly to: TcpHost;

  constructor(m: Machine, from: 'a' | 'b', to: TcpHost) {
    this.m = m;
    this.from = from;
    this.to = to;
  }

  receive(skb: SkBuff, device: NetDevice): void {
    const { m, from } = this;
    const segment = m.read(from, skb);
    m.log.push(segment);
    if (m.lose(segment)) kfreeSkb(m.k, skb);
    else this.to.receive(skb, device);
  }
}

/** Host a lends, host b reads; a wire between them. */
export class Machine extends Stepped {
  readonly a: TcpHost;
  readonly b: TcpHost;
  readonly nicA: Nic;
  readonly nicB: Nic;
  readonly wire: Link;
  readonly back: Link;
  readonly app: App;
  readonly peer: App;
  readonly log: Segment[] = [];
  /** Is this segment lost on the wire? */
  lose: (s: Segment) => boolean = () => false;
  readonly #iss = { a: 0, b: 0 };
  readonly #header = new TcpHeader();

  constructor(setup: Setup = {}) {
    super(setup);
    const { k } = this;
    const all: Features = { sg: true, csum: true, tso: true, gso: true };
    const features = { ...all, ...setup.features };
    const delayTicks = setup.delayTicks ?? 100;
    const nic = (name: string, f: Features, mtu: number, ringSize: number): Nic =>
      new Nic(k, name, { features: f, mtu, ringSize, dmaTicks: 2, txDoneTicks: 30 });
    this.a = new TcpHost(k, 'a', 0x0a070001);
    this.b = new TcpHost(k, 'b', 0x0a070002);
    this.nicA = nic('nic a', features, 1500, setup.ringSize ?? 256);
    this.nicB = nic('nic b', all, setup.peerMtu ?? 1500, 4096);
    const { gro = false } = setup;
    this.wire = new Link(k, 'link a>b', { rate: 1e9, delayTicks, gro }, this.nicB);
    this.back = new Link(k, 'link b>a', { rate: 1e9, delayTicks }, this.nicA);
    this.nicA.link = this.wire;
    this.nicB.link = this.back;
    this.nicA.receiver = new Spy(this, 'b', this.a);
    this.nicB.receiver = new Spy(this, 'a', this.b);
    const sg = features.sg && features.csum;
    const route = setup.route ?? { sg, gso: sg && (features.gso || features.tso) };
    this.app = new App(k, { device: this.nicA, ...route }, Side.LENT, true);
    this.peer = new App(
      k,
      { device: this.nicB, sg: true, gso: true },
      Side.PEER,
      setup.eager ?? true,
    );
    this.peer.rcvbuf = setup.rcvbuf ?? 6 << 20;
    this.peer.fresh = setup.fresh ?? false;
    this.b.listen(2049, this.peer);
  }

  /** Sends the SYN. */
  dial(): this {
    const { app } = this;
    app.sk = this.a.connect('client', app.side, app.route, 1000, this.b.address, 2049, app);
    this.#iss.a = this.sk.sndUna;
    this.#iss.b = (0x1000_0000 + (this.k.flows + 1) * 0x0100_0000) | 0; // the peer's flow comes next
    return this;
  }

  /** `segment` as the wire has it. */
  read(from: 'a' | 'b', skb: SkBuff): Segment {
    const h = this.#header;
    readHeader(this.k.mem, skb.data, h);
    const here = this.#iss[from];
    const there = this.#iss[from === 'a' ? 'b' : 'a'];
    return {
      from,
      tick: this.k.agenda.now,
      seq: (h.seq - here) | 0,
      ack: (h.ack - there) | 0,
      flags: h.flags,
      window: h.window,
      payload: skb.len - h.bytes,
      mss: h.mss,
      wscale: h.wscale,
      tsVal: h.tsVal,
      tsEcr: h.tsEcr,
      sacks: Array.from({ length: h.sacks }, (_, i) => [
        (h.sack[2 * i]! - there) | 0,
        (h.sack[2 * i + 1]! - there) | 0,
      ]),
    };
  }

  /** Data segments of a that arrived (or were lost on arrival), by relative sequence number. */
  get data(): Segment[] {
    return this.log.filter((s) => s.from === 'a' && s.payload > 0);
  }

  /** Bare ACKs of b. */
  get acks(): Segment[] {
    return this.log.filter((s) => s.from === 'b' && s.payload === 0);
  }

  /** Both numbers that count from 1, the first byte of the stream, to what the socket calls them. */
  seqOf(relative: number): number {
    return (this.#iss.a + relative) | 0;
  }

  /** All 2^32 sequence numbers of a move, as if it had started with `iss`. Between packets only. */
  moveIss(iss: number): void {
    const { sk, peerSk } = this;
    this.#iss.a = iss;
    sk.sndUna = sk.sndNxt = sk.writeSeq = (iss + 1) | 0;
    peerSk.rcvNxt = peerSk.copiedSeq = peerSk.rcvWup = peerSk.sndWl1 = (iss + 1) | 0;
  }

  /** What the device has not read yet. */
  get ring(): SkBuff[] {
    return waiting(this.nicA);
  }

  /** A segment that the peer might have sent arrives at a. */
  fromPeer(said: PeerSegment): void {
    const { k } = this;
    const h = this.#header;
    const data = said.data ?? new Uint8Array();
    h.source = this.b.address;
    h.dest = this.a.address;
    h.sourcePort = 2049;
    h.destPort = 1000;
    h.seq = (this.#iss.b + (said.seq ?? 1)) | 0;
    h.ack = this.seqOf(said.ack);
    h.flags = said.flags ?? TcpFlag.ACK;
    h.window = (said.window ?? 1 << 20) >> 7;
    h.tsVal = 0;
    h.tsEcr = 0; // no round-trip sample
    h.sacks = said.sacks?.length ?? 0;
    said.sacks?.forEach(([start, end], i) => {
      h.sack[2 * i] = this.seqOf(start);
      h.sack[2 * i + 1] = this.seqOf(end);
    });
    h.bytes = headerBytes(h);
    h.payload = data.length;
    k.side = Side.PEER;
    const skb = allocSkb(k, h.bytes + data.length, false);
    const at = skbPut(skb, h.bytes + data.length);
    writeHeader(k.mem, at, h, 1);
    k.mem.set(data, at + h.bytes);
    this.a.receive(skb, this.nicA);
  }

  /** The device reads one descriptor. */
  dma(): void {
    this.take('dma nic a');
  }

  /** The completion interrupt: what the device has read is freed. */
  txDone(): void {
    this.take('txdone nic a');
  }

  /** Everything in the ring is read and freed; what came of it is lost on the wire. */
  drain(): void {
    for (let left = this.ring.length; left > 0; left--) this.dma();
    this.txDone();
    while (this.wire.inFlight > 0) this.take('link a>b', 1);
  }
}

/** A connection that is up and idle, with room in the congestion window. */
export function connected(setup: Setup = {}): Machine {
  const m = new Machine(setup).dial();
  m.run();
  m.log.length = 0;
  m.sk.cwnd = setup.cwnd ?? 64;
  if (setup.fresh !== true) offeredMuch(m.sk);
  return m;
}

/** As after a long time: no window bounds a packet any more. */
function offeredMuch(sk: TcpSock): void {
  sk.maxWindow = 1 << 17;
  sk.mss = sk.mssClamp;
}

/** The same, some traffic later: the peer offers its whole window, and delays its ACKs. */
export function settled(setup: Setup = {}): Machine {
  const m = connected(setup);
  m.send(new Uint8Array(100));
  m.run();
  m.peerSk.quickAcks = 0;
  m.log.length = 0;
  m.peer.inbox.length = 0;
  return m;
}

/** Host a talks to itself. */
export class Loop extends Stepped {
  readonly lo: Loopback;
  readonly host: TcpHost;
  readonly app: App;
  readonly peer: App;

  constructor(setup: Setup = {}) {
    super(setup);
    const { k } = this;
    this.lo = new Loopback(k);
    this.host = new TcpHost(k, 'a', 0x7f000001);
    this.lo.receiver = this.host;
    const { route } = this.lo;
    this.app = new App(k, route, Side.LENT, true);
    this.peer = new App(k, route, Side.ORDINARY, setup.eager ?? false);
    this.host.listen(2049, this.peer);
    this.app.sk = this.host.connect('client', Side.LENT, route, 1000, 0x7f000001, 2049, this.app);
    this.run();
    this.sk.cwnd = 64;
    if (setup.fresh !== true) offeredMuch(this.sk);
  }

  /** One packet comes up the stack. */
  netRx(): void {
    this.take('netrx lo');
  }
}
