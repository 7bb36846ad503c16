// TLS in the kernel, on the way out: references of records, when they go, and what a cipher writes.
import { describe, expect, test } from 'vitest';
import {
  Cryptd,
  DeviceFault,
  NoMemory,
  PacketSock,
  Pipe,
  Reader,
  Site,
  TLS_MAX_PAYLOAD_SIZE,
  TcpState,
  TlsDeviceTx,
  TlsSwTx,
  XdpSock,
  skbClone,
  tlsDecryptAsync,
  type Page,
} from '../src/index.ts';
import { NOTHING, P, connected, contents, inUse } from './machine.ts';
import { packet } from './packets.ts';

/** A connection, and a pipe with these bytes of as many pages. */
function machine(sizes: readonly number[], era = '7.2.13') {
  const m = connected({ era, frames: 64 });
  const { k, sk } = m;
  sk.state = TcpState.ESTABLISHED;
  sk.driven = true;
  const pages = sizes.map(() => m.page());
  for (const page of pages) k.mem.fill(page.slot + 1, page.address, page.address + 4096);
  const pipe = new Pipe(k);
  pages.forEach((page, i) => pipe.push(page, 0, sizes[i]!, 1, i * 4096));
  const readable = (): string[] => {
    const seen: string[] = [];
    const visitor = {
      skb: (): void => {},
      page: (_p: Page, _o: number, size: number, where: string) =>
        void seen.push(`${where} ${size}`),
    };
    for (const holder of k.holders) if (holder !== pipe) holder.forEachReader(visitor);
    return seen;
  };
  return { m, k, sk, pages, pipe, readable };
}

describe('in software', () => {
  test('the plain text is read where it stands, and what is sent is other pages', () => {
    const { m, k, sk, pages, pipe } = machine([1000, 4096]);
    const before = pages.map((page) =>
      Buffer.from(k.mem.subarray(page.address, page.address + 4096)),
    );
    new TlsSwTx(sk, null).spliceIn(pipe, false);
    expect(pages.map(P)).toEqual([0, 0]);
    expect(pages.map((p) => Buffer.from(k.mem.subarray(p.address, p.address + 4096)))).toEqual(
      before,
    );
    const sent = Buffer.concat(m.queue.map((skb) => contents(k, skb)));
    const plain = Buffer.concat([before[0]!.subarray(0, 1000), before[1]!]);
    expect(sent).toEqual(plain.map((byte) => byte ^ 0x55));
  });

  test('an open record has a reference for each page, until its sender ends it', () => {
    const { sk, pages, pipe, readable } = machine([1000, 500]);
    const tls = new TlsSwTx(sk, null);
    tls.spliceIn(pipe, true);
    expect([pages.map(P), pipe.bytes, readable()]).toEqual([
      [1, 1],
      0,
      ['tls record 1000', 'tls record 500'],
    ]);
    tls.pushRecord();
    expect([pages.map(P), readable()]).toEqual([[0, 0], []]);
    tls.pushRecord(); // there is none
  });

  test('a full one goes at once', () => {
    const { sk, pages, pipe } = machine([4096, 4096, 4096, 4096, 100]);
    const tls = new TlsSwTx(sk, null);
    const before = sk.writeSeq;
    tls.spliceIn(pipe, true);
    expect([sk.writeSeq - before, pages.map(P)]).toEqual([TLS_MAX_PAYLOAD_SIZE, [0, 0, 0, 0, 1]]);
    tls.pushRecord();
    expect(sk.writeSeq - before).toBe(TLS_MAX_PAYLOAD_SIZE + 100);
  });

  test('an engine reads when it likes, one record after the other', () => {
    const { k, sk, pages, pipe, readable } = machine([1000]);
    const engine = new Cryptd(k);
    new TlsSwTx(sk, engine).spliceIn(pipe, false);
    expect([pages.map(P), readable()]).toEqual([[1], ['tls record 1000']]);
    engine.take();
    expect([pages.map(P), readable()]).toEqual([[0], []]);
  });

  test('without memory for its own pages nothing is taken', () => {
    const { k, sk, pages, pipe } = machine([1000]);
    k.failIn = 1;
    expect(() => new TlsSwTx(sk, null).spliceIn(pipe, false)).toThrow(NoMemory);
    expect([pipe.bytes, pages.map(P)]).toEqual([1000, [1]]);
  });
});

