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

/** A packet of `linear` bytes and a page, lent by a producer or nobody's. */
interface Part {
  readonly producer: number | null;
  readonly linear: number;
  readonly page: number;
}

/** Segments of a head and of packets of other owners behind it: as GRO joined them once. */
function segments(mss: number, ...behind: Part[]): { k: Kernel; head: SkBuff; made: SkBuff[] } {
  const k = bareKernel({ era: '5.10.223', design: msgZerocopy });
  const head = lent(k, HEADERS, 0, 1000);
  head.headers = HEADERS;
  for (const { producer, linear, page } of behind.toReversed()) {
    const skb =
      producer === null
        ? packet(k, linear, [newPage(k), 0, page])
        : lent(k, linear, producer, page);
    skb.next = head.shinfo.fragList;
    head.shinfo.fragList = skb;
    head.len += skb.len;
    head.dataLen += skb.len;
  }
  head.shinfo.gsoSize = mss;
  const made: SkBuff[] = [];
  for (let s: SkBuff | null = skbSegment(k, head, true); s !== null; s = s.next) made.push(s);
  for (const s of made) s.next = null;
  return { k, head, made };
}

const owner = (skb: SkBuff): number | null => skb.shinfo.loan?.producer ?? null;

/** What each owner is told when head and segments are gone: was its page copied? */
function told({ k, head, made }: ReturnType<typeof segments>): (boolean | undefined)[] {
  kfreeSkb(k, head);
  for (const s of made) kfreeSkb(k, s);
  return k.zerocopyQueues.map((queue) => queue?.pending[0]?.copied);
}

describe('segments of a packet whose list belongs to another owner', () => {
  const pages: Part = { producer: 1, linear: 0, page: 1000 };

  test('have the owner of their pages, and those that pass from one to the other go on with copies', () => {
    const { made, k, head } = segments(800, pages);
    expect(made.map(owner)).toEqual([0, 1, 1]);
    const [, between] = made;
    expect(between!.shinfo.nrFrags).toBe(2);
    expect(fragAt(between!.shinfo, 0).page).not.toBe(fragAt(head.shinfo, 0).page);
    expect(contents(k, between!).subarray(HEADERS)).toEqual(
      contents(k, head).subarray(HEADERS + 800, HEADERS + 1600),
    );
  });

  // skb_zerocopy_clone has the head's before the first page of the list is looked at, and skb_copy_ubufs gives it up.
  test.each([800, 1000])(
    'of %i bytes tell both at the end, the first that it was copied',
    (mss) => {
      expect(told(segments(mss, pages))).toEqual([true, false]);
    },
  );

  test('count the owner of a packet that goes on as it is once', () => {
    const short: Part = { producer: 1, linear: 10, page: 490 };
    const cut = segments(1000, short, { producer: null, linear: 0, page: 500 });
    expect(cut.made.map(owner)).toEqual([0, 1]);
    expect(told(cut)).toEqual([false, false]);
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
