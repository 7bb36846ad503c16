// Operations that put the frags of one packet behind those of another, and those that make bytes private.
import { describe, expect, test } from 'vitest';
import {
  ERAS,
  NoMemory,
  Site,
  Sock,
  allocSkb,
  fragAt,
  getPage,
  kfreeSkb,
  skbAddRxFrag,
  skbAppendDatatoFrags,
  skbClone,
  skbCopyExpand,
  skbCopyUbufs,
  skbCowData,
  skbGroReceive,
  skbGroReceiveList,
  skbHeaderRelease,
  skbHeadroom,
  skbMorph,
  skbRecycleCheck,
  skbSetOwnerW,
  skbTryCoalesce,
  skbZerocopy,
} from '@lastref/kernel';
import { D, NOTHING, P, bareKernel, contents, inUse, newPage } from '../../kernel/test/machine.ts';
import { atomics, packet, threePages } from '../../kernel/test/packets.ts';

/** A packet of two pages, the second of which goes on in another packet. */
function neighbours(era: string) {
  const k = bareKernel({ era });
  const [a, b] = [newPage(k), newPage(k)];
  const to = packet(k, 0, [a, 0, 1000], [b, 0, 1000]);
  const from = packet(k, 0, [b, 1000, 1000]);
  return { k, a, b, to, from, bytes: Buffer.concat([contents(k, to), contents(k, from)]) };
}

