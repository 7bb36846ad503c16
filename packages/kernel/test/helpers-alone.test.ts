// Each helper of net/core by itself, on packets made by hand: all fields that it leaves behind, what it is charged, where it
// stops, and that it says which function of the kernel it is. A field that is wrong here is wrong in every run, and nothing
// says so: memory is accounted that nobody has, a copy is not paid for, an array is one entry short.
import { beforeEach, describe, expect, test } from 'vitest';
import {
  Cost,
  Destructor,
  GetPutPage,
  KernelBug,
  Pipe,
  Side,
  Site,
  Sock,
  allocSkb,
  buildSkb,
  getPage,
  inDomain,
  kfreeSkb,
  pskbCopy,
  pskbExpandHead,
  pskbExtract,
  pskbMayPull,
  pskbPullTail,
  pskbTrim,
  pskbTrimHead,
  skbAddRxFrag,
  skbAppendDatatoFrags,
  skbAppendPagefrags,
  skbCanCoalesce,
  skbClone,
  skbCloned,
  skbCopy,
  skbCopyExpand,
  skbCopyUbufs,
  skbCow,
  skbCowData,
  skbCowHead,
  skbGet,
  skbGroReceive,
  skbGroReceiveHead,
  skbGroReceiveList,
  skbHeaderCloned,
  skbHeaderRelease,
  skbHeadroom,
  skbMorph,
  skbOrphan,
  skbPull,
  skbPush,
  skbPut,
  skbRecycleCheck,
  skbReserve,
  skbSegment,
  skbSetOwnerR,
  skbSetOwnerW,
  skbShift,
  skbSpliceBits,
  skbSpliceFromIter,
  skbSplit,
  skbTailroom,
  skbTryCoalesce,
  skbUnclone,
  skbZerocopy,
  type Design,
  type Kernel,
  type Page,
  type SkBuff,
} from '../src/index.ts';
import { D, P, bareKernel, contents, mainline, newPage } from './machine.ts';

let k: Kernel;
let pages: Page[];
beforeEach(() => {
  k = bareKernel({ era: '3.8' });
  pages = Array.from({ length: 20 }, () => newPage(k));
});

type Frag = readonly [page: number, offset: number, size: number];

/** A packet of 40 bytes of headers, `linear` of payload and these parts of pages; nobody else has it. */
function packet(linear: number, ...frags: Frag[]): SkBuff {
  const skb = allocSkb(k, 64 + 40 + linear, false);
  skbReserve(skb, 64);
  const at = skbPut(skb, 40 + linear);
  for (let i = 0; i < 40 + linear; i++) k.mem[at + i] = skb.slot * 13 + i * 5 + 1;
  skb.headers = 40;
  skb.seq = 1000;
  add(skb, ...frags);
  skb.endSeq = 1000 + skb.len - 40;
  return skb;
}

/** A packet of pages alone, as the receive path joins them. */
function paged(...frags: Frag[]): SkBuff {
  const skb = allocSkb(k, 64, false);
  add(skb, ...frags);
  return skb;
}

function add(skb: SkBuff, ...frags: Frag[]): void {
  for (const [n, offset, size] of frags) {
    getPage(k, pages[n]!);
    k.fillPageDesc(skb, pages[n]!, offset, size);
    skb.len += size;
    skb.dataLen += size;
    skb.truesize += size;
  }
}

const many = (n: number): Frag[] => Array.from({ length: n }, (_, i) => [i, 0, 100]);
/** Entries that do not go on in one another. */
const fragsOf = ({ shinfo }: SkBuff): Frag[] =>
  shinfo.frags
    .slice(0, shinfo.nrFrags)
    .map(({ page, pageOffset, size }) => [pages.indexOf(page), pageOffset, size]);

/** What `act` adds to the ledger, by name; without zeros. */
function charged(act: () => void): Record<string, number> {
  const before = k.ledger.side(k.side);
  act();
  const after = k.ledger.side(k.side);
  return Object.fromEntries(
    Object.entries(after).flatMap(([name, n]) =>
      n === before[name] ? [] : [[name, n - before[name]!]],
    ),
  );
}

