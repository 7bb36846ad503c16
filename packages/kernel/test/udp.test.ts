// Datagrams with lent pages: corked together, cut into packets, put together again by the peer. There is no ACK and
// no retransmission: what holds a page is the socket while the datagram is pending, then whoever has the packets.
import { describe, expect, test } from 'vitest';
import {
  Errno,
  IpHost,
  IP_FRAG_TIME,
  Link,
  LinkVerb,
  Loopback,
  Nic,
  PAGE_SIZE,
  Side,
  Site,
  UdpHost,
  UdpSock,
  kfreeSkb,
  skbClone,
  skbGet,
  udpClose,
  udpPushPendingFrames,
  udpRecvmsg,
  udpSendmsg,
  udpSendpage,
  type DatagramSink,
  type Features,
  type Holder,
  type Kernel,
  type NetDevice,
  type Page,
} from '../src/index.ts';
import { D, NOTHING, P, bareKernel, inUse, newPage, waiting } from './machine.ts';
import { perFrag } from './designs.ts';

const CLEAN = { ...NOTHING, references: 0, charged: 0, fragments: 0 };
const ALL: Features = { sg: true, csum: true, tso: true, gso: true };
const A = 0x0a070001;
const B = 0x0a070002;

class Inbox implements DatagramSink {
  private readonly k: Kernel;
  private readonly parts: Uint8Array[] = [];
  constructor(k: Kernel) {
    this.k = k;
  }
  bytes(address: number, size: number): void {
    this.parts.push(this.k.mem.slice(address, address + size));
  }
  get text(): Buffer {
    return Buffer.concat(this.parts);
  }
}

interface Options {
  readonly era?: string;
  readonly features?: Partial<Features>;
  readonly loopback?: boolean;
  readonly mtu?: number;
}

/** A client at host a, a server at host b (or the same host), and the way between them. */
class Room {
  readonly k: Kernel;
  readonly client: UdpSock;
  readonly server: UdpSock;
  readonly ip: IpHost;
  readonly udp: UdpHost;
  readonly device: NetDevice & Holder;
  wire: Link | null = null;

  constructor(options: Options = {}) {
    const k = bareKernel({ era: options.era ?? '3.8', design: perFrag });
    this.k = k;
    this.ip = new IpHost(k, 'b');
    this.udp = new UdpHost(k);
    this.ip.udp = this.udp;
    this.device = options.loopback === true ? this.local(options) : this.remote(options);
    const to = { localAddress: A, localPort: 800, peerAddress: B, peerPort: 2049 };
    const back = { localAddress: B, localPort: 2049, peerAddress: A, peerPort: 800 };
    this.client = new UdpSock(k, 'client', Side.LENT, this.device, to);
    this.server = new UdpSock(k, 'server', Side.PEER, this.device, back);
    this.server.rcvbuf = 1 << 20;
    this.udp.bind(this.server);
  }

  private local(options: Options): NetDevice & Holder {
    const lo = new Loopback(this.k, 'lo', options.mtu ?? 1500);
    lo.receiver = this.ip;
    return lo;
  }

  private remote(options: Options): NetDevice & Holder {
    const { k } = this;
    const nic = (name: string, features: Features): Nic =>
      new Nic(k, name, {
        features,
        mtu: options.mtu ?? 1500,
        ringSize: 64,
        dmaTicks: 1,
        txDoneTicks: 1,
      });
    const near = nic('nic a', { ...ALL, ...options.features });
    const far = nic('nic b', ALL);
    this.wire = new Link(k, 'wire', { rate: 1e9, delayTicks: 10 }, far);
    near.link = this.wire;
    far.receiver = this.ip;
    return near;
  }

  page(): Page {
    return newPage(this.k);
  }

  /** Lends a page of one loan and says that this was all of it. */
  lend(page: Page, size = PAGE_SIZE, more = false): number {
    const { k } = this;
    const loan = k.newLoan(0, 1);
    const n = udpSendpage(this.client, page, 0, size, loan, more);
    k.release(loan);
    return n;
  }

  send(bytes: Uint8Array, more = false): number {
    const { k } = this;
    const scratch = newPage(k);
    k.mem.set(bytes, scratch.address);
    const n = udpSendmsg(this.client, scratch.address, bytes.length, more);
    k.putPage(scratch);
    return n;
  }

  run(): void {
    const { agenda } = this.k;
    for (let place = agenda.earliest(); place >= 0; place = agenda.earliest()) {
      const due = agenda.due[place]!;
      if (due >= IP_FRAG_TIME) return;
      agenda.now = Math.max(agenda.now, due);
      agenda.sources[place]!.take(0, agenda.sources[place]!.item());
    }
  }

