// IP-TFS: which packets become part of the one before them, and what of an outer packet an inner one gets.
import { describe, expect, test } from 'vitest';
import {
  Site,
  allocPage,
  allocSkb,
  buildSkb,
  fragAt,
  iptfsConsumeFrags,
  iptfsSkbAddFrags,
  skbClone,
  skbPut,
  type Kernel,
  type Page,
  type SkBuff,
} from '../src/index.ts';
import { connected } from './machine.ts';

const machine = (era = '7.2.13') => connected({ era, frames: 64 });

/** A packet with these pages, one entry each, and nothing in its head. */
function packetOf(k: Kernel, pages: readonly Page[]): SkBuff {
  const skb = allocSkb(k, 64, false);
  for (const page of pages) k.fillPageDesc(skb, page, 0, 4096);
  skb.len = skb.dataLen = pages.length * 4096;
  return skb;
}

/** As a driver makes one around its buffer. */
function received(k: Kernel): SkBuff {
  const skb = buildSkb(k, allocPage(k));
  skbPut(skb, 100);
  return skb;
}

describe('a packet becomes part of the one before it', () => {
  test('with its head as an entry of its own reference, and is gone', () => {
    const { k } = machine();
    const [to, from] = [packetOf(k, [allocPage(k)]), received(k)];
    const page = from.shinfo.headPage!;
    expect(iptfsConsumeFrags(k, to, from)).toBe(true);
    expect([to.len, to.dataLen, to.shinfo.nrFrags]).toEqual([4196, 4196, 2]);
    expect(fragAt(to.shinfo, 1)).toMatchObject({ page, size: 100 });
    expect(page.count).toBe(1); // the entry's: that of the head went with it
    expect(from.live).toBe(false);
  });

  test.each<[string, (k: Kernel, to: SkBuff, from: SkBuff) => SkBuff | void]>([
    ['the first is cloned', (k, to) => void skbClone(k, to, Site.TAP)],
    ['the first has a list', (k, to) => void (to.shinfo.fragList = allocSkb(k, 64, false))],
    ['the second has a list', (k, _, from) => void (from.shinfo.fragList = allocSkb(k, 64, false))],
    ['the head of the second is no page', (k) => packetOf(k, [allocPage(k)])],
    ['one has pages of a pool', (_, to) => void (to.ppRecycle = 1)],
    [
      'there is no room',
      (k, to) => {
        while (to.shinfo.nrFrags < 17) k.fillPageDesc(to, allocPage(k), 0, 4096);
      },
    ],
  ])('but not where %s', (_, spoil) => {
    const { k } = machine();
    const to = packetOf(k, [allocPage(k)]);
    let from = received(k);
    from = spoil(k, to, from) ?? from;
    const before = [to.len, to.shinfo.nrFrags];
    expect(iptfsConsumeFrags(k, to, from)).toBe(false);
    expect([to.len, to.shinfo.nrFrags, from.live]).toEqual([...before, true]);
  });
});

describe('an inner packet gets entries of the outer one', () => {
  test('from the middle of one to the middle of another, a reference each', () => {
    const { k } = machine();
    const pages = [allocPage(k), allocPage(k), allocPage(k)];
    const [outer, inner] = [packetOf(k, pages), allocSkb(k, 64, false)];
    expect(iptfsSkbAddFrags(k, inner, outer, 5000, 4000)).toBe(0);
    expect(inner.shinfo.nrFrags).toBe(2);
    expect(fragAt(inner.shinfo, 0)).toMatchObject({ page: pages[1], pageOffset: 904, size: 3192 });
    expect(fragAt(inner.shinfo, 1)).toMatchObject({ page: pages[2], pageOffset: 0, size: 808 });
    expect(pages.map((p) => p.count)).toEqual([1, 2, 2]);
    expect([inner.len, inner.dataLen]).toEqual([4000, 4000]);
  });

  test('as far as there are any, and is marked since CVE-2026-64566', () => {
    for (const [era, marked] of [
      ['7.2.13-iptfsAddMarks', false],
      ['7.2.13', true],
    ] as const) {
      const { k } = machine(era);
      const [outer, inner] = [packetOf(k, [allocPage(k)]), allocSkb(k, 64, false)];
      expect(iptfsSkbAddFrags(k, inner, outer, 4000, 500)).toBe(404);
      expect(inner.shinfo.marked).toBe(marked);
      expect(iptfsSkbAddFrags(k, allocSkb(k, 64, false), outer, 4096, 1)).toBe(1);
    }
  });
});