/** Truesize of a packet is that of its head and struct, and every byte in pages. */
const HEAD = (skb: SkBuff): number => skb.shinfo.end - skb.shinfo.head + 232 + 320;

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

describe('two packets of one stream', () => {
  test.each<[number, Frag[], Frag[], number, number]>([
    [
      20,
      [],
      [
        [0, 0, 100],
        [1, 0, 100],
      ],
      20,
      30,
    ],
    [
      49,
      [],
      [
        [0, 0, 100],
        [1, 0, 100],
      ],
      49,
      1,
    ],
    [
      50,
      [],
      [
        [0, 0, 100],
        [1, 0, 100],
      ],
      50,
      0,
    ],
    [
      80,
      [[0, 0, 30]],
      [
        [0, 30, 70],
        [1, 0, 100],
      ],
      50,
      0,
    ],
    [150, [[0, 0, 100]], [[1, 0, 100]], 50, 0],
    [
      151,
      [
        [0, 0, 100],
        [1, 0, 1],
      ],
      [[1, 1, 99]],
      50,
      0,
    ],
  ])('are made of one at %i', (len, first, second, linear, moved) => {
    const skb = packet(10, [0, 0, 100], [1, 0, 100]);
    const bytes = contents(k, skb);
    const rest = allocSkb(k, 64, false);
    const cost = charged(() => skbSplit(k, skb, rest, len));
    expect([fragsOf(skb), fragsOf(rest)]).toEqual([first, second]);
    expect([skb.len, skb.len - skb.dataLen, rest.len, rest.len - rest.dataLen]).toEqual([
      len,
      linear,
      250 - len,
      moved,
    ]);
    expect(Buffer.concat([contents(k, skb), contents(k, rest)])).toEqual(bytes);
    expect(skb.tail - skb.data).toBe(linear);
    expect(cost['copiedPayloadBytes'] ?? 0).toBe(moved);
    const cut = first.length + second.length > 2;
    expect(
      pages
        .slice(0, 2)
        .map(P)
        .reduce((a, b) => a + b),
    ).toBe(cut ? 3 : 2);
  });

  test.each<[string, Frag[], Frag[], number, Frag[], Frag[]]>([
    [
      'whole',
      [[0, 0, 100]],
      [[1, 0, 100]],
      100,
      [
        [0, 0, 100],
        [1, 0, 100],
      ],
      [],
    ],
    [
      'by the first of two',
      [[0, 0, 100]],
      [
        [1, 0, 100],
        [2, 0, 100],
      ],
      100,
      [
        [0, 0, 100],
        [1, 0, 100],
      ],
      [[2, 0, 100]],
    ],
    [
      'by a part',
      [[0, 0, 100]],
      [[1, 0, 100]],
      30,
      [
        [0, 0, 100],
        [1, 0, 30],
      ],
      [[1, 30, 70]],
    ],
    [
      'by one and a part',
      [[0, 0, 100]],
      [
        [1, 0, 100],
        [2, 0, 100],
      ],
      130,
      [
        [0, 0, 100],
        [1, 0, 100],
        [2, 0, 30],
      ],
      [[2, 30, 70]],
    ],
    ['into what goes on', [[0, 0, 100]], [[0, 100, 50]], 50, [[0, 0, 150]], []],
    ['by a part of what goes on', [[0, 0, 100]], [[0, 100, 50]], 20, [[0, 0, 120]], [[0, 120, 30]]],
    [
      'by what goes on and a part',
      [[0, 0, 100]],
      [
        [0, 100, 50],
        [1, 0, 100],
      ],
      60,
      [
        [0, 0, 150],
        [1, 0, 10],
      ],
      [[1, 10, 90]],
    ],
  ])('shift %s', (_, to, from, bytes, then, left) => {
    const [tgt, skb] = [paged(...to), paged(...from)];
    const whole = Buffer.concat([contents(k, tgt), contents(k, skb)]);
    const [had, gave] = [tgt.truesize, skb.truesize];
    const cost = charged(() => expect(skbShift(k, tgt, skb, bytes)).toBe(bytes));
    expect([fragsOf(tgt), fragsOf(skb)]).toEqual([then, left]);
    expect(Buffer.concat([contents(k, tgt), contents(k, skb)])).toEqual(whole);
    expect([tgt.truesize - had, gave - skb.truesize]).toEqual([bytes, bytes]);
    const entries = [...then, ...left];
    expect(pages.map(P)).toEqual(
      pages.map((_, n) => entries.filter(([page]) => page === n).length),
    );
    expect(cost['cacheLines']).toBeGreaterThanOrEqual(4);
  });

  test('shift nothing where a head is in the way, or the entries would be too many by one', () => {
    expect(skbShift(k, paged([0, 0, 100]), packet(10, [1, 0, 100]), 100)).toBe(0);
    const max = k.era.maxSkbFrags;
    const fits = paged(...many(max - 1));
    expect(skbShift(k, fits, paged([19, 0, 100]), 100)).toBe(100);
    expect(fits.shinfo.nrFrags).toBe(max);
    const full = paged(...many(max));
    expect(skbShift(k, full, paged([19, 0, 100]), 100)).toBe(0);
    expect(skbShift(k, full, paged([19, 0, 100]), 30)).toBe(0);
    expect(full.shinfo.nrFrags).toBe(max);
    // one that goes on in the last entry needs none of its own
    expect(skbShift(k, full, paged([max - 1, 100, 50]), 50)).toBe(50);
  });

  test('shift gives each that is shared a head of its own, and no other', () => {
    const heads = (cloned: 'neither' | 'tgt' | 'skb'): boolean[] => {
      const [tgt, skb] = [paged([0, 0, 100]), paged([1, 0, 100])];
      if (cloned === 'tgt') skbClone(k, tgt, Site.TAP);
      if (cloned === 'skb') skbClone(k, skb, Site.TAP);
      const before = [tgt.shinfo.head, skb.shinfo.head];
      expect(skbShift(k, tgt, skb, 40)).toBe(40);
      return [tgt, skb].map(({ shinfo }, i) => shinfo.head !== before[i]);
    };
    expect(heads('neither')).toEqual([false, false]);
    expect(heads('tgt')).toEqual([true, false]);
    expect(heads('skb')).toEqual([false, true]);
  });

  test('coalesce: few bytes are copied, pages move, of a shared one with a reference each', () => {
    const to = paged();
    const small = packet(10);
    skbPull(small, 40);
    const room = skbTailroom(to);
    const cost = charged(() => expect(skbTryCoalesce(k, to, small)).toBe(true));
    expect([to.len, to.dataLen, skbTailroom(to), cost['copiedPayloadBytes']]).toEqual([
      10,
      0,
      room - 10,
      10,
    ]);

    const [a, b] = [paged([0, 0, 2000]), paged([1, 0, 2000])];
    const truesize = a.truesize;
    expect(skbTryCoalesce(k, a, b)).toBe(true);
    expect([fragsOf(a), fragsOf(b), P(pages[1]!)]).toEqual([
      [
        [0, 0, 2000],
        [1, 0, 2000],
      ],
      [],
      1,
    ]);
    expect([a.len, a.dataLen, a.truesize - truesize]).toEqual([4000, 4000, 2000]);
    const c = paged([2, 0, 2000]);
    const clone = skbClone(k, c, Site.TAP);
    expect(skbTryCoalesce(k, a, c)).toBe(true);
    expect([fragsOf(clone), P(pages[2]!)]).toEqual([[[2, 0, 2000]], 2]);
  });

  test('coalesce nothing with one that is shared, of another pool, with a head or a list, or too long', () => {
    const from = (): SkBuff => paged([1, 0, 2000]);
    const shared = paged([0, 0, 2000]);
    skbClone(k, shared, Site.TAP);
    expect(skbTryCoalesce(k, shared, from())).toBe(false);
    expect(skbTryCoalesce(k, paged([0, 0, 2000]), packet(10, [1, 0, 2000]))).toBe(false);
    const pooled = from();
    pooled.ppRecycle = 1;
    expect(skbTryCoalesce(k, paged([0, 0, 2000]), pooled)).toBe(false);
    const list = from();
    skbGroReceiveList(k, list, from());
    expect(skbTryCoalesce(k, paged([0, 0, 2000]), list)).toBe(false);
    expect(skbTryCoalesce(k, list, paged([0, 0, 2000]))).toBe(false);
    const max = k.era.maxSkbFrags;
    expect(skbTryCoalesce(k, paged(...many(max - 1)), paged([19, 0, 2000]))).toBe(true);
    expect(skbTryCoalesce(k, paged(...many(max)), paged([19, 0, 2000]))).toBe(false);
  });

  test('GRO joins entries, or whole packets, up to as many as there is room for', () => {
    const [p, skb] = [packet(0, [0, 0, 100]), packet(0, [1, 0, 100], [2, 0, 100])];
    const truesize = p.truesize;
    expect(skbGroReceive(k, p, skb)).toBe(true);
    expect([fragsOf(p), fragsOf(skb), skb.len, skb.dataLen]).toEqual([
      [
        [0, 0, 100],
        [1, 0, 100],
        [2, 0, 100],
      ],
      [],
      40,
      0,
    ]);
    expect([p.len, p.dataLen, p.truesize - truesize]).toEqual([340, 300, 200]);
    expect(pages.slice(0, 3).map(P)).toEqual([1, 1, 1]);
    const max = k.era.maxSkbFrags;
    expect(skbGroReceive(k, paged(...many(max - 1)), paged([19, 0, 1]))).toBe(true);
    expect(skbGroReceive(k, paged(...many(max)), paged([19, 0, 1]))).toBe(false);
    const head = packet(0);
    const members = [paged([3, 0, 10]), paged([4, 0, 20])];
    for (const member of members) skbGroReceiveList(k, head, member);
    expect([head.shinfo.fragList, members[0]!.next, members[1]!.next]).toEqual([
      members[0],
      members[1],
      null,
    ]);
    expect([head.len, head.dataLen]).toEqual([70, 30]);
  });

  test('GRO makes an entry of a head that stands in a page, and frees its struct alone', () => {
    const built = (): SkBuff => {
      const skb = buildSkb(k, pages[1]!);
      skbReserve(skb, 64);
      skbPut(skb, 100);
      skb.headers = 40;
      getPage(k, pages[2]!);
      k.fillPageDesc(skb, pages[2]!, 0, 50);
      skb.len += 50;
      skb.dataLen += 50;
      return skb;
    };
    const skb = built();
    expect([skb.truesize, skb.shinfo.end - skb.shinfo.head, skb.users, D(skb)]).toEqual([
      4096 - 320 + 552,
      4096 - 320,
      1,
      [1, 0],
    ]);
    const p = packet(0, [0, 0, 100]);
    const [truesize, skbs] = [p.truesize, k.skbs.used];
    const { truesize: more } = skb;
    expect(skbGroReceiveHead(k, p, skb)).toBe(true);
    expect(fragsOf(p)).toEqual([
      [0, 0, 100],
      [1, 104, 60],
      [2, 0, 50],
    ]);
    expect([p.len, p.dataLen, p.truesize - truesize, k.skbs.used]).toEqual([
      250,
      210,
      more,
      skbs - 1,
    ]);
    expect([pages[1]!.count, P(pages[2]!)]).toEqual([1, 1]);
    const max = k.era.maxSkbFrags;
    pages[1] = newPage(k);
    expect(skbGroReceiveHead(k, paged(...many(max - 2)), built())).toBe(true);
    pages[1] = newPage(k);
    const left = built();
    expect(
      skbGroReceiveHead(
        k,
        paged(...many(max - 1).map(([n]): Frag => [n === 1 ? 19 : n, 0, 100])),
        left,
      ),
    ).toBe(false);
    skbClone(k, left, Site.TAP);
    expect(skbGroReceiveHead(k, packet(0), left)).toBe(false);
    expect(skbGroReceiveHead(k, packet(0), packet(10))).toBe(false); // a head of its own memory
  });
});

