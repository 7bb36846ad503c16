// What a line of the sk_buff layer does for designs and kernels that no script of a running kernel has: mutants of these
// lines survive the kept answers (src/mutants/reasons.ts), and are seen here.
import {
  Kernel,
  NoProbe,
  allocPage,
  allocSkb,
  eraOf,
  pskbExpandHead,
  skbGroReceiveList,
  skbPut,
  skbSegment,
  skbTryCoalesce,
  skbZerocopy,
  type Design,
  type Loan,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import { design as pagePool } from '@lastref/strategies/page-pool';
import { design as ubufOrphan } from '@lastref/strategies/ubuf-orphan';
import { expect, test } from 'vitest';

/** A machine with one page that is lent. */
function machine(design: Design, era: string): { k: Kernel; page: Page; loan: Loan } {
  const k = new Kernel(design, eraOf(era)!, new NoProbe(), 32);
  return { k, page: allocPage(k), loan: k.newLoan(1, 0) };
}

/** A packet of `linear` bytes and 2000 of the page: more than any room that is left in a head. */
function packet(k: Kernel, linear: number, page: Page, loan: Loan): SkBuff {
  const skb = allocSkb(k, linear, false);
  skbPut(skb, linear);
  k.lifetime.lend(skb, page, 0, 2000, loan);
  skb.len += 2000;
  skb.dataLen += 2000;
  return skb;
}

/** Another holder of its data, whoever that is. */
function share(skb: SkBuff): void {
  skb.cloned = 1;
  skb.shinfo.dataref++;
}

const pagesOf = ({ shinfo }: SkBuff): Page[] =>
  shinfo.frags.slice(0, shinfo.nrFrags).map((frag) => frag.page);

test('pskb_expand_head that takes references anew has private copies of what a guest lent first', () => {
  const { k, page, loan } = machine(ubufOrphan, '2.6.24');
  const skb = packet(k, 100, page, loan);
  pskbExpandHead(k, skb, 0, 0);
  expect(pagesOf(skb)).not.toContain(page);
});

test('skb_zerocopy puts no page that a guest lent into a netlink message', () => {
  const { k, page, loan } = machine(ubufOrphan, '4.14');
  expect(pagesOf(skbZerocopy(k, packet(k, 100, page, loan)))).not.toContain(page);
});

test('skb_segment takes private copies of what a packet has of a guest, and a member of its frag_list', () => {
  const { k, page, loan } = machine(ubufOrphan, '4.14');
  const skb = packet(k, 120, page, loan);
  skbGroReceiveList(k, skb, packet(k, 0, page, loan));
  skb.headers = 20;
  skb.shinfo.gsoSize = 100;
  const pages: Page[] = [];
  for (let s: SkBuff | null = skbSegment(k, skb, true); s !== null; s = s.next)
    pages.push(...pagesOf(s));
  expect(pages).not.toEqual([]);
  expect(pages).not.toContain(page);
});

test('skb_try_coalesce of 6.1 takes no page of a pool from a clone; that of 6.12 does', () => {
  const joined = (era: string): boolean => {
    const { k, page, loan } = machine(pagePool, era);
    const from = packet(k, 0, page, loan);
    share(from);
    return skbTryCoalesce(k, packet(k, 100, page, loan), from);
  };
  expect([joined('6.1.192'), joined('debian-6.12.117')]).toEqual([false, true]);
});
