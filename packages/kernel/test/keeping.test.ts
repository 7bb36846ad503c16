// Paths that keep a packet or its pages: what each of them holds, what it copies, and when it lets go.
import { describe, expect, test } from 'vitest';
import {
  ErrorQueue,
  GetPutPage,
  Link,
  NfQueue,
  Nic,
  PAGE_SIZE,
  PacketRing,
  PacketSock,
  PacketTxRing,
  FrameStatus,
  Pipe,
  Side,
  Site,
  Sock,
  UserMapping,
  Verdict,
  allocPage,
  kfreeSkb,
  skbClone,
  skbOrphan,
  skbSegment,
  skbSetOwnerW,
  spliceToSocket,
  tcpSpliceRead,
  tcpZerocopyReceive,
  type CompletionSink,
  type Design,
  type Features,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
} from '../src/index.ts';
import { D, Loop, NOTHING, P, bareKernel, inUse, mainline, newPage, waiting } from './machine.ts';
import { threePages } from './packets.ts';

const ALL: Features = { sg: true, csum: true, tso: true, gso: true };

function wired(k: Kernel): Nic {
  const nic = new Nic(k, 'nic', {
    features: ALL,
    mtu: 1500,
    ringSize: 8,
    dmaTicks: 0,
    txDoneTicks: 0,
  });
  nic.link = new Link(k, 'wire', { rate: 1e9, delayTicks: 0 }, null);
  return nic;
}

describe('NFQUEUE keeps a packet until the verdict', () => {
  function queued(era: string, copyRange: number) {
    const world = threePages(era);
    const { k, skb } = world;
    const nic = wired(k);
    const queue = new NfQueue(k, 'queue 0', nic, { copyRange, readTicks: 5 });
    const packet = skbClone(k, skb, Site.XMIT);
    return { ...world, nic, queue, packet };
  }

  test.each([
    ['3.8', 'copies the bytes', 0],
    ['3.18', 'refers to the pages', 1],
  ])('Linux %s: the message %s', (era, _, more) => {
    const { k, skb, queue, packet, refs } = queued(era, 65535);
    queue.enqueue(packet);
    const [parked, message] = waiting(queue) as [SkBuff, SkBuff];
    expect(parked).toBe(packet);
    expect(message.len).toBe(packet.len);
    expect(refs()).toEqual([1 + more, 1 + more, 1 + more]);
    kfreeSkb(k, skb); // acknowledged: the queue still has it
    expect(queue.verdict(Verdict.DROP)).toBe(false); // the program does not know of it yet
    queue.readMessage();
    expect(refs()).toEqual([1, 1, 1]);
    queue.verdict(Verdict.DROP);
    expect([refs(), inUse(k)]).toEqual([[0, 0, 0], NOTHING]);
  });

  test('what it accepts goes on to the device', () => {
    const { k, skb, queue, packet, nic } = queued('3.8', 0);
    queue.enqueue(packet);
    queue.verdict(Verdict.ACCEPT);
    expect([waiting(queue), waiting(nic)]).toEqual([[], [packet]]);
    nic.dma();
    nic.txDone();
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });

  test('a large packet is cut first, and its bytes are copied', () => {
    const { k, skb, queue, packet, refs } = queued('3.8', 0);
    packet.shinfo.gsoSize = 1200;
    queue.enqueue(packet);
    const parked = waiting(queue);
    expect(parked.map((s) => [s.len, s.dataLen])).toEqual([
      [1200, 0],
      [1200, 0],
      [700, 0],
    ]);
    expect(refs()).toEqual([1, 1, 1]); // the write queue's
    kfreeSkb(k, skb);
    expect(refs()).toEqual([0, 0, 0]);
    for (const _ of parked) queue.verdict(Verdict.DROP);
    expect(inUse(k)).toEqual(NOTHING);
  });

  test.each([
    ['3.8', false],
    ['3.18', true],
    ['7.2.13', true],
  ])(
    'Linux %s: what a large packet of TCP is cut into is charged in its place: %s',
    (era, charged) => {
      class SmallQueues extends Sock {
        override get small(): boolean {
          return true; // tcp_wfree
        }
      }
      const { k, skb, queue, packet } = queued(era, 0);
      const sk = new SmallQueues();
      skbSetOwnerW(k, packet, sk);
      packet.shinfo.gsoSize = 1200;
      queue.enqueue(packet);
      const parked = waiting(queue);
      const bytes = parked.reduce((sum, { truesize }) => sum + truesize, 0);
      expect([parked.length, sk.wmemAlloc]).toEqual([3, charged ? bytes : 0]);
      for (const _ of parked) queue.verdict(Verdict.DROP);
      expect(sk.wmemAlloc).toBe(0);
      kfreeSkb(k, skb);
      expect(inUse(k)).toEqual(NOTHING);
    },
  );

  test.each([1, 2])('without memory for the message (allocation %i) the packet is dropped', (n) => {
    const { k, skb, queue, packet } = queued('3.8', 100);
    k.failIn = n;
    queue.enqueue(packet);
    expect([waiting(queue), queue.drops]).toEqual([[], 1]);
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });

  test('a full queue drops', () => {
    const { k, skb, packet, nic } = queued('3.8', 0);
    const short = new NfQueue(k, 'queue 1', nic, { copyRange: 0, maxLength: 1, readTicks: 5 });
    short.enqueue(packet);
    short.enqueue(skbClone(k, skb, Site.XMIT));
    expect([waiting(short), short.drops]).toEqual([[packet], 1]);
    short.verdict(Verdict.DROP);
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });
});

