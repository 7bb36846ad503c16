// A packet by itself: read whole, made of what a process has, with others behind it; and a page of a pool in one.
import { describe, expect, test } from 'vitest';
import {
  NoProbe,
  PageHome,
  Reader,
  Site,
  allocPage,
  getPage,
  kfreeSkb,
  linearPacket,
  pagePoolPut,
  pagePoolRef,
  pagePoolTake,
  probeReads,
  pskbExtract,
  readDatagram,
  skbClone,
  skbGroReceiveList,
  zerocopySgFromIovec,
  type Loan,
  type Page,
} from '../src/index.ts';
import { P, bareKernel, contents, newPage } from './machine.ts';
import { packet } from './linear-packets.ts';

describe('a page of a pool', () => {
  function pooled() {
    const heard: string[] = [];
    class Hears extends NoProbe {
      override pageFreed(_: Page, to: PageHome): void {
        heard.push(`freed to ${to}`);
      }
      override pageDisowned(): void {
        heard.push('disowned');
      }
      override pageTaken(): void {
        heard.push('taken');
      }
    }
    const k = bareKernel({ probe: new Hears() });
    const page = allocPage(k);
    heard.length = 0;
    pagePoolTake(k, page);
    return { k, page, heard };
  }

  test('comes home with its last reference', () => {
    const { k, page, heard } = pooled();
    expect([page.home, page.ppRefs, k.pagePool.inflight, heard]).toEqual([
      PageHome.POOL,
      1,
      1,
      ['taken'],
    ]);
    pagePoolRef(k, page);
    expect([pagePoolPut(k, page), k.pagePool.inflight, page.ppRefs]).toEqual([false, 1, 1]);
    expect([pagePoolPut(k, page), k.pagePool.inflight, page.count]).toEqual([true, 0, 1]);
    expect(heard).toEqual(['taken', `freed to ${PageHome.POOL}`]);
  });

  test('that somebody has by a count as well leaves the pool for good', () => {
    const { k, page, heard } = pooled();
    getPage(k, page);
    expect([pagePoolPut(k, page), page.home, page.count, k.pagePool.inflight]).toEqual([
      false,
      PageHome.GENERAL,
      1,
      0,
    ]);
    expect(heard).toEqual(['taken', 'disowned']);
  });

  test('costs more where the other processor had it last', () => {
    const { k, page } = pooled();
    const away = (act: () => void): number[] => {
      const side = () => k.ledger.side(k.side);
      const before = side();
      act();
      const after = side();
      return ['atomicsRef', 'atomicsRefAway'].map((n) => after[n]! - before[n]!);
    };
    page.cpu = k.cpu;
    expect(away(() => pagePoolRef(k, page))).toEqual([1, 0]);
    page.cpu = k.cpu + 1;
    expect(away(() => pagePoolRef(k, page))).toEqual([1, 1]);
    expect(page.cpu).toBe(k.cpu);
    page.cpu = k.cpu + 1;
    expect(away(() => pagePoolPut(k, page))).toEqual([1, 1]);
    expect(away(() => pagePoolPut(k, page))).toEqual([1, 0]);
  });
});