  /** The oldest datagram. */
  receive(): Buffer {
    const inbox = new Inbox(this.k);
    if (udpRecvmsg(this.server, inbox) < 0) throw new Error('no datagram waits');
    return inbox.text;
  }

  bytesOf(...pages: Page[]): Buffer {
    return Buffer.concat(
      pages.map((page) => this.k.mem.slice(page.address, page.address + PAGE_SIZE)),
    );
  }

  /** What is not back where it was, once both sockets are closed. */
  left(...pages: Page[]): Record<string, number> {
    const { client, server, ip } = this;
    udpClose(client);
    udpClose(server);
    const references = pages.reduce((sum, page) => sum + P(page), 0);
    const charged = client.wmemAlloc + server.rmemAlloc;
    return { ...inUse(this.k), references, charged, fragments: ip.frags.waiting };
  }
}

/** Is `page` in the datagram that is put together? */
function hasPage({ writeQueue }: UdpSock, page: Page): boolean {
  for (let skb = writeQueue.first; skb !== null; skb = skb.next)
    if (skb.shinfo.frags.slice(0, skb.shinfo.nrFrags).some((f) => f.page === page)) return true;
  return false;
}

describe.each(['2.6.24', '3.2', '3.8', '3.18', '4.14'])('Linux %s', (era) => {
  test.each([
    ['a device that does everything', {}],
    ['a device without checksums', { csum: false }],
    ['a device without scatter and gather', { sg: false, csum: false }],
  ])('a header and two pages reach the peer as one datagram: %s', (_, features) => {
    const room = new Room({ era, features });
    const pages = [room.page(), room.page()] as const;
    expect(room.send(Buffer.from('WRITE xid 17 '), true)).toBe(13);
    expect(room.lend(pages[0], PAGE_SIZE, true)).toBe(PAGE_SIZE);
    expect(room.lend(pages[1], PAGE_SIZE, true)).toBe(PAGE_SIZE);
    expect(room.send(Buffer.from('odd'))).toBe(3);
    room.run();
    const want = Buffer.concat([
      Buffer.from('WRITE xid 17 '),
      room.bytesOf(...pages),
      Buffer.from('odd'),
    ]);
    expect(room.receive().equals(want)).toBe(true);
    expect([room.udp.checksumErrors, room.ip.frags.failures]).toEqual([0, 0]);
    expect(room.left(...pages)).toEqual(CLEAN);
  });

  test('over loopback the receiver has the very pages, until it reads', () => {
    const room = new Room({ era, loopback: true });
    const [one, two] = [room.page(), room.page()];
    room.lend(one, PAGE_SIZE, true);
    room.lend(two);
    room.run();
    const datagram = waiting(room.server)[0]!;
    const chain = datagram.shinfo.fragList !== null;
    // from 3.5 on, the frags move to the first packet, but for 4.2 to 5.2
    expect(chain).toBe(['2.6.24', '3.2', '4.14'].includes(era));
    const held: Page[] = [];
    for (let skb: typeof datagram | null = datagram; skb !== null;) {
      for (let i = 0; i < skb.shinfo.nrFrags; i++) held.push(skb.shinfo.frags[i]!.page);
      skb = skb === datagram ? skb.shinfo.fragList : skb.next;
    }
    expect(new Set(held)).toEqual(new Set([one, two]));
    expect(room.receive().equals(room.bytesOf(one, two))).toBe(true);
    expect(room.left(one, two)).toEqual(CLEAN);
  });
});

