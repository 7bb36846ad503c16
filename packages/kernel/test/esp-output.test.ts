// What ESP encrypts into a page of its own, and what it makes private first: by how much there is, in how many entries, and
// whether it hangs together by a frag_list.
import { expect, test } from 'vitest';
import { Cryptd, PAGE_SIZE, espOutput, kfreeSkb, type Page } from '../src/index.ts';
import { P, bareKernel, newPage } from './machine.ts';
import { packet } from './packets.ts';

/** Does a page wait for the engine, and not a copy of it, where a packet carries `frags` of it? */
function waits(era: string, frags: readonly number[], onList = false): boolean {
  const k = bareKernel({ era });
  const page = newPage(k);
  const entries = frags.map((size): [Page, number, number] => [page, 0, size]);
  const skb = packet(k, 40, ...entries);
  skb.headers = 40;
  if (onList) {
    const behind = packet(k, 10);
    skb.shinfo.fragList = behind;
    skb.len += behind.len;
    skb.dataLen += behind.len;
  }
  const before = P(page);
  const engine = new Cryptd(k);
  espOutput(k, skb, engine, (done) => kfreeSkb(k, done));
  const kept = P(page) === before;
  engine.take();
  expect(P(page)).toBe(before - frags.length);
  return kept;
}

test.each([
  ['3.18', false],
  ['4.14', true],
  ['7.2.13', true],
])('in Linux %s half a page', (era, kept) => {
  expect(waits(era, [PAGE_SIZE / 2])).toBe(kept); // from 4.11 on
});

test.each([
  ['4.14', true],
  ['5.10.223', true],
  ['6.1.192', false],
  ['debian-6.12.117', false],
  ['7.2.13', false],
])(
  'in Linux %s a page to the last byte: its trailer has to fit, too, since CVE-2026-63912',
  (era, kept) => {
    expect(waits(era, [PAGE_SIZE])).toBe(kept);
    expect(waits(era, [PAGE_SIZE - 2])).toBe(true);
  },
);

test('not what hangs together by a frag_list, nor what has no entry left for a trailer', () => {
  expect(waits('7.2.13', [100], true)).toBe(false);
  const full = bareKernel({ era: '7.2.13' }).era.maxSkbFrags;
  const sizes = (n: number) => Array.from({ length: n }, () => 100);
  expect([full - 1, full].map((n) => waits('7.2.13', sizes(n)))).toEqual([true, false]);
});