describe.each(ERAS.map((era) => era.id))('in %s', (era) => {
  test('skb_try_coalesce: frags of an unshared packet move without a call', () => {
    const { k, b, to, from, bytes } = neighbours(era);
    expect(atomics(k, () => skbTryCoalesce(k, to, from))).toBe(0);
    expect([from.shinfo.nrFrags, contents(k, to), P(b)]).toEqual([0, bytes, 2]);
    kfreeSkb(k, from);
    expect([contents(k, to), P(b)]).toEqual([bytes, 2]);
  });

  test('skb_try_coalesce: frags of a shared packet gain a reference each', () => {
    const { k, b, to, from, bytes } = neighbours(era);
    const n = skbClone(k, from, Site.TAP);
    expect(skbTryCoalesce(k, to, n)).toBe(true);
    expect([P(b), D(from)]).toEqual([3, [2, 1]]);
    kfreeSkb(k, n);
    kfreeSkb(k, from);
    expect([contents(k, to), P(b)]).toEqual([bytes, 2]);
  });

  test('skb_try_coalesce: a few bytes are copied to the tail, a shared target refuses', () => {
    const { k, a, to, from } = neighbours(era);
    const linear = packet(k, 40);
    const small = packet(k, 0, [a, 3000, 20]);
    const bytes = Buffer.concat([contents(k, linear), contents(k, small)]);
    expect(skbTryCoalesce(k, linear, small)).toBe(true);
    kfreeSkb(k, small);
    expect([contents(k, linear), linear.dataLen, P(a)]).toEqual([bytes, 0, 1]);
    skbClone(k, to, Site.TAP);
    expect(skbTryCoalesce(k, to, from)).toBe(false);
  });

  test('skb_gro_receive: frags move, and the struct that brought them is empty', () => {
    const { k, b, to, from, bytes } = neighbours(era);
    expect(atomics(k, () => skbGroReceive(k, to, from))).toBe(0);
    expect([contents(k, to), from.len, P(b)]).toEqual([bytes, 0, 2]);
    kfreeSkb(k, from);
    expect(P(b)).toBe(2);
  });

  test('skb_gro_receive_list: the packet itself hangs behind the other', () => {
    const { k, a, b, to, from, bytes } = neighbours(era);
    skbGroReceiveList(k, to, from);
    const last = packet(k, 0, [a, 1000, 10]);
    const all = Buffer.concat([bytes, contents(k, last)]);
    skbGroReceiveList(k, to, last);
    expect([to.len, contents(k, to)]).toEqual([3010, all]);
    kfreeSkb(k, to);
    expect([P(a), P(b), inUse(k)]).toEqual([0, 0, NOTHING]);
  });

  test('skb_add_rx_frag: the reference of the caller becomes the one of the frag', () => {
    const { k, b, to } = neighbours(era);
    for (const offset of [1000, 3000]) {
      getPage(k, b);
      skbAddRxFrag(k, to, b, offset, 500);
    }
    expect([to.shinfo.nrFrags, fragAt(to.shinfo, 1).size, to.len]).toEqual([3, 1500, 3000]);
    expect(P(b)).toBe(3); // to's two entries and from's: the one that was not needed went back
  });

  test('skb_append_datato_frags: fresh pages with a copy, and nobody else knows them', () => {
    const { k, a } = neighbours(era);
    const before = k.pages.used;
    const n = allocSkb(k, 0, false);
    skbAppendDatatoFrags(k, n, a.address, 4096);
    skbAppendDatatoFrags(k, n, a.address, 10);
    const page = k.mem.slice(a.address, a.address + 4096);
    expect(contents(k, n)).toEqual(Buffer.concat([page, page.subarray(0, 10)]));
    expect([k.pages.used - before, n.len, n.dataLen, P(a)]).toEqual([2, 4106, 4106, 1]);
    kfreeSkb(k, n);
    expect(k.pages.used).toBe(before);
  });

  test('skb_morph: what it was is released, what it is now is a clone', () => {
    const { k, a, b, to, from, bytes } = neighbours(era);
    const sk = new Sock();
    skbSetOwnerW(k, from, sk);
    skbMorph(k, from, to);
    expect([contents(k, from), D(to), P(a), P(b)]).toEqual([bytes.subarray(0, 2000), [2, 1], 1, 1]);
    expect([sk.wmemAlloc, from.sk, from.cloned, to.cloned]).toEqual([0, null, 1, 1]);
    kfreeSkb(k, to);
    kfreeSkb(k, from);
    expect([P(a), P(b), inUse(k)]).toEqual([0, 0, NOTHING]);
  });

  test('skb_zerocopy: a message with the same pages, a reference on each', () => {
    const { k, skb, bytes, refs } = threePages(era);
    const n = skbZerocopy(k, skb);
    expect([refs(), D(skb), contents(k, n)]).toEqual([[2, 2, 2], [1, 1], bytes]);
    kfreeSkb(k, skb);
    expect([refs(), contents(k, n)]).toEqual([[1, 1, 1], bytes]);
  });

  test('skb_copy_ubufs: every page is replaced by a private copy, also under a clone', () => {
    const { k, pages, skb, bytes, refs } = threePages(era);
    const n = skbClone(k, skb, Site.TAP);
    skbCopyUbufs(k, n);
    const left = k.era.zerocopy ? [1, 1, 1] : [0, 0, 0]; // up to 4.13 the copies stand in what both have
    expect([refs(), contents(k, n), contents(k, skb)]).toEqual([left, bytes, bytes]);
    for (const page of pages) k.mem.fill(0, page.address, page.address + 4096);
    expect(contents(k, n)).toEqual(bytes);
    kfreeSkb(k, n);
    kfreeSkb(k, skb);
    expect([refs(), k.pages.used]).toEqual([[0, 0, 0], 3]);
  });

  test('skb_copy_ubufs: without memory for the last copy, every page is as it was', () => {
    const { k, skb, bytes, refs } = threePages(era);
    k.failIn = k.era.zerocopy ? 1 : 3; // packed into one page, or one for each
    expect(() => skbCopyUbufs(k, skb)).toThrow(NoMemory);
    expect([refs(), contents(k, skb), k.pages.used]).toEqual([[1, 1, 1], bytes, 3]);
  });

  test('skb_recycle_check: what comes back has promised nothing and carries nothing', () => {
    const { k } = threePages(era);
    const skb = allocSkb(k, 1600, false);
    skbHeaderRelease(k, skb);
    skb.headers = 20;
    skb.shinfo.gsoSize = 1448;
    expect(skbRecycleCheck(k, skb, 1600)).toBe(true);
    expect([D(skb), skb.nohdr, skb.headers, skb.shinfo.gsoSize]).toEqual([[1, 0], 0, 0, 0]);
    kfreeSkb(k, skbClone(k, skb, Site.TAP)); // a release that looks at dataref
    kfreeSkb(k, skb);
  });

  test('skb_cow_data: all linear and unshared, the pages go', () => {
    const { k, skb, bytes, refs } = threePages(era);
    const n = skbClone(k, skb, Site.TAP);
    skbCowData(k, n);
    expect([n.dataLen, contents(k, n), D(skb), refs()]).toEqual([0, bytes, [1, 1], [1, 1, 1]]);
    const linear = skbClone(k, n, Site.TAP);
    skbCowData(k, linear);
    expect([linear.shinfo === n.shinfo, contents(k, linear)]).toEqual([false, bytes]);
  });

  test('skb_copy_expand: a linear copy with the room that was asked for', () => {
    const { k, skb, bytes, refs } = threePages(era);
    skb.shinfo.gsoSize = 1000;
    const n = skbCopyExpand(k, skb, 300, 200);
    expect(n.shinfo.gsoSize).toBe(1000);
    expect([contents(k, n), n.dataLen, refs()]).toEqual([bytes, 0, [1, 1, 1]]);
    expect(skbHeadroom(n)).toBe(300);
    expect(n.shinfo.end - n.tail).toBeGreaterThanOrEqual(200);
  });
});