describe('pages that are added', () => {
  test('go on in the last entry where they do, and give their reference back', () => {
    const skb = paged([0, 0, 100]);
    expect([
      skbCanCoalesce(skb, pages[0]!, 100),
      skbCanCoalesce(skb, pages[0]!, 101),
      skbCanCoalesce(skb, pages[1]!, 100),
      skbCanCoalesce(paged(), pages[0]!, 0),
    ]).toEqual([true, false, false, false]);
    const { truesize } = skb;
    getPage(k, pages[0]!);
    skbAddRxFrag(k, skb, pages[0]!, 100, 50);
    getPage(k, pages[1]!);
    skbAddRxFrag(k, skb, pages[1]!, 0, 50);
    expect([fragsOf(skb), pages.slice(0, 2).map(P)]).toEqual([
      [
        [0, 0, 150],
        [1, 0, 50],
      ],
      [1, 1],
    ]);
    expect([skb.len, skb.dataLen, skb.truesize - truesize]).toEqual([200, 200, 100]);
  });

  test('by reference, as long as there is an entry', () => {
    const skb = paged();
    expect(skbAppendPagefrags(k, skb, pages[0]!, 0, 10)).toBe(true);
    expect(skbAppendPagefrags(k, skb, pages[0]!, 10, 10)).toBe(true);
    expect([fragsOf(skb), P(pages[0]!)]).toEqual([[[0, 0, 20]], 1]);
    const max = k.era.maxSkbFrags;
    const parts = Array.from({ length: max + 1 }, (_, i) => ({
      page: pages[i]!,
      pageOffset: 50,
      size: 10,
    }));
    expect(skbSpliceFromIter(k, skb, parts)).toBe(10 * (max - 1));
    expect([skb.shinfo.nrFrags, skb.len, skb.dataLen]).toEqual([
      max,
      10 * (max - 1),
      10 * (max - 1),
    ]);
    expect(skbAppendPagefrags(k, skb, pages[max - 2]!, 60, 10)).toBe(true); // goes on in the last
    expect(skbAppendPagefrags(k, skb, pages[max]!, 0, 10)).toBe(false);
  });

  test('are fresh ones for bytes that are copied in', () => {
    const skb = paged();
    const cost = charged(() => skbAppendDatatoFrags(k, skb, pages[0]!.address, 5000));
    expect([skb.len, skb.dataLen, skb.shinfo.frags.slice(0, 2).map((f) => f.size)]).toEqual([
      5000,
      5000,
      [4096, 904],
    ]);
    expect(cost['copiedPayloadBytes']).toBe(5000);
    expect(contents(k, skb).subarray(0, 4096)).toEqual(
      Buffer.from(k.mem.subarray(pages[0]!.address, pages[0]!.address + 4096)),
    );
  });
});

