// Helpers of net/core by themselves: a second sk_buff, and bytes at the ends of one. All fields that each leaves behind, what it is
// charged, where it stops. A field that is wrong here is wrong in every run, and nothing says so.
import { describe, expect, test } from 'vitest';
import {
  Destructor,
  KernelBug,
  Site,
  allocSkb,
  kfreeSkb,
  pskbCopy,
  pskbExpandHead,
  pskbExtract,
  pskbMayPull,
  pskbPullTail,
  pskbTrim,
  pskbTrimHead,
  skbClone,
  skbCloned,
  skbCopy,
  skbCopyExpand,
  skbCopyUbufs,
  skbCow,
  skbCowHead,
  skbGet,
  skbHeaderCloned,
  skbHeaderRelease,
  skbHeadroom,
  skbMorph,
  skbPull,
  skbPush,
  skbPut,
  skbReserve,
  skbTailroom,
  skbUnclone,
  type SkBuff,
} from '../src/index.ts';
import { D, P, bareKernel, contents } from './machine.ts';
import { alone, charged, fragsOf, HEAD, k, on, packet, pages, type Frag } from './alone.ts';

alone();

describe('a second sk_buff', () => {
  test('skb_clone has the fields of the first, and shares its data by one reference', () => {
    const skb = packet(10, [0, 0, 100]);
    Object.assign(skb, { flow: 7, tcpFlags: 16, sacked: 2, pcount: 3, when: 99, ipSummed: 3 });
    skb.ppRecycle = 1;
    skb.destructor = Destructor.SOCK_WFREE;
    const clone = skbClone(k, skb, Site.TAP);
    for (const key of [
      'len',
      'dataLen',
      'data',
      'tail',
      'truesize',
      'headers',
      'flow',
      'seq',
      'endSeq',
      'tcpFlags',
      'sacked',
      'pcount',
      'when',
      'ipSummed',
      'ppRecycle',
      'shinfo',
    ] as const)
      expect(clone[key], key).toBe(skb[key]);
    expect([clone.cloned, skb.cloned, clone.users, D(skb)]).toEqual([1, 1, 1, [2, 0]]);
    expect([clone.sk, clone.destructor, clone.nohdr, clone.hdrLen]).toEqual([null, 0, 0, 0]);
    skb.destructor = Destructor.NONE;
    expect([P(pages[0]!)]).toEqual([1]);
  });

  test('of one whose header was released knows how far down it may write', () => {
    const skb = packet(0);
    skbHeaderRelease(k, skb);
    skb.hdrLen = 5;
    expect(D(skb)).toEqual([1, 1]);
    const clone = skbClone(k, skb, Site.TAP);
    expect([clone.hdrLen, clone.nohdr, D(skb)]).toEqual([skbHeadroom(skb), 0, [2, 1]]);
    const again = skbClone(k, clone, Site.TAP);
    expect(again.hdrLen).toBe(clone.hdrLen); // which is its own now
  });

  test('of the pair costs a struct and a count less than one of its own', () => {
    const lines = 2 * k.skbLines;
    const paired = allocSkb(k, 64, true);
    expect(charged(() => skbClone(k, paired, Site.TAP))).toEqual({
      atomicsRef: 2,
      structLines: lines,
      cacheLines: lines + 1,
    });
    const single = allocSkb(k, 64, false);
    expect(charged(() => skbClone(k, single, Site.TAP))).toEqual({
      atomicsRef: 1,
      allocSkb: 1,
      structLines: lines,
      cacheLines: lines + 1,
    });
  });

  test('skb_copy has all bytes in a head of its own, and pskb_copy shares the pages', () => {
    const skb = packet(10, [0, 0, 100], [1, 5, 50]);
    skb.shinfo.gsoSize = 20;
    skb.shinfo.gsoSegs = 8;
    const copy = skbCopy(k, skb);
    expect([copy.len, copy.dataLen, copy.headers, skbHeadroom(copy), copy.fclone]).toEqual([
      200, 0, 40, 64, 0,
    ]);
    expect([copy.shinfo.gsoSize, copy.shinfo.gsoSegs, copy.truesize]).toEqual([20, 8, HEAD(copy)]);
    expect([contents(k, copy), P(pages[0]!)]).toEqual([contents(k, skb), 1]);
    const shared = pskbCopy(k, skb);
    expect([shared.len, shared.dataLen, skbHeadroom(shared), shared.truesize]).toEqual([
      200,
      150,
      64,
      HEAD(shared) + 150,
    ]);
    expect([shared.shinfo.gsoSize, shared.shinfo.gsoSegs, fragsOf(shared)]).toEqual([
      20,
      8,
      fragsOf(skb),
    ]);
    expect([contents(k, shared), P(pages[0]!), P(pages[1]!)]).toEqual([contents(k, skb), 2, 2]);
    const expanded = skbCopyExpand(k, skb, 32, 16);
    expect([expanded.len, skbHeadroom(expanded), expanded.dataLen, contents(k, expanded)]).toEqual([
      200,
      32,
      0,
      contents(k, skb),
    ]);
    expect([expanded.shinfo.gsoSize, expanded.shinfo.gsoSegs]).toEqual([20, 8]);
    expect(skbTailroom(expanded)).toBeGreaterThanOrEqual(16);
  });

  test('copies are charged by their payload, whoever makes them', () => {
    const skb = packet(10, [0, 0, 100], [1, 5, 50]); // 160 of payload
    expect(charged(() => skbCopy(k, skb))['copiedPayloadBytes']).toBe(160);
    expect(charged(() => skbCopyExpand(k, skb, 0, 0))['copiedPayloadBytes']).toBe(160);
    expect(charged(() => pskbCopy(k, skb))['copiedPayloadBytes']).toBeUndefined();
    expect(charged(() => skbCopyUbufs(k, skb))['copiedPayloadBytes']).toBe(150);
    expect(charged(() => pskbPullTail(k, skb, 120))['copiedPayloadBytes']).toBe(120);
  });

  test('skb_copy_ubufs puts its copies into what all share up to 4.13, and into a shared info of its own later', () => {
    const copied = (era: string) => {
      on(bareKernel({ era }));
      const skb = packet(10, [0, 0, 100]);
      skb.shinfo.lentMark = true;
      const clone = skbClone(k, skb, Site.TAP);
      const bytes = contents(k, skb);
      skbCopyUbufs(k, clone);
      expect([contents(k, clone), contents(k, skb)]).toEqual([bytes, bytes]);
      return [skb.shinfo === clone.shinfo, D(clone), P(pages[0]!), clone.shinfo.lentMark];
    };
    expect(copied('3.18')).toEqual([true, [2, 0], 0, true]); // SKBTX_DEV_ZEROCOPY alone is cleared
    expect(copied('4.14')).toEqual([false, [1, 0], 1, false]);
  });

  test('skb_morph makes one a clone of another, and lets go of what it had', () => {
    const [dst, src] = [packet(0, [0, 0, 100]), packet(0, [1, 0, 200])];
    dst.destructor = Destructor.SOCK_WFREE;
    skbMorph(k, dst, src);
    expect([contents(k, dst), P(pages[0]!), P(pages[1]!), D(src)]).toEqual([
      contents(k, src),
      0,
      1,
      [2, 0],
    ]);
    expect([dst.destructor, dst.sk]).toEqual([0, null]);
  });
});

