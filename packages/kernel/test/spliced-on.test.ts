// What goes on from a pipe or a receive queue: a unix stream, a second connection, the messages of a socket in a map.
import { describe, expect, test } from 'vitest';
import {
  NoMemory,
  Pipe,
  Reader,
  Side,
  Site,
  SkPsock,
  Sock,
  UnixStream,
  fragAt,
  kfreeSkb,
  skPsockVerdictRecv,
  skbClone,
  skbHeadlen,
  skbSendSock,
  skbSpliceBits,
  tcpBpfSendpage,
  type Kernel,
  type Page,
} from '../src/index.ts';
import { design as pageNetPriv } from '../../../strategies/page-net-priv.ts';
import { P, bareKernel, connected, newPage } from './machine.ts';
import { packet } from './packets.ts';

/** A pipe with the first 1000 bytes of each page, as one stream. */
function pipeOf(k: Kernel, pages: readonly Page[], flow = 1): Pipe {
  const pipe = new Pipe(k);
  pages.forEach((page, i) => pipe.push(page, 0, 1000, flow, i * 1000));
  return pipe;
}

/** Who reads what: reader, position in the stream, bytes. */
function reads(k: Kernel): unknown[] {
  const seen: unknown[] = [];
  k.probe.read = (reader, _flow, seq, size) => void seen.push([reader, seq, size]);
  return seen;
}

describe('a unix stream', () => {
  const end = (era: string, pages = 2) => {
    const k = bareKernel({ era });
    const own = Array.from({ length: pages }, () => newPage(k));
    k.newFlow(Side.LENT); // in which they were received
    const peer = new Sock();
    return { k, own, peer, unix: new UnixStream(k, peer), pipe: pipeOf(k, own) };
  };

  test('takes what is in a pipe, a reference for each page, and the other end is charged', () => {
    const { k, own, peer, unix, pipe } = end('7.2.13');
    const empty = pipe.bytes;
    expect(unix.spliceIn(pipe)).toBe(empty);
    expect([pipe.bytes, own.map(P), unix.receiveQueue.qlen]).toEqual([0, [1, 1], 1]);
    expect(peer.wmemAlloc).toBe(unix.receiveQueue.first!.truesize);
    const seen = reads(k);
    expect([unix.recvmsg(), unix.recvmsg()]).toEqual([true, false]);
    expect(seen).toEqual([0, 1000].map((seq) => [Reader.APPLICATION, seq, 1000]));
    expect([own.map(P), peer.wmemAlloc]).toEqual([[0, 0], 0]);
  });

  test('goes on in the packet that waits, up to 6.4, whatever stream the pages were received in', () => {
    for (const [era, packets] of [
      ['6.1.192', [1, 1]],
      ['7.2.13', [2, 3]],
    ] as const) {
      const { k, own, unix, pipe } = end(era, 1);
      unix.spliceIn(pipe);
      const next = new Pipe(k);
      next.push(own[0]!, 1000, 500, 1, 1000);
      unix.spliceIn(next);
      const one = unix.receiveQueue.qlen;
      unix.spliceIn(pipeOf(k, own, 2));
      expect([one, unix.receiveQueue.qlen], era).toEqual(packets);
      expect(unix.receiveQueue.first!.len).toBe(era === '6.1.192' ? 2500 : 1000);
    }
  });

  test('is a stream of its own, with bytes of those that the pages came in', () => {
    const { k, own, peer, unix, pipe } = end('6.1.192');
    const carried: number[][] = [];
    k.probe.carried = (...args) => void carried.push(args);
    unix.spliceIn(pipe);
    const { flow, seq } = unix.receiveQueue.first!;
    expect([flow === 1, peer.slot, seq]).toEqual([false, flow, 0]);
    expect(carried).toEqual(own.map((_, i) => [flow, i * 1000, 1000, 1, i * 1000]));
  });

  test('begins another packet where one is full', () => {
    const { k, own, unix, pipe } = end('7.2.13', 10);
    const room = k.era.maxSkbFrags;
    unix.spliceIn(pipe);
    const more = new Pipe(k);
    own.forEach((page, i) => more.push(page, 2000, 500, 1, 10_000 + i * 500));
    (k.era as { maxSkbFrags: number }).maxSkbFrags = 4;
    unix.spliceIn(more);
    (k.era as { maxSkbFrags: number }).maxSkbFrags = room;
    expect(unix.receiveQueue.qlen).toBe(4); // ten in one, and four, four and two
  });

  test('gives a pipe whole packets, for as long as there are slots', () => {
    const { k, own, unix, pipe } = end('7.2.13', 9);
    unix.spliceIn(pipe);
    unix.spliceIn(pipeOf(k, own));
    const to = new Pipe(k);
    expect([unix.spliceRead(to), unix.receiveQueue.qlen, to.buffers.length]).toEqual([9000, 1, 9]);
    expect(own.map(P)).toEqual(own.map(() => 2)); // a slot's, that of the packet that waits
  });

  test('is none that takes pages before 4.2', () => {
    expect(() => end('3.18')).toThrow('from 4.2 on');
  });
});

