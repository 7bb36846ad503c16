// What a design puts into a packet is what was lent: one frag, of these bytes, in the lent page or in a copy of them.
import { expect, test } from 'vitest';
import {
  GetPutPage,
  SeamMisuse,
  allocSkb,
  lendFrag,
  type Design,
  type Page,
  type Services,
  type SkBuff,
} from '../src/index.ts';
import { bareKernel, mainline, newPage } from './machine.ts';

type Puts = (k: Services, skb: SkBuff, page: Page) => void;

/** A packet to which bytes 100 to 700 of a page were lent, by a design that puts in what `puts` does. */
function lent(puts: Puts): SkBuff {
  class Odd extends GetPutPage {
    override lend(skb: SkBuff, page: Page): void {
      puts(this.k, skb, page);
    }
  }
  const design: Design = { ...mainline, id: 'odd', create: (services) => new Odd(services) };
  const k = bareKernel({ design });
  const skb = allocSkb(k, 64, false);
  lendFrag(k, skb, newPage(k), 100, 600, k.loans.alloc(), false);
  return skb;
}

test('the lent page itself, or a copy of these bytes, is what was lent', () => {
  expect(lent((k, skb, page) => k.fillPageDesc(skb, page, 100, 600)).shinfo.nrFrags).toBe(1);
  const copied = lent((k, skb, page) => {
    k.fillPageDesc(skb, k.copyPage(page, 100, 600), 100, 600);
  });
  expect(copied.shinfo.nrFrags).toBe(1);
});

const OTHER = 'put other bytes into skb#0 than those that are lent';
const ONE = 'did not add exactly one frag to skb#0';
const WRONG: Readonly<Record<string, readonly [says: string, puts: Puts]>> = {
  'another part of the page': [OTHER, (k, skb, page) => k.fillPageDesc(skb, page, 101, 600)],
  'a copy of fewer bytes than it sends': [
    OTHER,
    (k, skb, page) => k.fillPageDesc(skb, k.copyPage(page, 100, 599), 100, 600),
  ],
  'a copy at another place': [
    OTHER,
    (k, skb, page) => k.fillPageDesc(skb, k.copyPage(page, 100, 600), 99, 600),
  ],
  'fewer bytes': [
    'put 599 bytes into skb#0, where 600 are lent',
    (k, skb, page) => k.fillPageDesc(skb, page, 100, 599),
  ],
  nothing: [ONE, () => {}],
  'two frags': [
    ONE,
    (k, skb, page) => {
      k.fillPageDesc(skb, page, 100, 600);
      k.fillPageDesc(skb, page, 100, 600);
    },
  ],
};

test.each(Object.entries(WRONG))('%s is not, and a rule of the seam', (_, [says, puts]) => {
  expect(() => lent(puts)).toThrow(SeamMisuse);
  expect(() => lent(puts)).toThrow(`lend of odd ${says}`);
});