describe('segments', () => {
  test.each([true, false])(
    'have headers, payload, numbers and memory of their own (sg: %s)',
    (sg) => {
      const skb = packet(30, [0, 0, 100], [1, 0, 100]);
      skb.shinfo.gsoSize = 70;
      const whole = contents(k, skb);
      const made: SkBuff[] = [];
      const cost = charged(() => {
        for (let s: SkBuff | null = skbSegment(k, skb, sg); s !== null; s = s.next) made.push(s);
      });
      expect(made.map((s) => s.len - 40)).toEqual([70, 70, 70, 20]);
      expect(made.map((s) => [s.seq, s.endSeq])).toEqual([
        [1000, 1070],
        [1070, 1140],
        [1140, 1210],
        [1210, 1230],
      ]);
      expect(Buffer.concat(made.map((s) => contents(k, s).subarray(40)))).toEqual(
        whole.subarray(40),
      );
      for (const s of made) {
        expect(contents(k, s).subarray(0, 40)).toEqual(whole.subarray(0, 40));
        expect([s.shinfo.gsoSegs, s.shinfo.gsoSize, s.truesize, skbHeadroom(s)]).toEqual([
          1,
          0,
          HEAD(s) + s.dataLen,
          64,
        ]);
      }
      expect(made.map(fragsOf)).toEqual(
        sg
          ? [
              [[0, 0, 40]],
              [
                [0, 40, 60],
                [1, 0, 10],
              ],
              [[1, 10, 70]],
              [[1, 80, 20]],
            ]
          : [[], [], [], []],
      );
      expect(cost['copiedPayloadBytes']).toBe(sg ? 30 : 230);
      expect(pages.slice(0, 2).map(P)).toEqual(sg ? [3, 4] : [1, 1]);
    },
  );
});