test('a second connection gets each entry with a reference of its own', () => {
  const { k, sk } = connected({ era: '7.2.13' });
  const [a, b] = [newPage(k), newPage(k)];
  const skb = packet(k, 100, [a, 0, 1000], [b, 500, 200]);
  const member = packet(k, 0, [b, 0, 300]);
  skb.shinfo.fragList = member;
  const carried: number[] = [];
  k.probe.carried = (_flow, _seq, size) => void carried.push(size);
  const before = sk.writeSeq;
  expect(skbSendSock(k, sk, skb)).toBe(1600);
  expect(sk.writeSeq - before).toBe(1600);
  expect(carried).toEqual([100, 1000, 200, 300]);
  expect([P(a), P(b)]).toEqual([2, 4]); // the packet's and the write queue's, twice that of two packets
});

describe('a socket in a map', () => {
  test('has a reference on each page until its reader has the message', () => {
    const k = bareKernel({ era: '6.1.192' });
    const pages = [newPage(k), newPage(k)];
    const psock = new SkPsock(k);
    const pipe = pipeOf(k, pages);
    tcpBpfSendpage(k, pipe, psock);
    expect([pipe.bytes, pages.map(P)]).toEqual([0, [1, 1]]);
    const seen = reads(k);
    expect([psock.recvmsg(), psock.recvmsg(), psock.recvmsg()]).toEqual([true, true, false]);
    expect(seen).toEqual([0, 1000].map((seq) => [Reader.APPLICATION, seq, 1000]));
    expect(pages.map(P)).toEqual([0, 0]);
  });

  test.each([
    ['5.10.223', 0, 1000],
    ['6.1.192', 1, 0],
    ['7.2.13', 1, 0],
  ])(
    'Linux %s: a packet that is redirected to it has %i entries, and %i bytes in its head',
    (era, entries, linear) => {
      const k = bareKernel({ era });
      const page = newPage(k);
      const skb = packet(k, 0, [page, 0, 1000]);
      new SkPsock(k).skbIngress(skb);
      expect([skb.shinfo.nrFrags, skbHeadlen(skb), skb.len, P(page)]).toEqual([
        entries,
        linear,
        1000,
        entries,
      ]);
    },
  );

  test.each([
    ['4.14', false],
    ['5.10.223', false],
    ['6.1.192', true],
  ])(
    'Linux %s: a program has the packet itself: %s, and its queue has it no more',
    (era, itself) => {
      const { k, sk } = connected({ era });
      const page = newPage(k);
      const skb = packet(k, 0, [page, 0, 1000]);
      sk.receiveQueue.push(skb);
      sk.rcvQueued = 1000;
      const own = skPsockVerdictRecv(sk);
      expect([own === skb, sk.receiveQueue.qlen, sk.rcvQueued, P(page)]).toEqual([itself, 0, 0, 1]);
      expect([own.len, skb.live]).toEqual([1000, itself]);
    },
  );

  test('without memory for a clone the packet waits where it was', () => {
    const { k, sk } = connected({ era: '5.10.223' });
    const page = newPage(k);
    const skb = packet(k, 0, [page, 0, 1000]);
    sk.receiveQueue.push(skb);
    sk.rcvQueued = 1000;
    skbClone(k, skb, Site.TAP); // the other half of the pair is taken: a clone is an allocation
    k.failIn = 1;
    expect(() => skPsockVerdictRecv(sk)).toThrow(NoMemory);
    expect([sk.receiveQueue.first, sk.rcvQueued, P(page)]).toEqual([skb, 1000, 1]);
  });

  test('keeps a packet that is redirected to it, charged to its own memory', () => {
    const k = bareKernel({ era: '7.2.13' });
    const page = newPage(k);
    const skb = packet(k, 0, [page, 0, 1000]);
    const psock = new SkPsock(k);
    psock.skbIngress(skb);
    expect([fragAt(skb.shinfo, 0).page, psock.rmemAlloc]).toEqual([page, skb.truesize]);
    const seen: string[] = [];
    psock.forEachReader({
      skb: (_skb, where) => void seen.push(where),
      page: () => void seen.push('page'),
    });
    expect(seen).toEqual(['psock']);
    psock.recvmsg();
    expect([P(page), psock.rmemAlloc]).toEqual([0, 0]);
  });

  test('copies what is spliced into it from 6.5 on, and is none before 4.20', () => {
    const k = bareKernel({ era: '7.2.13' });
    expect(() => tcpBpfSendpage(k, new Pipe(k), new SkPsock(k))).toThrow('gone since 6.5');
    expect(() => new SkPsock(bareKernel({ era: '4.14' }))).toThrow('from 4.20 on');
  });
});

describe('what a socket has given to a pipe', () => {
  test.each([
    ['2.6.32', true], // sock_pipe_buf_release
    ['3.8', true],
    ['3.18', false], // generic_pipe_buf_release
    ['7.2.13', false],
  ])('is put by the network up to 3.13, and by fs/ later, in %s', (era, byNetwork) => {
    const k = bareKernel({ era, design: pageNetPriv });
    const [page, loan] = [newPage(k), k.newLoan(0, 1)];
    const skb = packet(k, 0);
    k.lifetime.lend(skb, page, 0, 1000, loan);
    skb.len += 1000;
    skb.dataLen += 1000;
    k.lifetime.released(loan);
    const pipe = new Pipe(k);
    skbSpliceBits(k, skb, 0, 1000, pipe, false);
    kfreeSkb(k, skb);
    expect([P(page), loan.completed]).toEqual([1, false]); // spd_fill_page took one for the network
    pipe.release();
    expect([P(page), loan.completed]).toEqual([0, byNetwork]);
  });
});