describe('on the way in', () => {
  /** A socket that has received two packets of a page each. */
  const receiver = (era = '7.2.13') => {
    const { m, k, sk } = machine([], era);
    const pages = [m.page(), m.page()];
    for (const page of pages) {
      const skb = packet(k, 0, [page, 0, 1000]);
      sk.receiveQueue.push(skb);
      sk.rcvQueued += 1000;
    }
    return { k, sk, pages, engine: new Cryptd(k) };
  };

  test('an engine has clones of what was received, and the receive queue is read', () => {
    const { k, sk, pages, engine } = receiver();
    tlsDecryptAsync(sk, engine);
    expect([sk.receiveQueue.qlen, sk.rcvQueued, pages.map(P)]).toEqual([0, 0, [1, 1]]);
    const seen: unknown[] = [];
    k.probe.read = (reader, _flow, _seq, size) => void seen.push([reader, size]);
    engine.take();
    expect(seen).toEqual([
      [Reader.PROTOCOL, 1000],
      [Reader.PROTOCOL, 1000],
    ]);
    expect([pages.map(P), inUse(k)]).toEqual([[0, 0], NOTHING]);
    tlsDecryptAsync(sk, engine); // nothing waits
    expect(engine.take()).toBe(false);
  });

  test.each([1, 2, 3])('without memory the queue has all of it (allocation %i)', (n) => {
    const { k, sk, pages, engine } = receiver();
    // the other half of each pair is taken: a clone is an allocation
    for (let skb = sk.receiveQueue.first; skb !== null; skb = skb.next) skbClone(k, skb, Site.TAP);
    k.failIn = n;
    expect(() => tlsDecryptAsync(sk, engine)).toThrow(NoMemory);
    expect([sk.receiveQueue.qlen, sk.rcvQueued, pages.map(P)]).toEqual([2, 2000, [1, 1]]);
    expect(inUse(k)).toMatchObject({ skbs: 0 });
  });

  test('needs a kernel whose TLS reads the receive queue', () => {
    const { sk, engine } = receiver('5.10.223');
    expect(() => tlsDecryptAsync(sk, engine)).toThrow('from 6.0 on');
  });
});

describe('by a device', () => {
  test('a record has references of its own beside those of TCP, until all of it is acknowledged', () => {
    const { sk, pages, pipe, readable } = machine([1000, 500]);
    const tls = new TlsDeviceTx(sk);
    tls.spliceIn(pipe);
    tls.spliceIn(pipe); // empty: no record
    expect([pages.map(P), readable()]).toEqual([
      [2, 2],
      ['tls record 1000', 'tls record 500'],
    ]);
    tls.cleanAcked(sk.writeSeq - 1);
    expect(readable()).toHaveLength(2);
    tls.cleanAcked(sk.writeSeq);
    expect([pages.map(P), readable()]).toEqual([[1, 1], []]);
  });

  test('needs a kernel that has TLS_TX_ZEROCOPY_RO', () => {
    expect(() => new TlsDeviceTx(machine([], '5.10.223').sk)).toThrow('from 5.19 on');
  });
});

describe('AF_XDP', () => {
  test('has an entry for each page that a chunk touches, and the next packet goes on in the stream', () => {
    const { m, k, pages } = machine([1, 1]);
    const xs = new XdpSock(k, 1, m.nicA, pages);
    const loan = k.newLoan(0, 1);
    const lent: number[][] = [];
    k.probe.lent = (_loan, page, offset, size, _flow, seq) =>
      void lent.push([pages.indexOf(page), offset, size, seq]);
    expect([xs.send(3000, 2000, loan), xs.send(0, 100, loan)]).toEqual([true, true]);
    expect(lent).toEqual([
      [0, 3000, 1096, 0],
      [1, 0, 904, 1096],
      [0, 0, 100, 2000],
    ]);
    expect([pages.map(P), xs.wmemAlloc > 2100]).toEqual([[3, 2], true]); // with those of the pipe
  });

  test('has its packets past the queue and past the taps: a stopped driver gives them back, and nothing is kept', () => {
    const { m, k, pages } = machine([1]);
    const xs = new XdpSock(k, 1, m.nicA, pages);
    const tap = new PacketSock(k, 'tap', 0);
    m.nicA.taps.push(tap);
    expect([xs.send(0, 100, k.newLoan(0, 1)), tap.queue.qlen, m.nicA.unread]).toEqual([true, 0, 1]);
    m.nicA.stopped = true;
    const before = [pages.map(P), xs.wmemAlloc, inUse(k)];
    expect(xs.send(0, 100, k.newLoan(0, 2))).toBe(false);
    expect([pages.map(P), xs.wmemAlloc, inUse(k), m.nicA.qdisc.qlen]).toEqual([...before, 0]);
  });

  test.each([
    ['drops it', DeviceFault.DROP, true],
    ['has no memory to linearize it', DeviceFault.LINEARIZE, true],
    ['has no room', DeviceFault.BUSY, false],
  ])('a driver that %s leaves no reference', (_, fault, taken) => {
    const { m, k, pages } = machine([1]);
    const xs = new XdpSock(k, 1, m.nicA, pages);
    k.deviceFaults.set(fault, 1);
    const before = [pages.map(P), inUse(k)];
    expect([xs.send(0, 100, k.newLoan(0, 1)), m.nicA.unread]).toEqual([taken, 0]);
    expect([pages.map(P), inUse(k)]).toEqual(before);
  });

  test('sends nothing without memory, and keeps nothing', () => {
    const { m, k, pages } = machine([1]);
    const xs = new XdpSock(k, 1, m.nicA, pages);
    const before = inUse(k);
    k.failIn = 1;
    expect([xs.send(0, 100, k.newLoan(0, 1)), xs.wmemAlloc, inUse(k)]).toEqual([false, 0, before]);
    expect(before).toEqual(NOTHING);
  });
});
