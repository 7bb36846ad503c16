// Memory of a device in a packet: who only passes it on does so, who would read it is refused, and nothing has changed then.
import { describe, expect, test } from 'vitest';
import {
  Loopback,
  NoMemory,
  PacketSock,
  Site,
  allocSkb,
  bindDeviceMemory,
  checksumHelp,
  kfreeSkb,
  pskbCopy,
  pskbTrim,
  skbClone,
  skbCopy,
  skbCopyExpand,
  skbCopyUbufs,
  skbFragsReadable,
  skbLinearize,
  skbPut,
  skbTryCoalesce,
  type Kernel,
  type Page,
  type SkBuff,
} from '../src/index.ts';
import { NOTHING, bareKernel, inUse, newPage, waiting } from './machine.ts';

/** Headers, and a page of a device, or an ordinary one. */
function received(era = '7.2.13', device = true): { k: Kernel; skb: SkBuff; page: Page } {
  const k = bareKernel({ era });
  const page = newPage(k);
  if (device) bindDeviceMemory(k, page);
  return { k, skb: packetOf(k, page), page };
}

function packetOf(k: Kernel, page: Page): SkBuff {
  const skb = allocSkb(k, 64, false);
  skbPut(skb, 52);
  skb.headers = 52;
  k.getPage(page);
  k.fillPageDesc(skb, page, 0, 4096);
  skb.len += 4096;
  skb.dataLen += 4096;
  return skb;
}

const READS: readonly (readonly [string, (k: Kernel, skb: SkBuff) => void])[] = [
  ['skb_copy', (k, skb) => void skbCopy(k, skb)],
  ['skb_copy_expand', (k, skb) => void skbCopyExpand(k, skb, 0, 0)],
  ['skb_copy_ubufs', skbCopyUbufs],
  ['skb_linearize', skbLinearize],
  ['skb_checksum_help', checksumHelp],
];

test.each(READS)('%s is refused, and the packet is as it was', (_, reads) => {
  const { k, skb, page } = received();
  expect(() => reads(k, skb)).toThrow(NoMemory);
  expect([k.refusals, skb.len, skb.dataLen, skb.shinfo.nrFrags, page.count]).toEqual([
    1, 4148, 4096, 1, 2,
  ]);
  kfreeSkb(k, skb);
  expect([inUse(k), page.count]).toEqual([NOTHING, 1]);
});

test.each(READS.slice(0, 4))('%s reads an ordinary page', (_, reads) => {
  const { k, skb } = received('7.2.13', false);
  expect(() => reads(k, skb)).not.toThrow();
});

test('a copy of the head, a clone, and what is left behind a trim: pages go by reference', () => {
  const { k, skb, page } = received();
  const copy = pskbCopy(k, skb);
  expect([page.count, skbFragsReadable(k, copy)]).toEqual([3, false]);
  pskbTrim(k, copy, 52);
  expect([page.count, skbFragsReadable(k, copy)]).toEqual([2, true]);
});

test('a packet is joined with one of its kind alone', () => {
  const { k, skb } = received();
  expect(skbTryCoalesce(k, skb, packetOf(k, newPage(k)))).toBe(false);
  expect(skbTryCoalesce(k, packetOf(k, newPage(k)), skb)).toBe(false);
});

describe('on its way', () => {
  test('a tap gets the headers', () => {
    const { k, skb, page } = received();
    const tap = new PacketSock(k, 'tap', 0);
    tap.receive(skbClone(k, skb, Site.TAP));
    expect(waiting(tap).map((s) => [s.len, s.shinfo.nrFrags])).toEqual([[52, 0]]);
    expect(page.count).toBe(2); // the packet's own
  });

  test('a device that reads no such memory gets nothing, others do', () => {
    for (const [device, drops] of [
      [true, 1],
      [false, 0],
    ] as const) {
      const { k, skb } = received('7.2.13', device);
      const lo = new Loopback(k);
      lo.queueXmit(skb);
      expect([lo.drops, waiting(lo).length]).toEqual([drops, 1 - drops]);
    }
  });

  test('kernels before 6.12 have no such memory', () => {
    expect(() => received('6.1.192')).toThrow('net_devmem_bind_dmabuf in 6.1.192');
  });
});