describe('AF_PACKET', () => {
  function tapped(frameSize: number, copyThresh: boolean) {
    const world = threePages('3.8');
    const { k, skb } = world;
    const tap = new PacketRing(k, 'ring', { frames: 2, frameSize, copyThresh, readTicks: 5 });
    const see = (): SkBuff => {
      const clone = skbClone(k, skb, Site.TAP);
      tap.receive(clone);
      return clone;
    };
    return { ...world, tap, see };
  }

  test('without a ring: a short snaplen keeps only the first pages', () => {
    const { k, skb, refs } = threePages('3.8');
    const tap = new PacketSock(k, 'tap', 5, 600);
    tap.receive(skbClone(k, skb, Site.TAP));
    expect([refs(), D(skb)]).toEqual([
      [2, 1, 1],
      [1, 1],
    ]);
    tap.take();
    kfreeSkb(k, skb);
    expect([refs(), inUse(k)]).toEqual([[0, 0, 0], NOTHING]);
  });

  test('with a ring: copied and freed at once', () => {
    const { k, skb, tap, see } = tapped(4096, false);
    see();
    expect([waiting(tap), D(skb)]).toEqual([[], [1, 1]]);
    expect(tap.look()).toBe(true);
    expect(tap.look()).toBe(false);
    tap.close();
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });

  test('a ring that its owner does not look at is full, and drops', () => {
    const { k, skb, tap, see } = tapped(4096, false);
    for (let n = 0; n < 3; n++) see();
    expect(tap.drops).toBe(1);
    tap.look();
    see();
    expect(tap.drops).toBe(1);
    tap.close();
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });

  test.each([
    ['waits whole beside its frame', true, 1],
    ['is cut', false, 0],
  ])('a packet that is longer than a frame %s', (_, copyThresh, kept) => {
    const { k, skb, tap, see, refs } = tapped(512, copyThresh);
    const clone = see();
    expect(waiting(tap)).toEqual(kept === 1 ? [clone] : []);
    kfreeSkb(k, skb);
    expect(refs()).toEqual([kept, kept, kept]);
    tap.look();
    expect([refs(), inUse(k), tap.rmemAlloc]).toEqual([[0, 0, 0], NOTHING, 0]);
    tap.close();
  });
});

describe('the transmit ring of AF_PACKET', () => {
  /** What is in the tree: the plain skb destructor says that the frame may be written again. */
  class InTree extends GetPutPage {
    private loan: Loan | null = null;
    override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
      super.lend(skb, page, pageOffset, size, loan);
      this.loan = loan;
    }
    override skbDestructor(): void {
      if (this.loan !== null) this.k.complete(this.loan);
      this.loan = null;
    }
  }
  const inTree: Design = { ...mainline, id: 'tpacket-destruct-skb', create: (k) => new InTree(k) };

  function ring(era: string) {
    const k = bareKernel({ era, design: inTree });
    const nic = wired(k);
    const page = newPage(k);
    const tx = new PacketTxRing(k, k.newFlow(Side.LENT), nic, [page]);
    const producers: CompletionSink = { loanCompleted: (loan) => tx.completed(loan) };
    k.producers = producers;
    expect(tx.send(0, PAGE_SIZE, k.newLoan(0, 1))).toBe(true);
    return { k, nic, page, tx };
  }

  test('a frame is lent until its packet is freed', () => {
    const { k, nic, page, tx } = ring('3.8');
    expect([tx.status(0), P(page)]).toEqual([FrameStatus.SENDING, 1]);
    expect(tx.send(0, PAGE_SIZE, k.newLoan(0, 2))).toBe(false); // it is still on its way
    nic.dma();
    nic.txDone();
    expect([tx.status(0), P(page), tx.wmemAlloc]).toEqual([FrameStatus.AVAILABLE, 0, 0]);
    expect(inUse(k)).toEqual(NOTHING);
  });

  test('where packets are orphaned in front of the driver, the frame is free while the device has yet to read', () => {
    const { k, nic, page, tx } = ring('2.6.38');
    expect([tx.status(0), P(page), nic.unread]).toEqual([FrameStatus.AVAILABLE, 1, 1]);
    nic.dma();
    nic.txDone();
    expect(inUse(k)).toEqual(NOTHING);
  });

  test('without memory nothing is sent', () => {
    const { k, page, tx, nic } = ring('3.8');
    nic.dma();
    nic.txDone();
    k.failIn = 1;
    expect(tx.send(0, PAGE_SIZE, k.newLoan(0, 2))).toBe(false);
    expect([tx.status(0), P(page), inUse(k)]).toEqual([FrameStatus.AVAILABLE, 0, NOTHING]);
  });
});

