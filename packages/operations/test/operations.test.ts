// Every operation that moves fragments: its references one by one. What merges packets or makes them private is in
// movers-merge.test.ts, a battery over all of them in movers-recipes.test.ts; model/ runs them in random order
// against packets that are plain arrays of bytes.
import { describe, expect, test } from 'vitest';
import {
  Destructor,
  ERAS,
  ExpandHead,
  Sock,
  fragAt,
  kfreeSkb,
  pskbCopy,
  pskbExpandHead,
  pskbPullTail,
  pskbTrim,
  pskbTrimHead,
  skbClone,
  skbCopy,
  skbCow,
  skbCowHead,
  skbGet,
  skbHeadlen,
  skbLinearize,
  skbOrphan,
  skbSegment,
  skbSetOwnerR,
  skbSetOwnerW,
  skbShift,
  skbSplit,
  skbUnclone,
  type Page,
  type SkBuff,
  eraOf,
} from '@lastref/kernel';
import {
  D,
  NOTHING,
  P,
  bareKernel,
  connected,
  contents,
  inUse,
  newPage,
} from '../../kernel/test/machine.ts';
import { atomics, packet, threePages } from '../../kernel/test/packets.ts';

const eras = ERAS.map((era) => era.id);

describe.each(eras)('one by one, in %s', (era) => {
  test('skb_clone: one dataref more, no page reference', () => {
    const { k, skb, bytes, refs } = threePages(era);
    const n = skbClone(k, skb, 1);
    expect([D(skb), refs(), skb.cloned, n.cloned, n.nohdr]).toEqual([[2, 1], [1, 1, 1], 1, 1, 0]);
    expect(k.skbs.used).toBe(0); // the other half of the pair
    const third = skbClone(k, n, 1);
    expect([D(skb), k.skbs.used]).toEqual([[3, 1], 1]);
    kfreeSkb(k, skb);
    expect([D(n), refs(), contents(k, third)]).toEqual([[2, 0], [1, 1, 1], bytes]);
    kfreeSkb(k, n);
    kfreeSkb(k, third);
    expect([refs(), inUse(k)]).toEqual([[0, 0, 0], NOTHING]);
  });

  test('skb_copy: all bytes in one linear packet, nothing shared', () => {
    const { k, skb, bytes, refs } = threePages(era);
    const n = skbCopy(k, skb);
    expect([n.dataLen, n.shinfo.nrFrags, contents(k, n)]).toEqual([0, 0, bytes]);
    expect([D(skb), D(n), refs(), skb.cloned]).toEqual([[1, 1], [1, 0], [1, 1, 1], 0]);
  });

  test('pskb_copy: a head of its own, a reference on every page', () => {
    const { k, skb, bytes, refs } = threePages(era);
    const n = pskbCopy(k, skb);
    expect([D(skb), D(n), refs(), contents(k, n)]).toEqual([[1, 1], [1, 0], [2, 2, 2], bytes]);
    kfreeSkb(k, skb);
    expect([refs(), contents(k, n)]).toEqual([[1, 1, 1], bytes]);
  });

  test('pskb_expand_head: one owner: pages are taken and put, or the references move', () => {
    const { k, skb, bytes, refs } = threePages(era);
    const cost = atomics(k, () => pskbExpandHead(k, skb, 64, 64));
    expect(cost).toBe(k.era.expandHead === ExpandHead.ALWAYS ? 6 : 0);
    expect([D(skb), skb.cloned, skb.nohdr, refs()]).toEqual([[1, 0], 0, 0, [1, 1, 1]]);
    expect([contents(k, skb), k.shinfos.used]).toEqual([bytes, 1]);
  });

  test('pskb_expand_head: an owner whose clone is gone: 2.6.38 and later see it', () => {
    const { k, skb, refs } = threePages(era);
    kfreeSkb(k, skbClone(k, skb, 1));
    const cost = atomics(k, () => pskbExpandHead(k, skb, 0, 0));
    expect(cost).toBe(k.era.expandHead === ExpandHead.ALWAYS ? 7 : 0);
    expect([skb.cloned, refs()]).toEqual([0, [1, 1, 1]]);
  });

  test('pskb_expand_head: shared: every page gains a reference, the clone keeps the old', () => {
    const { k, skb, bytes, refs } = threePages(era);
    const n = skbClone(k, skb, 1);
    pskbExpandHead(k, skb, 0, 0);
    expect([D(skb), D(n), refs()]).toEqual([
      [1, 0],
      [1, 0],
      [2, 2, 2],
    ]);
    expect([contents(k, skb), contents(k, n)]).toEqual([bytes, bytes]);
    expect(() => pskbExpandHead(k, skbGet(k, skb), 0, 0)).toThrow('users 2');
  });

  test('skb_cow: un-shares a clone; skb_cow_head leaves a headerless one alone', () => {
    const { k, skb, bytes, refs } = threePages(era);
    const n = skbClone(k, skb, 1);
    const { shinfo } = n;
    skbCowHead(k, n, 10);
    expect([n.shinfo === shinfo, refs()]).toEqual([true, [1, 1, 1]]); // the original is headerless
    skbCow(k, n, 10);
    expect([n.shinfo === shinfo, D(skb), refs()]).toEqual([false, [1, 1], [2, 2, 2]]);
    skbCow(k, n, 500);
    expect([n.data - n.shinfo.head >= 500, contents(k, n)]).toEqual([true, bytes]);
  });

  test('skb_unclone: does nothing once the clone is gone', () => {
    const { k, skb, refs } = threePages(era);
    const n = skbClone(k, skb, 1);
    kfreeSkb(k, n);
    const { shinfo } = skb;
    skbUnclone(k, skb);
    expect([skb.shinfo === shinfo, skb.nohdr]).toEqual([true, 1]);
    skbClone(k, skb, 1);
    skbUnclone(k, skb);
    expect([skb.nohdr, D(skb), refs()]).toEqual([0, [1, 0], [2, 2, 2]]);
  });

  test('__pskb_pull_tail: pages that are eaten whole leave long before the skb dies', () => {
    const { k, skb, bytes, refs } = threePages(era);
    pskbPullTail(k, skb, 1500);
    expect([refs(), skbHeadlen(skb), skb.dataLen]).toEqual([[0, 1, 1], 1600, 1500]);
    const { pageOffset, size } = fragAt(skb.shinfo, 0);
    expect([pageOffset, size, contents(k, skb)]).toEqual([500, 500, bytes]);
  });

  test('skb_linearize: a shared packet gets a head of its own, and gives every page back', () => {
    const { k, skb, bytes, refs } = threePages(era);
    const n = skbClone(k, skb, 1);
    skbLinearize(k, n);
    expect([refs(), n.dataLen, D(skb), contents(k, n)]).toEqual([[1, 1, 1], 0, [1, 1], bytes]);
    skbLinearize(k, skb);
    expect([refs(), contents(k, skb)]).toEqual([[0, 0, 0], bytes]);
  });

  test('___pskb_trim: a frag that ends at the cut stays, those behind it go', () => {
    const { k, skb, bytes, refs } = threePages(era);
    pskbTrim(k, skb, 2100);
    expect([refs(), skb.len, contents(k, skb)]).toEqual([[1, 1, 0], 2100, bytes.subarray(0, 2100)]);
    pskbTrim(k, skb, 1101);
    expect([refs(), fragAt(skb.shinfo, 1).size]).toEqual([[1, 1, 0], 1]);
    pskbTrim(k, skb, 60);
    expect([refs(), skb.dataLen, contents(k, skb)]).toEqual([[0, 0, 0], 0, bytes.subarray(0, 60)]);
  });

  test('__pskb_trim_head: pages before the cut go, the next one is cut', () => {
    const { k, skb, bytes, refs } = threePages(era);
    pskbTrimHead(k, skb, 1101);
    expect([refs(), skb.len, contents(k, skb)]).toEqual([[0, 1, 1], 1999, bytes.subarray(1101)]);
    expect([fragAt(skb.shinfo, 0).pageOffset, skbHeadlen(skb)]).toEqual([1, 0]);
  });

  test('skb_split: frags move without a call, the straddled page counts twice', () => {
    const { k, skb, bytes, refs } = threePages(era);
    const rest = packet(k, 0);
    expect(atomics(k, () => skbSplit(k, skb, rest, 1600))).toBe(1);
    expect([refs(), skb.shinfo.nrFrags, rest.shinfo.nrFrags]).toEqual([[1, 2, 1], 2, 2]);
    expect(Buffer.concat([contents(k, skb), contents(k, rest)])).toEqual(bytes);
    const tail = packet(k, 0);
    expect(atomics(k, () => skbSplit(k, skb, tail, 40))).toBe(0); // inside the linear part
    expect([contents(k, skb), skb.shinfo.nrFrags]).toEqual([bytes.subarray(0, 40), 0]);
    expect(contents(k, tail)).toEqual(bytes.subarray(40, 1600));
  });

  test('skb_shift: moved: 0; merged whole: -1; straddled: +1', () => {
    const k = bareKernel({ era });
    const [a, b] = [newPage(k), newPage(k)];
    const to = packet(k, 0, [a, 0, 100]);
    const from = packet(k, 0, [a, 100, 100], [b, 0, 100], [b, 500, 100]);
    const bytes = Buffer.concat([contents(k, to), contents(k, from)]);
    expect(skbShift(k, to, from, 250)).toBe(250);
    expect([P(a), P(b), to.shinfo.nrFrags, from.shinfo.nrFrags]).toEqual([1, 3, 3, 1]);
    expect([to.len, from.len, from.truesize - from.len]).toEqual([350, 50, to.truesize - to.len]);
    expect(Buffer.concat([contents(k, to), contents(k, from)])).toEqual(bytes);
  });

  test('skb_shift: a part of the first entry moves a boundary, and no reference', () => {
    const k = bareKernel({ era });
    const a = newPage(k);
    const to = packet(k, 0, [a, 0, 100]);
    const from = packet(k, 0, [a, 100, 100]);
    expect(atomics(k, () => skbShift(k, to, from, 30))).toBe(0);
    expect([P(a), to.len, fragAt(from.shinfo, 0).pageOffset]).toEqual([2, 130, 130]);
  });

  test('skb_shift: all or nothing: linear bytes or too few slots stop it', () => {
    const k = bareKernel({ era });
    const a = newPage(k);
    const slots = k.era.maxSkbFrags;
    const spread = (n: number, from: number): [Page, number, number][] =>
      Array.from({ length: n }, (_, i) => [a, from + i * 20, 10]);
    const to = packet(k, 0, ...spread(slots - 1, 0));
    const from = packet(k, 0, ...spread(3, 1000));
    expect([skbShift(k, to, from, 30), skbShift(k, to, from, 20)]).toEqual([0, 0]);
    expect([to.len, from.len, P(a)]).toEqual([10 * (slots - 1), 30, slots + 2]);
    const [{ shinfo }, n] = [from, skbClone(k, from, 1)];
    expect([skbShift(k, to, from, 30), from.shinfo === shinfo]).toEqual([0, true]);
    expect([skbShift(k, to, from, 20), from.shinfo === shinfo]).toEqual([0, false]); // seen too late
    kfreeSkb(k, n);
    expect([skbShift(k, to, from, 10), P(a)]).toEqual([10, slots + 2]);
    expect(skbShift(k, to, packet(k, 5, [a, 3000, 10]), 10)).toBe(0);
  });

  test('skb_segment: a reference for every segment that touches a page', () => {
    const { k, skb, bytes, refs } = threePages(era);
    const headers = bytes.subarray(0, 40);
    skb.headers = 40;
    skb.shinfo.gsoSize = 700;
    const segments = [];
    for (let s: SkBuff | null = skbSegment(k, skb, true); s !== null; s = s.next) segments.push(s);
    expect(segments.map((s) => s.len - 40)).toEqual([700, 700, 700, 700, 260]);
    expect([refs(), segments.map(D)]).toEqual([[3, 3, 4], segments.map(() => [1, 0])]);
    for (const s of segments) expect(contents(k, s).subarray(0, 40)).toEqual(headers);
    const payload = segments.map((s) => contents(k, s).subarray(40));
    expect(Buffer.concat([headers, ...payload])).toEqual(bytes);
    kfreeSkb(k, skb);
    expect(refs()).toEqual([2, 2, 3]);
  });

  test('skb_orphan: runs the destructor once, and looks at no reference', () => {
    const { k, skb, refs } = threePages(era);
    const sk = new Sock();
    const n = skbClone(k, skb, 1);
    skbSetOwnerW(k, n, sk);
    expect([sk.wmemAlloc, n.destructor]).toEqual([n.truesize, Destructor.SOCK_WFREE]);
    const other = skbClone(k, n, 1);
    expect([other.sk, other.destructor]).toEqual([null, Destructor.NONE]); // never inherited
    skbOrphan(k, n);
    skbOrphan(k, n);
    expect([sk.wmemAlloc, n.sk, D(skb), refs()]).toEqual([0, null, [3, 1], [1, 1, 1]]);
    skbSetOwnerW(k, n, sk);
    skbSetOwnerW(k, n, new Sock()); // before 2.6.31 the first owner is forgotten, later it is told
    expect(sk.wmemAlloc).toBe(eraOf(era)!.setOwnerOrphans ? 0 : n.truesize);
  });

  test('skb_set_owner_r: before 2.6.31 whoever had a destructor there is forgotten too', () => {
    const { k, skb } = threePages(era);
    const sk = new Sock();
    const n = skbClone(k, skb, 1);
    skbSetOwnerW(k, n, sk);
    skbSetOwnerR(k, n, new Sock());
    expect(n.destructor).toBe(Destructor.SOCK_RFREE);
    expect(sk.wmemAlloc).toBe(eraOf(era)!.setOwnerOrphans ? 0 : n.truesize);
  });

  test('kfree_skb: holders of the struct first, then dataref, then pages', () => {
    const { k, skb, refs } = threePages(era);
    const n = skbClone(k, skb, 1);
    skbGet(k, n);
    kfreeSkb(k, n);
    expect([n.live, D(skb)]).toEqual([true, [2, 1]]);
    kfreeSkb(k, n);
    expect([n.live, D(skb), refs()]).toEqual([false, [1, 1], [1, 1, 1]]);
    kfreeSkb(k, skb);
    expect([refs(), inUse(k)]).toEqual([[0, 0, 0], NOTHING]);
    expect(() => kfreeSkb(k, skb)).toThrow('freed twice');
  });

  test('kfree_skb: a pair that lost a reference is seen when its memory would go too early', () => {
    const { k, skb } = threePages(era);
    const n = skbClone(k, skb, 1);
    skb.fcloneRef--;
    expect(() => kfreeSkb(k, skb)).toThrow('fclone_ref of pair#1 becomes 0 while 1 halves live');
    expect(n.live).toBe(true);
  });

  test('do_tcp_sendpages: one reference for a new frag, none for one that grows', () => {
    const m = connected({ era });
    m.sk.driven = true;
    const page = m.page();
    m.lend(page, 0, 100);
    m.lend(page, 100, 100);
    expect([P(page), m.queue[0]!.shinfo.nrFrags]).toEqual([1, 1]);
    for (let i = 1; i <= m.k.era.maxSkbFrags; i++) m.lend(page, 200 * i + 50, 100);
    expect(m.queue.map((skb) => skb.shinfo.nrFrags)).toEqual([m.k.era.maxSkbFrags, 1]);
    expect([P(page), D(m.queue[1]!)]).toEqual([m.k.era.maxSkbFrags + 1, [1, 1]]);
  });

  test('tcp_retrans_try_collapse: small linear neighbours go again as one', () => {
    const m = connected({ era, features: { sg: false, csum: false, tso: false, gso: false } });
    m.send(Buffer.alloc(100, 1));
    m.send(Buffer.alloc(200, 2));
    m.drain();
    expect(m.queue.map((skb) => skb.len)).toEqual([100, 200]);
    m.fireRto();
    expect([m.queue.map((skb) => skb.len), m.sk.packetsOut]).toEqual([[300], 1]);
    m.run();
    expect(m.peer.received).toEqual(Buffer.concat([Buffer.alloc(100, 1), Buffer.alloc(200, 2)]));
    expect([m.accounts().wmemQueued, inUse(m.k)]).toEqual([0, NOTHING]);
  });

  test('tcp_collapse_retrans: small neighbours with pages go again as one from 4.10 on, by skb_shift', () => {
    const m = connected({ era });
    const [a, b] = [m.page(), m.page()];
    for (const page of [a, b]) {
      m.lend(page, 0, 100);
      m.drain();
    }
    expect(m.queue.map((skb) => skb.len)).toEqual([100, 100]);
    m.fireRto();
    expect(m.queue.map((skb) => skb.shinfo.nrFrags)).toEqual(m.k.era.collapseShifts ? [2] : [1, 1]);
    expect([P(a), P(b), m.sk.packetsOut]).toEqual([1, 1, m.queue.length]);
    m.run();
    expect([P(a), P(b), m.accounts().wmemQueued]).toEqual([0, 0, 0]);
  });
});

test('a chain of packets behind a packet is shared by count, and read in order', () => {
  for (const era of eras) {
    const { k, skb, bytes, pages } = threePages(era);
    const member = packet(k, 50, [pages[0], 2000, 50]);
    const all = Buffer.concat([bytes, contents(k, member)]);
    skb.shinfo.fragList = member;
    skb.len += 100;
    skb.dataLen += 100;
    const n = pskbCopy(k, skb);
    expect([member.users, contents(k, n)]).toEqual([2, all]);
    pskbExpandHead(k, skb, 0, 0);
    expect([member.users, contents(k, skb)]).toEqual([2, all]);
    expect(contents(k, skbCopy(k, n))).toEqual(all);
    kfreeSkb(k, skb);
    pskbPullTail(k, n, 3070); // all pages, and 70 bytes of the member
    expect([contents(k, n), pages.map(P)]).toEqual([all, [1, 0, 0]]);
    kfreeSkb(k, n);
    expect([pages.map(P), k.fclones.used]).toEqual([[0, 0, 0], 0]);
  }
});