describe('how they go', () => {
  test('with the last user, and a user too many is a bug', () => {
    const skb = packet(0, [0, 0, 100]);
    expect(charged(() => skbGet(k, skb))).toEqual({ atomicsRef: 1 });
    kfreeSkb(k, skb);
    expect([skb.users, skb.live, P(pages[0]!)]).toEqual([1, true, 1]);
    kfreeSkb(k, skb);
    expect([skb.live, P(pages[0]!)]).toEqual([false, 0]);
    expect(() => kfreeSkb(k, skb)).toThrow('freed twice');
    const none = packet(0);
    none.users = 0;
    expect(() => kfreeSkb(k, none)).toThrow('users -1');
    const wrong = packet(0);
    wrong.cloned = 1;
    wrong.shinfo.dataref = 0;
    expect(() => kfreeSkb(k, wrong)).toThrow('would become -1 (it is 0, a release drops 1)');
  });

  test('a socket is charged for them until they are orphaned or freed', () => {
    const sk = new Sock();
    expect(sk.small).toBe(false);
    const [out, back] = [packet(0), packet(0)];
    skbSetOwnerW(k, out, sk);
    skbSetOwnerR(k, back, sk);
    expect([sk.wmemAlloc, sk.rmemAlloc]).toEqual([out.truesize, back.truesize]);
    expect([out.destructor, back.destructor, out.sk]).toEqual([
      Destructor.SOCK_WFREE,
      Destructor.SOCK_RFREE,
      sk,
    ]);
    expect(charged(() => skbOrphan(k, out))).toEqual({ atomicsRef: 1, indirectCalls: 1 });
    expect([sk.wmemAlloc, out.sk, out.destructor]).toEqual([0, null, Destructor.NONE]);
    expect(charged(() => skbOrphan(k, out))).toEqual({});
    skbSetOwnerW(k, back, sk); // was charged as received
    expect(sk.rmemAlloc).toBe(0);
    kfreeSkb(k, back);
    expect(sk.wmemAlloc).toBe(0);
  });

  test('one that was sent is made ready to receive, if it is linear, alone and large enough', () => {
    const sent = packet(10);
    const { head } = sent.shinfo;
    const size = sent.shinfo.end - head;
    expect([
      skbRecycleCheck(k, packet(0, [0, 0, 10]), 1),
      skbRecycleCheck(k, allocSkb(k, 64, true), 1),
      skbRecycleCheck(k, skbGet(k, packet(0)), 1),
    ]).toEqual([false, false, false]);
    const shared = packet(0);
    skbClone(k, shared, Site.TAP);
    expect(skbRecycleCheck(k, shared, 1)).toBe(false);
    expect(skbRecycleCheck(k, sent, size + 1)).toBe(false);
    expect([sent.len, sent.data - head]).toEqual([50, 64]);
    Object.assign(sent.shinfo, { gsoSize: 5, gsoSegs: 2, marked: true, dataref: 1 + (1 << 16) });
    expect(skbRecycleCheck(k, sent, size)).toBe(true);
    const { gsoSize, gsoSegs, marked, dataref, loan } = sent.shinfo;
    expect([
      sent.len,
      sent.headers,
      sent.data,
      sent.tail,
      gsoSize,
      gsoSegs,
      marked,
      dataref,
      loan,
    ]).toEqual([0, 0, head, head, 0, 0, false, 1, null]);
  });
});

