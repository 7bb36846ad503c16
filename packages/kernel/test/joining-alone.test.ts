// Helpers of net/core by themselves: two packets of one stream, whose pages go from one to the other.
import { describe, expect, test } from 'vitest';
import {
  Site,
  allocSkb,
  buildSkb,
  getPage,
  skbClone,
  skbGroReceive,
  skbGroReceiveHead,
  skbGroReceiveList,
  skbPull,
  skbPut,
  skbReserve,
  skbShift,
  skbSplit,
  skbTailroom,
  skbTryCoalesce,
  type SkBuff,
} from '../src/index.ts';
import { D, P, contents, newPage } from './machine.ts';
import { alone, charged, fragsOf, k, many, packet, paged, pages, type Frag } from './alone.ts';

alone();

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