describe('who else has the data', () => {
  test.each<[string, number, number, number, boolean, boolean]>([
    ['never cloned', 0, 1, 0, false, false],
    ['cloned, and alone again', 1, 1, 0, false, false],
    ['cloned', 1, 2, 0, true, true],
    ['cloned, and the other wants only the payload', 1, 2, 1, true, false],
    ['cloned twice, one of which wants only the payload', 1, 3, 1, true, true],
  ])('%s', (_, cloned, users, payload, shared, header) => {
    const skb = packet(0);
    skb.cloned = cloned;
    skb.shinfo.dataref = users + (payload << 16);
    expect([skbCloned(skb), skbHeaderCloned(skb)]).toEqual([shared, header]);
  });

  test('a private head is made for whoever needs one, and for nobody else', () => {
    const heads = (act: (skb: SkBuff) => void, cloned: boolean): boolean => {
      const skb = packet(10, [0, 0, 100]);
      if (cloned) skbClone(k, skb, Site.TAP);
      const { head } = skb.shinfo;
      const bytes = contents(k, skb);
      act(skb);
      expect(contents(k, skb)).toEqual(bytes);
      return skb.shinfo.head !== head;
    };
    for (const [act, alone, shared] of [
      [(skb: SkBuff) => skbUnclone(k, skb), false, true],
      [(skb: SkBuff) => skbCow(k, skb, 64), false, true],
      [(skb: SkBuff) => skbCow(k, skb, 65), true, true],
      [(skb: SkBuff) => skbCowHead(k, skb, 64), false, true],
      [(skb: SkBuff) => skbCowHead(k, skb, 65), true, true],
    ] as const)
      expect([heads(act, false), heads(act, true)]).toEqual([alone, shared]);
    const released = packet(0);
    skbHeaderRelease(k, released);
    const clone = skbClone(k, released, Site.TAP);
    const { head } = clone.shinfo;
    skbCowHead(k, clone, 0);
    expect(clone.shinfo.head).toBe(head); // the other has released its header
  });

  test('a new head has room in front and behind, rounded up, and is nobody else’s', () => {
    const skb = packet(10, [0, 0, 100]);
    const clone = skbClone(k, skb, Site.TAP);
    skbHeaderRelease(k, skb);
    skb.hdrLen = 3;
    pskbExpandHead(k, skb, 64, 0);
    expect([skbHeadroom(skb), skb.cloned, skb.nohdr, skb.hdrLen, D(skb)]).toEqual([
      128,
      0,
      0,
      0,
      [1, 0],
    ]);
    expect(P(pages[0]!)).toBe(2);
    kfreeSkb(k, clone);
    const small = packet(0);
    skbCow(k, small, 65);
    expect(skbHeadroom(small)).toBe(128);
    expect(() => pskbExpandHead(k, skbGet(k, small), 0, 0)).toThrow('users 2');
  });
});