describe('private bytes', () => {
  test('are charged as copies in a kernel that packs them into few pages, too', () => {
    k = bareKernel({ era: '4.14' });
    pages = [newPage(k), newPage(k)];
    const skb = packet(0, [0, 0, 100], [1, 0, 50]);
    expect(charged(() => skbCopyUbufs(k, skb))['copiedPayloadBytes']).toBe(150);
    expect([skb.shinfo.nrFrags, skb.shinfo.frags[0]!.size]).toEqual([1, 150]);
  });

  test('of a member that nobody else has are pulled out of it, without a clone', () => {
    const skb = packet(10);
    const member = paged([0, 0, 100]);
    skbGroReceiveList(k, skb, member);
    const bytes = contents(k, skb);
    pskbPullTail(k, skb, 30);
    expect([skb.shinfo.fragList, member.len, contents(k, skb)]).toEqual([member, 70, bytes]);
  });

  test('for a writer in place: pages become linear, members that others have become copies', () => {
    const skb = packet(10, [0, 0, 100]);
    const mine = packet(5);
    const theirs = skbGet(k, packet(6));
    const behind = packet(7);
    for (const member of [mine, theirs, behind]) skbGroReceiveList(k, skb, member);
    const bytes = contents(k, skb);
    skbCowData(k, skb);
    const members: SkBuff[] = [];
    for (let m = skb.shinfo.fragList; m !== null; m = m.next) members.push(m);
    expect(members.map((m) => [mine, theirs, behind].indexOf(m))).toEqual([0, -1, -1]);
    expect([skb.shinfo.nrFrags, P(pages[0]!), contents(k, skb)]).toEqual([0, 0, bytes]);
    expect([theirs.users, behind.live]).toEqual([1, false]);
    const alone = packet(10);
    const { head } = alone.shinfo;
    skbCowData(k, alone);
    expect(alone.shinfo.head).toBe(head);
  });

  test('a netlink message shares pages, unless the whole packet fits', () => {
    const large = packet(10, [0, 0, 4000]);
    const message = skbZerocopy(k, large);
    expect([fragsOf(message), message.len, message.dataLen, message.truesize]).toEqual([
      [[0, 0, 4000]],
      4050,
      4000,
      HEAD(message) + 4000,
    ]);
    expect([contents(k, message), P(pages[0]!), skbHeadroom(message)]).toEqual([
      contents(k, large),
      2,
      128,
    ]);
    const small = packet(10, [1, 0, 14]);
    const cost = charged(() => expect(skbZerocopy(k, small).dataLen).toBe(0));
    expect([cost['copiedPayloadBytes'], P(pages[1]!)]).toEqual([24, 1]);
    expect(skbZerocopy(k, packet(10, [1, 0, 15])).dataLen).toBe(15);
    const headless = skbZerocopy(k, paged([2, 0, 4000])); // without linear bytes nothing is shared
    expect([headless.dataLen, headless.len, P(pages[2]!)]).toEqual([0, 4000, 1]);
  });
});