describe('ip_append_page', () => {
  test('coalesces what goes on where the last entry ends, and takes a reference for anything else', () => {
    const room = new Room({ mtu: 16384 });
    const page = room.page();
    const { k, client } = room;
    const loan = k.newLoan(0, 1);
    udpSendpage(client, page, 0, 1000, loan, true);
    udpSendpage(client, page, 1000, 1000, loan, true);
    udpSendpage(client, page, 3000, 500, loan, true);
    const skb = client.writeQueue.first!;
    expect([skb.shinfo.nrFrags, skb.shinfo.frags[0]!.size]).toEqual([2, 2000]);
    expect(loan.refs).toBe(3); // its own, and one for each entry
    udpSendpage(client, page, 3500, 500, loan, false);
    k.release(loan);
    room.run();
    expect(room.receive()).toHaveLength(3000);
    expect(room.left(page)).toEqual(CLEAN);
  });

  test('cuts at a multiple of eight, and copies what is beyond it to the next packet', () => {
    const room = new Room({ mtu: 1499 }); // 1479 bytes of IP payload: 7 beyond the last multiple of eight
    const page = room.page();
    room.lend(page, 1471, true); // all that the first packet takes
    const { writeQueue } = room.client;
    expect([writeQueue.qlen, writeQueue.first!.len]).toEqual([1, 1499]);
    room.lend(page, 100);
    expect(room.device.drops).toBe(0);
    const [first, second] = waiting(room.device).slice(0, 2);
    expect([first!.len, second!.len]).toEqual([20 + 1472, 20 + 7 + 100]);
    expect(second!.dataLen).toBe(100);
    room.run();
    const want = Buffer.concat([
      room.bytesOf(page).subarray(0, 1471),
      room.bytesOf(page).subarray(0, 100),
    ]);
    expect(room.receive().equals(want)).toBe(true);
    expect(room.left(page)).toEqual(CLEAN);
  });

  test('says EMSGSIZE when the slots run out, and the datagram is gone', () => {
    const room = new Room({ mtu: 65000 });
    const pages = Array.from({ length: 18 }, () => room.page());
    const taken = pages.map((page) => room.lend(page, 100, true));
    expect(taken.slice(0, 17)).toEqual(Array.from({ length: 17 }, () => 100));
    expect(taken[17]).toBe(Errno.EMSGSIZE);
    expect(room.client.writeQueue.qlen).toBe(0);
    expect(room.left(...pages)).toEqual(CLEAN);
  });

  test('says EMSGSIZE beyond 64 KiB', () => {
    const room = new Room();
    const page = room.page();
    for (let n = 0; n < 15; n++) expect(room.lend(page, PAGE_SIZE, true)).toBe(PAGE_SIZE);
    expect(room.lend(page, PAGE_SIZE, true)).toBe(Errno.EMSGSIZE);
    expect(room.left(page)).toEqual(CLEAN);
  });

  test('takes the checksum at once, if no device will: a change before the wire is seen by the peer', () => {
    for (const csum of [false, true]) {
      const room = new Room({ features: { csum }, mtu: 9000 });
      const page = room.page();
      room.lend(page);
      room.k.mem[page.address]! ^= 1; // the producer does not wait
      room.run();
      // Summed by software: refused. Summed by the device while it reads: the new bytes are delivered.
      expect([room.udp.checksumErrors, waiting(room.server).length]).toEqual(
        csum ? [0, 1] : [1, 0],
      );
      expect(room.left(page)).toEqual(CLEAN);
    }
  });

  test.each([
    ['3.18', 'delivered'],
    ['4.14', 'refused'],
    ['6.1.192', 'delivered'], // it was copied
    ['7.2.13', 'refused'],
  ])('of a corked datagram, in Linux %s: what changed before the wire is %s', (era, what) => {
    const room = new Room({ era, mtu: 9000 });
    const page = room.page();
    room.lend(page, PAGE_SIZE, true); // more is said to follow
    room.k.mem[page.address]! ^= 1;
    room.send(Buffer.from('end'));
    room.run();
    const refused = what === 'refused';
    expect([room.udp.checksumErrors, waiting(room.server).length]).toEqual(
      refused ? [1, 0] : [0, 1],
    );
    expect(room.left(page)).toEqual(CLEAN);
  });

  test('of one call that is the whole datagram the device sums from 6.5 on: MSG_SPLICE_PAGES starts it', () => {
    for (const era of ['5.10.223', '7.2.13']) {
      const room = new Room({ era, mtu: 9000 });
      const page = room.page();
      room.lend(page);
      room.k.mem[page.address]! ^= 1;
      room.run();
      expect(room.udp.checksumErrors).toBe(era === '7.2.13' ? 0 : 1);
      expect(room.left(page)).toEqual(CLEAN);
    }
  });

  test('a call without scatter and gather is copied at once, whatever the release', () => {
    for (const era of ['3.8', '5.10.223', '6.1.192', '7.2.13']) {
      const room = new Room({ era, features: { sg: false, csum: false } });
      const page = room.page();
      room.lend(page, PAGE_SIZE, true);
      expect(hasPage(room.client, page)).toBe(false);
      room.send(Buffer.from(''));
      room.run();
      expect(room.receive().equals(room.bytesOf(page))).toBe(true);
      expect(room.left(page)).toEqual(CLEAN);
    }
  });

  test('sendpage copies in 6.1.192', () => {
    const lent = (era: string) => {
      const room = new Room({ era, mtu: 9000 });
      const page = room.page();
      room.lend(page, PAGE_SIZE, true);
      return hasPage(room.client, page);
    };
    expect(['5.10.223', '6.1.192', '7.2.13'].map(lent)).toEqual([true, false, true]);
  });

  test('refuses another lifetime where a design keeps one for each packet', () => {
    const room = new Room({ mtu: 9000 });
    const { k } = room;
    k.lifetime.canAppend = (skb) => skb.shinfo.nrFrags === 0;
    const [one, two] = [room.page(), room.page()];
    room.lend(one, PAGE_SIZE, true);
    room.lend(two);
    expect(P(two)).toBe(0); // copied
    room.run();
    expect(room.receive().equals(room.bytesOf(one, two))).toBe(true);
    expect(room.left(one, two)).toEqual(CLEAN);
  });
});