describe('bytes at the ends', () => {
  test('may fill a data area to the last, and not one more', () => {
    const skb = allocSkb(k, 100, false);
    const room = skbTailroom(skb);
    skbPut(skb, room);
    expect([skb.len, skbTailroom(skb)]).toEqual([room, 0]);
    expect(() => skbPut(skb, 1)).toThrow(KernelBug);
    const front = allocSkb(k, 100, false);
    skbReserve(front, 8);
    skbPush(front, 8);
    expect([front.len, front.headers, skbHeadroom(front)]).toEqual([8, 8, 0]);
    expect(() => skbPush(front, 1)).toThrow('passes the start of its data area');
  });

  test('are taken off the front as far as they are linear', () => {
    const skb = packet(10, [0, 0, 100]);
    skbPull(skb, 40);
    expect([skb.headers, skb.len, skbHeadroom(skb)]).toEqual([0, 110, 104]);
    skbPull(skb, 10);
    expect(() => skbPull(skb, 1)).toThrow(KernelBug);
  });

  test('of pages become linear, no more than are asked for', () => {
    const skb = packet(10, [0, 0, 100], [1, 0, 100]);
    const bytes = contents(k, skb);
    expect([pskbMayPull(k, skb, 50), skb.dataLen]).toEqual([true, 200]);
    expect([pskbMayPull(k, skb, 251), skb.dataLen]).toEqual([false, 200]);
    expect([pskbMayPull(k, skb, 151), fragsOf(skb), P(pages[0]!)]).toEqual([true, [[1, 1, 99]], 0]);
    expect([pskbMayPull(k, skb, 250), fragsOf(skb), skb.dataLen]).toEqual([true, [], 0]);
    expect(contents(k, skb)).toEqual(bytes);
    expect(() => pskbPullTail(k, skb, 1)).toThrow('0 paged');
  });

  test.each<[number, Frag[], number]>([
    [20, [], 0],
    [50, [], 0],
    [51, [[0, 0, 1]], 1],
    [150, [[0, 0, 100]], 100],
    [
      249,
      [
        [0, 0, 100],
        [1, 0, 99],
      ],
      199,
    ],
    [
      250,
      [
        [0, 0, 100],
        [1, 0, 100],
      ],
      200,
    ],
    [
      900,
      [
        [0, 0, 100],
        [1, 0, 100],
      ],
      200,
    ],
  ])('are cut off behind %i', (len, frags, dataLen) => {
    const skb = packet(10, [0, 0, 100], [1, 0, 100]);
    const bytes = contents(k, skb);
    pskbTrim(k, skb, len);
    expect([fragsOf(skb), skb.dataLen, skb.len]).toEqual([frags, dataLen, Math.min(len, 250)]);
    expect(contents(k, skb)).toEqual(bytes.subarray(0, len));
    expect(skb.tail - skb.data).toBe(Math.min(len, 50));
    expect([P(pages[0]!), P(pages[1]!)]).toEqual([
      frags.length > 0 ? 1 : 0,
      frags.length > 1 ? 1 : 0,
    ]);
  });

  test.each<[number, Frag[], number]>([
    [
      0,
      [
        [0, 0, 100],
        [1, 0, 100],
      ],
      50,
    ],
    [
      10,
      [
        [0, 0, 100],
        [1, 0, 100],
      ],
      40,
    ],
    [
      50,
      [
        [0, 0, 100],
        [1, 0, 100],
      ],
      0,
    ],
    [150, [[1, 0, 100]], 0],
    [160, [[1, 10, 90]], 0],
  ])('are dropped in front: %i', (len, frags, linear) => {
    const skb = packet(10, [0, 0, 100], [1, 0, 100]);
    const bytes = contents(k, skb);
    pskbTrimHead(k, skb, len);
    expect([fragsOf(skb), skb.len - skb.dataLen, skb.len]).toEqual([frags, linear, 250 - len]);
    expect(contents(k, skb)).toEqual(bytes.subarray(len));
  });

  test.each<[number, number, Frag[], number, number]>([
    [0, 40, [], 40, 0],
    [10, 60, [[0, 0, 20]], 40, 20],
    [45, 60, [[0, 0, 55]], 5, 55],
    [50, 100, [[0, 0, 100]], 0, 100],
    [
      60,
      150,
      [
        [0, 10, 90],
        [1, 0, 60],
      ],
      0,
      150,
    ],
    [150, 20, [[1, 0, 20]], 0, 20],
    [170, 80, [[1, 20, 80]], 0, 80],
  ])('from %i on, %i of them, are a packet of their own', (off, bytes, frags, linear, dataLen) => {
    const skb = packet(10, [0, 0, 100], [1, 0, 100]);
    const whole = contents(k, skb);
    skb.shinfo.gsoSize = 20;
    skb.shinfo.gsoSegs = 8;
    const part = pskbExtract(k, skb, off, bytes);
    expect(contents(k, part)).toEqual(whole.subarray(off, off + bytes));
    expect([fragsOf(part), part.len - part.dataLen, part.dataLen]).toEqual([
      frags,
      linear,
      dataLen,
    ]);
    expect([part.headers, part.seq]).toEqual([Math.max(0, 40 - off), 1000 + Math.max(0, off - 40)]);
    expect([part.shinfo.gsoSize, part.shinfo.gsoSegs, part.cloned]).toEqual([20, 8, 0]);
    expect([contents(k, skb), skb.len]).toEqual([whole, 250]);
    const refs = [0, 1].map((n) => 1 + Number(frags.some(([page]) => page === n)));
    expect([P(pages[0]!), P(pages[1]!)]).toEqual(refs);
  });
});