test('each says which function of the kernel it is, and of which packet', () => {
  const heard: [string, SkBuff][] = [];
  const one = packet(10, [0, 0, 100]);
  const says = (name: string, skb: SkBuff, act: () => unknown): void => {
    heard.length = 0;
    k.onOperation = (operation, of) => heard.push([operation, of]);
    act();
    k.onOperation = null;
    act(); // without anybody who listens, nothing is said
    expect(heard[0], name).toEqual([name, skb]);
  };
  says('skb_clone', one, () => skbClone(k, one, Site.TAP));
  says('skb_copy', one, () => skbCopy(k, one));
  says('pskb_copy', one, () => pskbCopy(k, one));
  says('skb_copy_expand', one, () => skbCopyExpand(k, one, 0, 0));
  says('pskb_expand_head', one, () => pskbExpandHead(k, one, 0, 0));
  says('___pskb_trim', one, () => pskbTrim(k, one, one.len));
  says('__pskb_pull_tail', one, () => pskbPullTail(k, one, 1));
  says('__pskb_trim_head', one, () => pskbTrimHead(k, one, 1));
  says('skb_copy_ubufs', one, () => skbCopyUbufs(k, one));
  says('skb_cow_data', one, () => skbCowData(k, one));
  says('skb_zerocopy', one, () => skbZerocopy(k, one));
  says('pskb_extract', one, () => pskbExtract(k, one, 1, 10));
  says('skb_morph', one, () => skbMorph(k, packet(0), one));
  one.shinfo.gsoSize = 100;
  says('skb_segment', one, () => skbSegment(k, one, true));
  const two = paged([2, 0, 100], [3, 0, 100]);
  says('skb_shift', two, () => skbShift(k, paged(), two, 10));
  says('skb_split', two, () => skbSplit(k, two, paged(), two.len - 1));
  says('skb_gro_receive', two, () => skbGroReceive(k, paged(), two));
  says('skb_add_rx_frag', two, () => skbAddRxFrag(k, two, newPage(k), 0, 1));
  says('skb_append_pagefrags', two, () => skbAppendPagefrags(k, two, newPage(k), 0, 1));
  says('skb_splice_from_iter', two, () => skbSpliceFromIter(k, two, []));
  const three = paged([4, 0, 3000]);
  says('skb_try_coalesce', three, () => skbTryCoalesce(k, paged([5, 0, 1]), three));
});

