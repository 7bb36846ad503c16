// Bytes that leave their pages for a head, a pipe or another socket: the right ones, from where they stand, and nobody is left who
// should be told of it.
import { describe, expect, test } from 'vitest';
import {
  COPY,
  Destructor,
  KernelBug,
  PAGE_SIZE,
  Pipe,
  SHARE,
  Sock,
  allocSkb,
  getPage,
  groPullFromFrag0,
  kfreeSkb,
  pskbCopy,
  pskbPullTail,
  skbSendSock,
  skbSetOwnerW,
  skbSpliceBits,
  type CloneAnswer,
  type Kernel,
  type Page,
  type Services,
  type SkBuff,
} from '../src/index.ts';
import { P, bareKernel, connected, contents, mainline, newPage } from './machine.ts';
import { packet } from './packets.ts';

/** Each byte of `page` says where it stands. */
function numbered(k: Kernel, page: Page): void {
  for (let i = 0; i < PAGE_SIZE; i++) k.mem[page.address + i] = (i * 7 + (i >> 8)) & 0xff;
}

describe('headers that GRO takes out of a first page', () => {
  /** A packet without linear bytes: 200 of a page from its byte 300 on. */
  function headless(k: Kernel): { skb: SkBuff; page: Page } {
    const page = newPage(k);
    numbered(k, page);
    const skb = allocSkb(k, 256, false);
    getPage(k, page);
    k.fillPageDesc(skb, page, 300, 200);
    skb.len += 200;
    skb.dataLen += 200;
    return { skb, page };
  }

  test('are those of the entry, which begins behind them', () => {
    const k = bareKernel({ era: '7.2.13' });
    const { skb, page } = headless(k);
    const before = contents(k, skb);
    groPullFromFrag0(k, skb, 52);
    expect(contents(k, skb)).toEqual(before);
    const { pageOffset, size } = skb.shinfo.frags[0]!;
    expect([pageOffset, size, skb.len, skb.dataLen, P(page)]).toEqual([352, 148, 200, 148, 1]);
  });

  test('are no more than the entry has, nor than the head has room for, of a packet that has none', () => {
    const k = bareKernel({ era: '7.2.13' });
    expect(() => groPullFromFrag0(k, headless(k).skb, 201)).toThrow(KernelBug);
    const wide = headless(k).skb;
    wide.shinfo.frags[0]!.size = 1000;
    wide.tail = wide.data = wide.shinfo.end - 20; // no linear bytes, and room for 20
    expect(() => groPullFromFrag0(k, wide, 21)).toThrow(KernelBug);
    const linear = packet(k, 10, [newPage(k), 0, 100]);
    expect(() => groPullFromFrag0(k, linear, 10)).toThrow(KernelBug);
  });
});

describe('a packet that is pulled', () => {
  const copiedBy = (bytes: number): Page[] => {
    const k = bareKernel({ era: '7.2.13' });
    const [a, b] = [newPage(k), newPage(k)];
    const skb = packet(k, 100, [a, 0, 1000]);
    skb.shinfo.fragList = packet(k, 0, [b, 0, 1000]);
    skb.len += 1000;
    skb.dataLen += 1000;
    const seen: Page[] = [];
    k.probe.copied = (page) => void seen.push(page);
    pskbPullTail(k, skb, bytes);
    return seen;
  };

  test('to its end has copies in place of all its pages, those of its list too; and before that of none', () => {
    expect(copiedBy(2000)).toHaveLength(2);
    expect(copiedBy(1999)).toEqual([]);
  });
});

test('who copies at pskb_copy has a packet without pages', () => {
  const answer = (clone: CloneAnswer) => (k: Services) =>
    Object.assign(mainline.create(k), { clone: () => clone });
  const left = (clone: CloneAnswer): number[] => {
    const k = bareKernel({ era: '7.2.13', design: { ...mainline, create: answer(clone) } });
    const skb = packet(k, 100, [newPage(k), 0, 1000]);
    const copy = pskbCopy(k, skb);
    expect(contents(k, copy)).toEqual(contents(k, skb));
    return [copy.shinfo.nrFrags, copy.dataLen];
  };
  expect([left(SHARE), left(COPY)]).toEqual([
    [1, 1000],
    [0, 0],
  ]);
});

test.each([
  ['of a socket', Destructor.SOCK_WFREE, 0],
  ['of a design, chained to that of its socket', Destructor.DESIGN, 0],
  ['of a receiver', Destructor.SOCK_RFREE, 1],
])('a destructor %s gives its charge back', (_, destructor, left) => {
  const k = bareKernel({ era: '7.2.13' });
  const sk = new Sock();
  const skb = packet(k, 100);
  skbSetOwnerW(k, skb, sk);
  const { truesize } = skb;
  skb.destructor = destructor;
  sk.rmemAlloc = truesize;
  kfreeSkb(k, skb);
  expect([sk.wmemAlloc, sk.rmemAlloc]).toEqual([left * truesize, (1 - left) * truesize]);
});

test('linear bytes that fill more than a page go into a pipe in their order, from where they are asked for', () => {
  const k = bareKernel({ era: '7.2.13' });
  const skb = packet(k, PAGE_SIZE + 900);
  const want = contents(k, skb).subarray(10);
  const pipe = new Pipe(k);
  expect(skbSpliceBits(k, skb, 10, skb.len - 10, pipe, false)).toBe(skb.len - 10);
  const got = pipe.buffers.map(({ page, pageOffset, size }) => {
    const at = page.address + pageOffset;
    return Buffer.from(k.mem.subarray(at, at + size));
  });
  expect(Buffer.concat(got)).toEqual(Buffer.from(want));
});

test('a packet with a list goes on whole to another socket', () => {
  const { k, sk } = connected({ era: '7.2.13' });
  const skb = packet(k, 100);
  const members = [packet(k, 200), packet(k, 300)] as const;
  skb.shinfo.fragList = members[0];
  members[0].next = members[1];
  skb.len += 500;
  skb.dataLen += 500;
  const carried: number[] = [];
  k.probe.carried = (_flow, _at, taken) => void carried.push(taken);
  expect([skbSendSock(k, sk, skb), carried]).toEqual([600, [100, 200, 300]]);
});
