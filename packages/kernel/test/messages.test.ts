// Messages of a strparser and of KCM, and packets that are made the stack's own for a sum or for a program.
import { describe, expect, test } from 'vitest';
import {
  Cryptd,
  KcmSock,
  MptcpSock,
  NoMemory,
  Pipe,
  Reader,
  Site,
  Strparser,
  TcpState,
  ahInput,
  ahOutput,
  kfreeSkb,
  netifReceiveGenericXdp,
  skbClone,
  skbHeadlen,
  skbHeadroom,
  type Kernel,
  type SkBuff,
} from '../src/index.ts';
import { NOTHING, P, bareKernel, connected, contents, inUse, newPage } from './machine.ts';
import { packet, threePages } from './packets.ts';

/** A socket that has received these packets, one behind the other. */
function received(
  sizes: readonly number[],
  spoil: (k: Kernel, first: SkBuff) => void = () => {},
  era = '7.2.13',
) {
  const { k, sk } = connected({ era, frames: 64 });
  const pages = sizes.map(() => newPage(k));
  const skbs = pages.map((page, i) => packet(k, 0, [page, 0, sizes[i]!]));
  spoil(k, skbs[0]!);
  let seq = 100;
  sk.copiedSeq = seq;
  for (const skb of skbs) {
    skb.flow = 1;
    skb.seq = seq;
    seq += skb.len;
    sk.receiveQueue.push(skb);
    sk.rcvQueued += skb.len;
  }
  const seen: number[][] = [];
  k.probe.read = (reader, _flow, at, size) => void seen.push([reader, at, size]);
  return { k, sk, pages, seen, strp: new Strparser(k) };
}

/** Packets that a strparser has. */
function held(strp: Strparser): SkBuff[] {
  const skbs: SkBuff[] = [];
  strp.forEachReader({ skb: (skb) => void skbs.push(skb), page: () => {} });
  return skbs;
}

describe('a strparser', () => {
  test('hangs clones behind the first one, and the receive queue is read', () => {
    const { k, sk, pages, seen, strp } = received([1000, 200, 30]);
    strp.readSock(sk);
    expect([sk.receiveQueue.qlen, sk.rcvQueued, sk.copiedSeq]).toEqual([0, 0, 1330]);
    expect(pages.map(P)).toEqual([1, 1, 1]);
    const [head] = held(strp);
    expect([head!.len, head!.dataLen]).toEqual([1230, 1230]);
    expect([strp.recvmsg(), strp.recvmsg()]).toEqual([true, false]);
    expect(seen).toEqual([
      [Reader.APPLICATION, 100, 1000],
      [Reader.APPLICATION, 1100, 200],
      [Reader.APPLICATION, 1300, 30],
    ]);
    expect([pages.map(P), inUse(k)]).toEqual([[0, 0, 0], NOTHING]);
  });

  test('gives a head that somebody shares a shared info of its own before', () => {
    let clone: SkBuff | null = null;
    const { k, sk, pages, strp } = received([1000, 200], (kernel, first) => {
      clone = skbClone(kernel, first, Site.TAP);
    });
    strp.readSock(sk);
    expect(pages.map(P)).toEqual([2, 1]); // the clone's shared info, and that of the head
    expect(clone!.shinfo.fragList).toBe(null);
    kfreeSkb(k, clone!);
    strp.recvmsg();
    expect(inUse(k)).toEqual(NOTHING);
  });

  test.each([
    ['4.14', true],
    ['5.10.223', false],
  ])('Linux %s: what goes behind a message has a shared info of its own: %s', (era, own) => {
    const { k, sk, strp } = received([1000, 200], () => {}, era);
    const second = sk.receiveQueue.last!;
    const { shinfo } = second;
    const tapped = skbClone(k, second, Site.TAP); // so that it stays
    strp.readSock(sk);
    expect(held(strp)[0]!.shinfo.fragList!.shinfo !== shinfo).toBe(own);
    kfreeSkb(k, tapped);
    strp.recvmsg();
    expect(inUse(k)).toEqual(NOTHING);
  });

  test('hangs a head that has a list of its own on the list of a new one', () => {
    const { k, sk, seen, strp } = received([1000, 200], (kernel, first) => {
      const member = packet(kernel, 0, [newPage(kernel), 0, 50]);
      member.seq = 1100;
      first.shinfo.fragList = member;
      first.len += 50;
      first.dataLen += 50;
    });
    strp.readSock(sk);
    const [head] = held(strp);
    expect([head!.len, head!.shinfo.nrFrags, head!.shinfo.fragList?.len]).toEqual([1250, 0, 1050]);
    strp.recvmsg();
    expect(seen.map(([, , size]) => size)).toEqual([1000, 50, 200]);
    expect(inUse(k)).toEqual(NOTHING);
  });
});

describe('a message of KCM', () => {
  /** A connection, and a pipe with two pages. */
  const machine = () => {
    const { k, sk } = connected({ era: '7.2.13', frames: 64 });
    sk.state = TcpState.ESTABLISHED;
    sk.driven = true;
    const pages = [newPage(k), newPage(k)];
    const pipe = new Pipe(k);
    pages.forEach((page, i) => pipe.push(page, 0, 1000, 1, i * 1000));
    return { k, sk, pages, pipe, kcm: new KcmSock(sk) };
  };

  test('goes into the write queue by a reference for each page, and is freed', () => {
    const { sk, pages, pipe, kcm } = machine();
    const before = sk.writeSeq;
    kcm.spliceIn(pipe);
    expect([sk.writeSeq - before, pipe.bytes, pages.map(P)]).toEqual([2000, 0, [1, 1]]);
    kcm.spliceIn(pipe); // empty
    expect(sk.writeSeq - before).toBe(2000);
  });

  test('waits where the connection has no room, and its pages with it', () => {
    const { sk, pages, pipe, kcm } = machine();
    const { sndbuf } = sk;
    sk.sndbuf = 1000;
    kcm.spliceIn(pipe);
    const where: string[] = [];
    kcm.forEachReader({ skb: (_skb, name) => void where.push(name), page: () => {} });
    expect([where, pages.map(P), sk.writeQueue.qlen]).toEqual([['kcm write queue'], [1, 1], 0]);
    sk.sndbuf = sndbuf;
    kcm.writeMsgs();
    expect([pages.map(P), sk.wmemQueued > 2000]).toEqual([[1, 1], true]);
  });
});

