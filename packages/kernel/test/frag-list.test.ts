// Packets behind a packet: the list is shared by count with every copy of its head, so whoever cuts it or frees it
// must leave the others theirs.
import { describe, expect, test } from 'vitest';
import {
  ERAS,
  NoMemory,
  kfreeSkb,
  pskbCopy,
  pskbExpandHead,
  pskbPullTail,
  pskbTrim,
  skbGroReceiveList,
  skbLinearize,
  skbSegmentList,
  skbZerocopy,
  type SkBuff,
} from '../src/index.ts';
import { NOTHING, bareKernel, contents, inUse, newPage } from './machine.ts';
import { packet } from './packets.ts';

/** A head of 100 bytes and a page, and behind it two packets of 50 bytes and a page. */
function train(era: string) {
  const k = bareKernel({ era });
  const pages = [newPage(k), newPage(k), newPage(k)] as const;
  const head = packet(k, 100, [pages[0], 0, 1000]);
  skbGroReceiveList(k, head, packet(k, 50, [pages[1], 0, 1000]));
  skbGroReceiveList(k, head, packet(k, 50, [pages[2], 0, 1000]));
  return { k, pages, head, bytes: contents(k, head), refs: () => pages.map((p) => p.count - 1) };
}

const users = (head: SkBuff): number[] => {
  const found: number[] = [];
  for (let m = head.shinfo.fragList; m !== null; m = m.next) found.push(m.users);
  return found;
};

describe.each(ERAS.map((era) => era.id))('in %s', (era) => {
  test('a new head for the sole owner keeps the list', () => {
    const { k, head, bytes, refs } = train(era);
    pskbExpandHead(k, head, 64, 0);
    expect([contents(k, head), users(head), refs()]).toEqual([bytes, [1, 1], [1, 1, 1]]);
    kfreeSkb(k, head);
    expect([inUse(k), refs()]).toEqual([NOTHING, [0, 0, 0]]);
  });

  test('taken apart, each has its own, and another head still has them all', () => {
    const { k, head, bytes, refs } = train(era);
    const copy = pskbCopy(k, head);
    const sizes: number[] = [];
    for (let skb: SkBuff | null = skbSegmentList(k, head); skb !== null;) {
      const { next }: SkBuff = skb;
      skb.next = null;
      sizes.push(skb.len);
      expect([contents(k, copy), skb.shinfo.fragList, skb.users]).toEqual([bytes, null, 1]);
      kfreeSkb(k, skb);
      skb = next;
    }
    expect([sizes, contents(k, copy), users(copy)]).toEqual([[1100, 1050, 1050], bytes, [1, 1]]);
    const last = skbSegmentList(k, copy); // now nobody else has one of them
    expect([last.len, last.next!.len, last.next!.next!.len]).toEqual([1100, 1050, 1050]);
    for (let skb: SkBuff | null = last; skb !== null;) {
      const { next }: SkBuff = skb;
      skb.next = null;
      kfreeSkb(k, skb);
      skb = next;
    }
    expect([inUse(k), refs()]).toEqual([NOTHING, [0, 0, 0]]);
  });

  test('without memory for one of them, none is out, and the others are freed with their head', () => {
    const { k, head, refs } = train(era);
    const copy = pskbCopy(k, head);
    k.failIn = 2;
    expect(() => skbSegmentList(k, head)).toThrow(NoMemory);
    k.failIn = 0;
    expect(head.next).toBe(null);
    kfreeSkb(k, head);
    expect(users(copy)).toEqual([1, 1]);
    kfreeSkb(k, copy);
    expect([inUse(k), refs()]).toEqual([NOTHING, [0, 0, 0]]);
  });

  test('of two heads, the one that goes first leaves the list whole', () => {
    const { k, head, bytes } = train(era);
    const copy = pskbCopy(k, head);
    expect(users(copy)).toEqual([2, 2]);
    kfreeSkb(k, head);
    expect([contents(k, copy), users(copy)]).toEqual([bytes, [1, 1]]);
    kfreeSkb(k, copy);
    expect(inUse(k)).toEqual(NOTHING);
  });

  test('what one head pulls out of the list, the other still has', () => {
    const { k, head, bytes, refs } = train(era);
    const copy = pskbCopy(k, head);
    pskbPullTail(k, head, 1000 + 300); // the page, a packet's linear bytes, and a part of its page
    expect([contents(k, head), contents(k, copy)]).toEqual([bytes, bytes]);
    expect([users(head), users(copy)]).toEqual([
      [1, 2],
      [1, 2],
    ]); // the first is a clone now, each has its own
    skbLinearize(k, head);
    expect([contents(k, head), contents(k, copy), users(copy)]).toEqual([bytes, bytes, [1, 1]]);
    expect(refs()).toEqual([1, 1, 1]);
    kfreeSkb(k, head);
    kfreeSkb(k, copy);
    expect([inUse(k), refs()]).toEqual([NOTHING, [0, 0, 0]]);
  });

  test.each([
    ['in the first packet behind', 1100 + 20],
    ['between the two', 1100 + 1050],
    ['in the page of the second', 1100 + 1050 + 51],
  ])('a cut %s ends the list there, and for nobody else', (_where, len) => {
    const { k, head, bytes, refs } = train(era);
    const copy = pskbCopy(k, head);
    pskbTrim(k, head, len);
    expect([head.len, contents(k, head)]).toEqual([len, bytes.subarray(0, len)]);
    expect(contents(k, copy)).toEqual(bytes);
    kfreeSkb(k, copy);
    expect(contents(k, head)).toEqual(bytes.subarray(0, len));
    kfreeSkb(k, head);
    expect([inUse(k), refs()]).toEqual([NOTHING, [0, 0, 0]]);
  });

  test('a netlink message of it is a copy', () => {
    const { k, head, bytes, refs } = train(era);
    const message = skbZerocopy(k, head);
    expect([contents(k, message), message.dataLen, refs()]).toEqual([bytes, 0, [1, 1, 1]]);
  });
});
