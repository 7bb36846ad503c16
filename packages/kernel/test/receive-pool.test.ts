// A driver that lends what it receives: which page the device fills next, and what a frame without one comes to.
import { describe, expect, test } from 'vitest';
import {
  Kernel,
  Nic,
  NoProbe,
  PAGE_SIZE,
  PageHome,
  ReceivePool,
  Side,
  Site,
  allocHomePage,
  eraOf,
  kfreeSkb,
  skbClone,
  type Design,
  type NetDevice,
  type Page,
  type SkBuff,
} from '../src/index.ts';
import { atReturn, perFrag } from './designs.ts';

const FRAME = { size: PAGE_SIZE, saddr: 1, daddr: 2, port: 7 };

/** A pool of `pages` pages behind a device whose packets somebody keeps in `kept`. */
function received(design: Design, pages = 2) {
  const k = new Kernel(design, eraOf('5.10.223')!, new NoProbe(), 16);
  const features = { sg: true, csum: true, tso: true, gso: true };
  const config = { features, mtu: 9000, ringSize: 4, dmaTicks: 0, txDoneTicks: 0 };
  const device: NetDevice = new Nic(k, 'eth0', config);
  const kept: SkBuff[] = [];
  device.receiver = { receive: (skb) => void kept.push(skb) };
  const ring = Array.from({ length: pages }, () => allocHomePage(k, PageHome.GENERAL));
  const pool = new ReceivePool(k, device, Side.LENT, ring);
  k.producers = pool;
  const filled: Page[] = [];
  const arrives = (frame = FRAME) => pool.arrives(frame, (page) => void filled.push(page));
  return { k, pool, kept, filled, arrives };
}

const free = (k: Kernel, kept: SkBuff[]) => kfreeSkb(k, kept.shift()!);

describe('a page is filled again', () => {
  test('once whoever had the packet has let go, behind those that wait', () => {
    const { k, kept, filled, arrives } = received(perFrag);
    arrives();
    free(k, kept);
    arrives();
    arrives();
    expect(filled[1]).not.toBe(filled[0]);
    expect(filled[2]).toBe(filled[0]);
  });

  test('at once, where the design says that passing it up was the end of it', () => {
    const { kept, filled, arrives } = received(atReturn, 1);
    arrives();
    arrives();
    expect(filled[1]).toBe(filled[0]);
    expect(kept.map((skb) => skb.shinfo.frags[0]!.page)).toEqual([filled[0], filled[0]]);
  });

  test('not while a clone of it is kept', () => {
    const { k, pool, kept, arrives } = received(perFrag, 1);
    arrives();
    const clone = skbClone(k, kept[0]!, Site.TAP);
    free(k, kept);
    expect(pool.home).toBe(0);
    kfreeSkb(k, clone);
    expect(pool.home).toBe(1);
  });
});

describe('a frame', () => {
  test('that finds no buffer is lost, and takes none', () => {
    const { k, pool, kept, filled, arrives } = received(perFrag, 2);
    arrives({ ...FRAME, size: 2 * PAGE_SIZE });
    arrives();
    arrives();
    expect([pool.missed, kept.length]).toEqual([2, 1]);
    free(k, kept);
    arrives({ ...FRAME, size: 2 * PAGE_SIZE });
    expect([pool.missed, filled.length]).toEqual([2, 4]);
  });

  test('larger than all pages that are left puts them back in their order', () => {
    const usual = received(perFrag, 3);
    for (let n = 0; n < 3; n++) usual.arrives();
    const { pool, filled, arrives } = received(perFrag, 3);
    arrives();
    arrives({ ...FRAME, size: 3 * PAGE_SIZE });
    arrives();
    arrives();
    expect(pool.missed).toBe(1);
    expect(filled.map((page) => page.slot)).toEqual(usual.filled.map((page) => page.slot));
  });

  test('for which there is no head is lost, and its page comes home', () => {
    const { k, pool, kept, arrives } = received(perFrag, 1);
    k.failIn = 1;
    arrives();
    expect([kept.length, pool.home]).toEqual([0, 1]);
    arrives();
    expect(kept.length).toBe(1);
  });

  test('stands behind its headers, and says whom it is for', () => {
    const { k, kept, arrives } = received(perFrag);
    arrives();
    const [skb] = kept;
    expect([skb!.len, skb!.dataLen, skb!.headers]).toEqual([PAGE_SIZE + 28, PAGE_SIZE, 28]);
    expect(k.mem[skb!.data + 23]).toBe(FRAME.port);
  });
});
