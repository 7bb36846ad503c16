// One skb, one ubuf_info: what segmentation, and the end of a data area, do with the owners of pages.
import { describe, expect, test } from 'vitest';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import {
  ERAS,
  GetPutPage,
  espInput,
  fragAt,
  kfreeSkb,
  skbSegment,
  type Design,
  type Kernel,
  type SkBuff,
} from '../src/index.ts';
import { bareKernel, contents, mainline, newPage } from './machine.ts';
import { packet } from './packets.ts';

const HEADERS = 40;

/** A packet of `linear` bytes in front of one page that `producer` has lent. */
function lent(k: Kernel, linear: number, producer: number, bytes: number): SkBuff {
  const skb = packet(k, linear);
  const loan = k.newLoan(producer, 1);
  k.lifetime.lend(skb, newPage(k), 0, bytes, loan);
  skb.len += bytes;
  skb.dataLen += bytes;
  k.lifetime.released(loan);
  return skb;
}

/** Segments of a head and, behind it, a packet without linear bytes, of two owners: as GRO joined them once. */
function segments(mss: number): { k: Kernel; head: SkBuff; made: SkBuff[] } {
  const k = bareKernel({ era: '5.10.223', design: msgZerocopy });
  const head = lent(k, HEADERS, 0, 1000);
  head.headers = HEADERS;
  const behind = lent(k, 0, 1, 1000);
  head.shinfo.fragList = behind;
  head.len += behind.len;
  head.dataLen += behind.len;
  head.shinfo.gsoSize = mss;
  const made: SkBuff[] = [];
  for (let s: SkBuff | null = skbSegment(k, head, true); s !== null; s = s.next) made.push(s);
  for (const s of made) s.next = null;
  return { k, head, made };
}

const owner = (skb: SkBuff): number | null => skb.shinfo.loan?.producer ?? null;
const told = (k: Kernel): unknown[] => k.zerocopyQueues.map((q) => q?.pending.length ?? 0);

describe('segments of a packet whose list belongs to another owner', () => {
  test('that begin in the list have the owner of the list, and not that of the head', () => {
    const { made } = segments(1000);
    expect(made.map(owner)).toEqual([0, 1]);
  });

  test('that pass from one to the other go on with copies of what they had', () => {
    const { made, k, head } = segments(800);
    expect(made.map(owner)).toEqual([0, 1, 1]);
    const [, between] = made;
    expect(between!.shinfo.nrFrags).toBe(2);
    expect(fragAt(between!.shinfo, 0).page).not.toBe(fragAt(head.shinfo, 0).page);
    expect(contents(k, between!).subarray(HEADERS)).toEqual(
      contents(k, head).subarray(HEADERS + 800, HEADERS + 1600),
    );
  });

  test('tell both owners when the last of them is gone', () => {
    const { k, head, made } = segments(800);
    kfreeSkb(k, head);
    for (const s of made) kfreeSkb(k, s);
    expect(told(k)).toEqual([1, 1]);
  });
});

test.each(ERAS.map(({ id }) => id))('ESP in %s writes over marked frags, or not', (era) => {
  const marked: Design = {
    ...mainline,
    create: (k) => Object.assign(new GetPutPage(k), { mayWriteFrags: () => false }),
  };
  const k = bareKernel({ era, design: marked });
  const page = newPage(k);
  const skb = packet(k, HEADERS, [page, 0, 100]);
  skb.headers = HEADERS;
  espInput(k, skb);
  expect(page.writes > 0).toBe(['4.14', '5.10.223'].includes(era));
});