describe('a whole packet', () => {
  test('is read in order: head, pages, and the packets behind', () => {
    const reads: unknown[] = [];
    class Hears extends NoProbe {
      override read(
        reader: Reader,
        flow: number,
        seq: number,
        size: number,
        _at: number,
        page: Page | null,
      ): void {
        reads.push([reader, flow, seq, size, page === null]);
      }
    }
    const k = bareKernel({ probe: new Hears() });
    const skb = packet(k, 60, 100, 200);
    Object.assign(skb, { headers: 40, flow: 7, seq: 1000 });
    const behind = packet(k, 10, 30);
    Object.assign(behind, { flow: 7, seq: 1320 });
    const bytes = [contents(k, skb).subarray(40), contents(k, behind)];
    skbGroReceiveList(k, skb, behind);
    const got: Buffer[] = [];
    const sink = {
      bytes: (at: number, size: number) => got.push(Buffer.from(k.mem.subarray(at, at + size))),
    };
    readDatagram(k, skb, Reader.APPLICATION, sink);
    expect(Buffer.concat(got)).toEqual(Buffer.concat(bytes));
    const expected = [
      [1000, 20, true],
      [1020, 100, false],
      [1120, 200, false],
      [1320, 10, true],
      [1330, 30, false],
    ];
    expect(reads).toEqual(expected.map((one) => [Reader.APPLICATION, 7, ...one]));
    reads.length = 0;
    const bare = packet(k, 40);
    bare.headers = 40;
    probeReads(k, bare, Reader.TAP);
    expect(reads).toEqual([]); // headers are nobody's payload
  });

  test('of a process has its first bytes copied and the rest by reference, page by page', () => {
    const lent: unknown[] = [];
    class Hears extends NoProbe {
      override lent(
        _: Loan,
        page: Page,
        at: number,
        size: number,
        flow: number,
        seq: number,
      ): void {
        lent.push([pages.indexOf(page), at, size, flow, seq]);
      }
    }
    const k = bareKernel({ probe: new Hears() });
    const pages = [newPage(k), newPage(k)];
    const bytes = { pages, size: 6000, flow: 7, seq: 500, saddr: 1, daddr: 2 };
    for (const copy of [false, true]) {
      lent.length = 0;
      const skb = linearPacket(k, bytes, 128);
      expect([
        skb.len,
        skb.headers,
        skb.flow,
        skb.seq,
        skb.endSeq,
        skb.fclone,
        skb.ipSummed,
      ]).toEqual([128, 28, 7, 500, 600, 0, 3]);
      expect(k.mem[skb.data]! >> 4).toBe(4); // an IPv4 header of the whole packet
      expect((k.mem[skb.data + 2]! << 8) + k.mem[skb.data + 3]!).toBe(6028);
      zerocopySgFromIovec(k, skb, bytes, k.newLoan(0, 0), copy ? 'copied' : 'plain');
      expect(lent).toEqual([
        [0, 100, 3996, 7, 600],
        [1, 0, 1904, 7, 4596],
      ]);
      expect([skb.len, skb.dataLen, skb.endSeq, skb.shinfo.nrFrags]).toEqual([6028, 5900, 6500, 2]);
      const whole = Buffer.concat(pages.map((p) => k.mem.subarray(p.address, p.address + 4096)));
      expect(contents(k, skb).subarray(28)).toEqual(whole.subarray(0, 6000));
      expect(pages.map(P)).toEqual([1, 1]); // of the first packet
    }
    const short = linearPacket(k, { ...bytes, size: 50 }, 128);
    expect([short.len, short.endSeq]).toEqual([78, 550]);
    expect(linearPacket(k, bytes, 28).len).toBe(28);
  });
});

describe('packets behind a packet', () => {
  test.each<[string, number, number]>([
    ['in the first', 60 + 5, 10],
    ['at the end of the first', 60 + 30, 10],
    ['in the second', 60 + 30 + 5, 20],
    ['at the very first byte', 60, 30],
    ['over both', 60 + 10, 40],
  ])('a part that begins %s shares them, and cuts only its own', (_, off, bytes) => {
    const k = bareKernel({ era: '4.14' });
    const skb = packet(k, 60);
    const members = [packet(k, 10, 20), packet(k, 15, 15)];
    for (const member of members) skbGroReceiveList(k, skb, member);
    const whole = contents(k, skb);
    const part = pskbExtract(k, skb, off, bytes);
    expect([contents(k, part), part.len]).toEqual([whole.subarray(off, off + bytes), bytes]);
    expect(contents(k, skb)).toEqual(whole);
    kfreeSkb(k, part);
    expect([contents(k, skb), members.map((m) => m.users)]).toEqual([whole, [1, 1]]);
    kfreeSkb(k, skb);
    expect([k.skbs.used, k.shinfos.used]).toEqual([0, 0]);
  });

  test('that cannot be cut for want of memory stay as they were', () => {
    const k = bareKernel({ era: '4.14' });
    const skb = packet(k, 60);
    skbGroReceiveList(k, skb, packet(k, 10, 20));
    const whole = contents(k, skb);
    const used = [k.skbs.used, k.shinfos.used];
    k.failIn = 2; // the clone is made, its head is not
    expect(() => pskbExtract(k, skb, 65, 10)).toThrow('an allocation failed');
    expect([contents(k, skb), k.skbs.used, k.shinfos.used]).toEqual([whole, ...used]);
    expect(skbClone(k, skb, Site.TAP).len).toBe(90);
  });
});