test('an error queue has a clone with a time stamp until the application asks for it', () => {
  const { k, skb, refs } = threePages('3.8');
  const sk = new Sock();
  const errors = new ErrorQueue(k, 'of the socket', sk, 5);
  errors.skbTstampTx(skb);
  expect([waiting(errors).length, D(skb)]).toEqual([1, [2, 1]]);
  kfreeSkb(k, skb);
  expect(refs()).toEqual([1, 1, 1]);
  errors.take();
  expect([refs(), inUse(k), sk.rmemAlloc]).toEqual([[0, 0, 0], NOTHING, 0]);
  const other = threePages('3.8');
  const silent = new ErrorQueue(other.k, 'of another', sk, 5);
  other.k.failIn = 1;
  const second = skbClone(other.k, other.skb, Site.XMIT); // the pair's own half: no allocation
  silent.skbTstampTx(other.skb); // no memory: no time stamp, and nothing else happens
  expect(waiting(silent)).toEqual([]);
  kfreeSkb(other.k, second);
  kfreeSkb(other.k, other.skb);
  expect(inUse(other.k)).toEqual(NOTHING);
});

describe('out of a receive queue without copying', () => {
  /** Two pages wait at the reader of a local connection; the sender has freed them long ago. */
  function arrived(era: string) {
    const m = new Loop({ era });
    const pages = [m.page(), m.page()] as const;
    m.lendTogether(pages);
    m.run();
    expect(m.queue).toEqual([]);
    expect(pages.map(P)).toEqual([1, 1]);
    return { m, pages };
  }

  test.each([
    ['2.6.28', 'the packet'],
    ['2.6.32', 'a page reference for each slot'],
    ['3.8', 'a page reference for each slot'],
  ])('Linux %s: a pipe keeps %s', (era, what) => {
    const { m, pages } = arrived(era);
    const { k } = m;
    const pipe = new Pipe(k);
    expect(tcpSpliceRead(m.peerSk, pipe, 1 << 20)).toBe(2 * PAGE_SIZE);
    expect(waiting(m.peerSk)).toEqual([]);
    expect(pages.map(P)).toEqual([1, 1]);
    expect(pipe.buffers.map((slot) => slot.page)).toEqual([...pages]);
    expect(pipe.buffers.every((slot) => (slot.skb !== null) === (what === 'the packet'))).toBe(
      true,
    );
    expect(k.shinfos.used > 0).toBe(what === 'the packet');
    pipe.consume(PAGE_SIZE);
    expect(P(pages[0])).toBe(what === 'the packet' ? 1 : 0); // the other slot keeps all of the packet
    pipe.consume(PAGE_SIZE);
    m.run();
    expect([pages.map(P), inUse(k)]).toEqual([[0, 0], NOTHING]);
  });

  test('and from the pipe to a second socket, which has a reference like any other', () => {
    const { m, pages } = arrived('3.8');
    const pipe = new Pipe(m.k);
    tcpSpliceRead(m.peerSk, pipe, 1 << 20);
    m.sk.driven = true;
    expect(spliceToSocket(pipe, m.sk, null)).toBe(2 * PAGE_SIZE);
    expect([pages.map(P), pipe.buffers]).toEqual([[1, 1], []]);
    expect(m.queue[0]!.shinfo.frags[0]!.page).toBe(pages[0]);
  });

  test('a pipe takes as much as it has slots for', () => {
    const { m } = arrived('3.8');
    const pipe = new Pipe(m.k);
    const own = allocPage(m.k);
    for (let n = 0; n < 15; n++) pipe.push(own, 0, 1);
    expect(tcpSpliceRead(m.peerSk, pipe, 1 << 20)).toBe(PAGE_SIZE);
    expect(tcpSpliceRead(m.peerSk, pipe, 1 << 20)).toBe(0);
    expect(m.peerSk.rcvQueued).toBe(PAGE_SIZE);
  });

  test("without a guard the reader maps the sender's pages; with one it has to copy", () => {
    for (const guard of [false, true]) {
      const { m, pages } = arrived(guard ? 'debian-6.12.117' : '5.10.223');
      const vma = new UserMapping(m.k, 'of the reader', 5);
      const mapped = tcpZerocopyReceive(m.peerSk, vma, guard);
      expect(mapped).toBe(guard ? 0 : 2 * PAGE_SIZE);
      if (guard) m.peer.read();
      expect(pages.map(P)).toEqual(guard ? [0, 0] : [1, 1]);
      vma.take();
      m.run();
      expect([pages.map(P), inUse(m.k)]).toEqual([[0, 0], NOTHING]);
    }
  });
});

test('a packet that is orphaned while it waits leaves its socket, not its data', () => {
  const { k, skb, refs } = threePages('3.8');
  const [one] = [skbClone(k, skb, Site.XMIT)];
  skbOrphan(k, one);
  kfreeSkb(k, skb);
  expect(refs()).toEqual([1, 1, 1]);
  one.shinfo.gsoSize = 4000;
  one.headers = 100;
  kfreeSkb(k, skbSegment(k, one, true));
  kfreeSkb(k, one);
  expect([refs(), inUse(k)]).toEqual([[0, 0, 0], NOTHING]);
});