test('data of Multipath TCP stands in a page of the socket, until the data is acknowledged, and in each connection that carries it', () => {
  const { k, sk } = connected({ era: '7.2.13', frames: 64 });
  sk.state = TcpState.ESTABLISHED;
  sk.driven = true;
  const given = newPage(k);
  k.mem.fill(9, given.address, given.address + 100);
  const msk = new MptcpSock(k);
  const dfrag = msk.sendmsg(given.address, 100);
  expect([k.mem[dfrag.page.address], P(given), dfrag.page === given]).toEqual([9, 0, false]);
  msk.sendmsgFrag(sk, dfrag);
  const another = sk.writeSeq;
  msk.sendmsgFrag(sk, dfrag); // once more
  expect([dfrag.page.count, sk.writeSeq - another]).toEqual([3, 100]);
  expect([msk.cleanUna(), dfrag.page.count, msk.cleanUna()]).toEqual([true, 2, false]);
  expect(() => new MptcpSock(bareKernel({ era: '4.14' }))).toThrow('from 5.6 on');
});

describe('a sum of AH', () => {
  test.each([
    ['on the way out', ahOutput],
    ['on the way in', ahInput],
  ])(
    '%s is taken of private bytes: no page of the packet is left, and an engine has it until it is done',
    (_, ah) => {
      const { k, skb, bytes, refs } = threePages('7.2.13');
      const engine = new Cryptd(k);
      const next: SkBuff[] = [];
      ah(k, skb, engine, (done) => void next.push(done));
      expect([refs(), skb.dataLen, contents(k, skb), next]).toEqual([[0, 0, 0], 0, bytes, []]);
      const where: string[] = [];
      engine.forEachReader({ skb: (_skb, name) => void where.push(name), page: () => {} });
      engine.take();
      expect([where, next]).toEqual([['crypto engine'], [skb]]);
    },
  );

  test('without memory loses no byte', () => {
    const { k, skb, bytes } = threePages('7.2.13');
    k.failIn = 1;
    expect(() => ahOutput(k, skb, null, () => {})).toThrow(NoMemory);
    expect(contents(k, skb)).toEqual(bytes);
  });

  test('was another one before 2.6.33', () => {
    const { k, skb } = threePages('2.6.32');
    expect(() => ahInput(k, skb, null, () => {})).toThrow('from 2.6.33 on');
  });
});

describe('a program of XDP on any device', () => {
  test.each([
    ['without fragments', false],
    ['with fragments', true],
  ])('%s writes over a copy, be the packet shared or not', (_, frags) => {
    for (const shared of [false, true]) {
      const { k, skb, pages, bytes } = threePages('7.2.13');
      const before = pages.map((page) => k.mem[page.address]);
      const clone = shared ? skbClone(k, skb, Site.TAP) : null;
      const own = netifReceiveGenericXdp(k, skb, frags, (at, size) => k.mem.fill(7, at, at + size));
      expect([own.len, own.dataLen, contents(k, own)[0]]).toEqual([bytes.length, 0, 7]);
      expect(pages.map((page) => k.mem[page.address])).toEqual(before);
      expect(clone === null ? bytes : contents(k, clone)).toEqual(bytes);
    }
  });

  test('gets a linear packet with room in front as it is', () => {
    const k = bareKernel({ era: '7.2.13' });
    const skb = packet(k, 100);
    expect(netifReceiveGenericXdp(k, skb, false, () => {})).toBe(skb);
    const roomy = skb.shinfo;
    expect(netifReceiveGenericXdp(k, skb, true, () => {})).toBe(skb); // it has room now
    expect([skb.shinfo, skbHeadlen(skb)]).toEqual([roomy, 100]);
  });

  test('never sees a packet that somebody shares up to 5.5: it goes on as it is, pages and all', () => {
    const { k, skb, pages, bytes } = threePages('4.14');
    const clone = skbClone(k, skb, Site.TAP);
    const own = netifReceiveGenericXdp(k, skb, false, () => expect.unreachable());
    expect([own, own.shinfo]).toEqual([skb, clone.shinfo]);
    expect([contents(k, own), pages.map(P)]).toEqual([bytes, [1, 1, 1]]);
  });

  test('gets what the headers leave free in front up to 4.14, and 256 bytes later', () => {
    const room = (era: string): number => {
      const { k, skb } = threePages(era);
      return skbHeadroom(netifReceiveGenericXdp(k, skb, false, () => {}));
    };
    expect([room('4.14') < 256, room('5.10.223')]).toEqual([true, 256]);
  });

  test('is there from 4.12 on, and knows fragments from 6.9 on', () => {
    const old = threePages('3.18');
    expect(() => netifReceiveGenericXdp(old.k, old.skb, false, () => {})).toThrow('from 4.12 on');
    const new1 = threePages('6.1.192');
    expect(() => netifReceiveGenericXdp(new1.k, new1.skb, true, () => {})).toThrow('from 6.9 on');
  });
});