describe('ip_fragment', () => {
  test('sends the chained packets as they are, charged to the socket', () => {
    const room = new Room();
    const page = room.page();
    room.lend(page);
    const packets = waiting(room.device);
    expect(packets.map((skb) => skb.len)).toEqual([1500, 1500, 20 + 4096 + 8 - 2 * 1480]);
    for (const skb of packets) {
      expect(skb.sk).toBe(room.client);
      expect(skb.dataLen).toBeGreaterThan(0);
    }
    room.run();
    expect(room.receive().equals(room.bytesOf(page))).toBe(true);
    expect(room.left(page)).toEqual(CLEAN);
  });

  test('copies when a member is shared: it cannot be written to', () => {
    const room = new Room();
    const page = room.page();
    room.lend(page, PAGE_SIZE, true);
    const { client, k } = room;
    const member = skbGet(k, client.writeQueue.last!); // somebody looks at it
    udpPushPendingFrames(client);
    const packets = waiting(room.device);
    expect(packets).toHaveLength(3);
    expect(packets.every((skb) => skb.dataLen === 0)).toBe(true);
    kfreeSkb(k, member);
    room.run();
    expect(room.receive().equals(room.bytesOf(page))).toBe(true);
    expect(room.left(page)).toEqual(CLEAN);
  });

  test('without memory for a copy the rest of the datagram is lost, and nothing else', () => {
    const room = new Room();
    const page = room.page();
    room.lend(page, PAGE_SIZE, true);
    const { client, k } = room;
    const clone = skbClone(k, client.writeQueue.first!, Site.TAP);
    expect(D(clone)).toEqual([2, 0]);
    k.failIn = 3; // a copy takes two allocations: the second copy fails
    udpPushPendingFrames(client);
    expect(waiting(room.device)).toHaveLength(1);
    kfreeSkb(k, clone);
    room.run();
    expect(room.ip.frags.waiting).toBe(1);
    room.ip.frags.take();
    expect(room.left(page)).toEqual(CLEAN);
  });
});

describe('reassembly', () => {
  test('holds the fragments for half a minute, then gives them up', () => {
    const room = new Room({ loopback: true });
    const page = room.page();
    room.lend(page);
    const { k, device } = room;
    for (const source of k.agenda.sources)
      if (source.name === `netrx ${device.name}`) source.take(0, 0);
    expect(waiting(room.ip.frags)).toHaveLength(1);
    room.ip.frags.take();
    room.run();
    expect([room.ip.frags.failures, room.ip.frags.waiting]).toEqual([1, 1]);
    room.ip.frags.take();
    expect(room.left(page)).toEqual(CLEAN);
  });

  test.each([
    ['in order', [0, 1, 2]],
    ['backwards', [2, 1, 0]],
    ['the first one last', [1, 2, 0]],
    ['the middle one last', [0, 2, 1]],
  ])('puts them together %s', (_, order) => {
    for (const era of ['2.6.24', '3.8']) {
      const room = new Room({ era });
      const page = room.page();
      room.lend(page);
      const { k, wire } = room;
      const { agenda } = k;
      // Everything on the wire, nothing delivered.
      for (const step of (room.device as Nic).steps) while (step.take(0, 0));
      const serials = [1, 2, 3];
      for (const i of order) expect(wire!.take(LinkVerb.DELIVER, serials[i]!)).toBe(true);
      expect(agenda.isArmed(room.ip.frags.place)).toBe(false);
      expect(room.receive().equals(room.bytesOf(page))).toBe(true);
      expect(room.left(page)).toEqual(CLEAN);
    }
  });

  test('a duplicate brings nothing new', () => {
    const room = new Room();
    const page = room.page();
    room.lend(page);
    for (const step of (room.device as Nic).steps) while (step.take(0, 0));
    room.wire!.take(LinkVerb.DUPLICATE, 1);
    room.run();
    expect(room.receive().equals(room.bytesOf(page))).toBe(true);
    room.ip.frags.take(); // the duplicate came behind the whole datagram and waits in vain
    expect(room.left(page)).toEqual(CLEAN);
  });
});