describe('pages that a pipe gets', () => {
  const slots = (skb: SkBuff, offset: number, size: number): number[] => {
    const pipe = new Pipe(k);
    const sizes: number[] = [];
    const done = skbSpliceBits(k, skb, offset, size, pipe, false);
    pipe.forEachReader({ skb: () => {}, page: (_, __, bytes) => sizes.push(bytes) });
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(done);
    return sizes;
  };

  test('are those of the packet, and copies of what stands in its head', () => {
    const skb = packet(20, [0, 0, 100], [1, 0, 100]);
    expect(slots(skb, 0, 220)).toEqual([20, 100, 100]);
    expect(slots(skb, 5, 100)).toEqual([15, 85]);
    expect(slots(skb, 20, 100)).toEqual([100]);
    expect(slots(skb, 130, 10)).toEqual([10]);
    expect(slots(skb, 219, 100)).toEqual([1]);
    expect(slots(packet(5000), 0, 5000)).toEqual([4096, 904]);
  });
});

test('a packet that was not cut is asked about by no design, one that shares its pages is', () => {
  const asked: number[] = [];
  const design: Design = {
    ...mainline,
    create: (services) =>
      Object.assign(new GetPutPage(services), {
        clone: (_: SkBuff, site: number) => asked.push(site) && 0,
      }),
  };
  k = bareKernel({ era: '3.8', design });
  pages = [newPage(k)];
  const skb = packet(0, [0, 0, 100]);
  skb.shinfo.gsoSize = 50;
  asked.length = 0;
  skbSegment(k, skb, false);
  expect(asked).toEqual([]);
  skbSegment(k, skb, true);
  expect(asked).toEqual([Site.SEGMENT]);
});

describe('what a design was made for', () => {
  const source = 'its author';
  test.each<[string, Parameters<typeof inDomain>[0], Parameters<typeof inDomain>[1], boolean]>([
    ['anything', undefined, { by: 'guest', over: 'device' }, true],
    ['anything that is lent, and here nothing is', { by: [], source }, undefined, true],
    ['whoever asks', { by: ['requests'], source }, { by: 'requests', over: 'tcp' }, true],
    ['not for somebody else', { by: ['requests'], source }, { by: 'stream', over: 'tcp' }, false],
    ['somebody behind a socket', { by: ['stream'], source }, { by: 'socket', over: 'tcp' }, true],
    ['nobody behind a socket', { by: ['guest'], source }, { by: 'socket', over: 'tcp' }, false],
    ['one carrier', { over: ['udp'], source }, { by: 'stream', over: 'udp' }, true],
    ['not another carrier', { over: ['udp'], source }, { by: 'stream', over: 'tcp' }, false],
    [
      'both, and one is wrong',
      { by: ['stream'], over: ['udp'], source },
      { by: 'stream', over: 'tcp' },
      false,
    ],
    ['what is thrown away', { drains: false, source }, { by: 'stream', over: 'tcp' }, true],
    [
      'not what drains',
      { drains: false, source },
      { by: 'stream', over: 'tcp', drains: true },
      false,
    ],
    ['what drains as well', { source }, { by: 'stream', over: 'tcp', drains: true }, true],
  ])('%s', (_, domain, lending, expected) => {
    expect(inDomain(domain, lending)).toBe(expected);
  });
});

test('costs are those of whose traffic it is', () => {
  const skb = packet(0);
  k.side = Side.ORDINARY;
  const at = (side: Side): number => k.cost[side + Cost.ATOMIC_REF]!;
  const before = [at(Side.LENT), at(Side.ORDINARY)];
  skbGet(k, skb);
  expect([at(Side.LENT), at(Side.ORDINARY)]).toEqual([before[0], before[1]! + 1]);
});
