// In a machine where any step may come next there are few pages, and a run that has none left ends half way through its step.
// Who is wrong, and asks for pages until there are none before anybody looks, would be called right: nothing was found, in
// each run that came to its end.
import {
  Halt,
  GetPutPage,
  allocPage,
  allocSkb,
  eraOf,
  type Design,
  type Kernel,
  type Page,
  type Services,
  type SkBuff,
} from '@lastref/kernel';
import { DEFAULT_BOUND, Swarm, explore, type Exploration } from '@lastref/search';
import { miniature, workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { bareKernel } from '../../kernel/test/machine.ts';
import { share } from '../src/candidates/shared.ts';
import { mustHaveRoom, mustStaySmall } from '../src/tape/room.ts';
import { Books, designOf, playing, said, tapeOf } from './taped.ts';

/** Tells the producer when a packet is sent again, while its queue still has the pages; and asks for `pages` before that shows. */
class Eats extends Books {
  sent = 0;
  readonly pages: number;

  constructor(services: Services, pages: number) {
    super(services);
    this.pages = pages;
  }

  override clone(skb: SkBuff): 0 {
    const { frags, nrFrags } = skb.shinfo;
    const { loan = null, page } = nrFrags === 0 ? {} : frags[0]!;
    if (loan !== null && ++this.sent === 2) {
      this.k.complete(loan);
      for (let i = 0; i < this.pages; i++) this.k.copyPage(page!, 0, 1);
    }
    return super.clone(skb);
  }
}
/** Sends copies. */
class Copies extends GetPutPage {
  override lend(skb: SkBuff, page: Page, offset: number, size: number): void {
    this.k.fillPageDesc(skb, this.k.copyPage(page, offset, size), offset, size);
  }
}
share({ Eats, Copies });

const RANDOM = { runs: 40, steps: 60, failures: false };

const eating = (pages: number): Design => designOf((services) => new Eats(services, pages));

/** A machine of the searches has 64 pages. */
function search(design: Design, frames = 64): Exploration {
  const workload = { ...miniature(workloadCalled('loopback-slow-reader')!, 1), frames };
  return explore({ design, workload, era: eraOf('3.8')!, seed: 1 }, { bound: DEFAULT_BOUND });
}

const LINE = /^48 of the machine's 64 pages are in use, and 4\d of them in no packet$/;

test('who takes all pages of the machine before his mistake shows has no verdict', () => {
  let found: Exploration | null = null;
  said(eating(0), (design) => (found = search(design)), true);
  expect(found).toMatchObject({ result: 'refuted', finding: { property: 'early' } });
  expect(() => said(eating(1000), search, true)).toThrow(LINE);
});

test('nor is anything proven where nobody stands between it and the machine', () => {
  expect(search(eating(0))).toMatchObject({ result: 'refuted', finding: { property: 'early' } });
  const { result, reason } = search(eating(1000));
  expect([result, reason]).toEqual([
    'not-a-proof',
    expect.stringMatching(/^in \d+ states no page frame was left, and most of them in no packet/),
  ]);
});

test('nor where only who judges counts them', () => {
  const words = said(eating(60), (design) => void search(design, 256));
  expect(() => search(playing(eating(60), tapeOf(words)))).toThrow(LINE);
});

test('a run at random over UDP may come to its end so: nobody searches, and packets have the pages', () => {
  const workload = miniature(workloadCalled('nfs-udp')!, 2);
  const runs = (design: Design): unknown =>
    new Swarm({ design, workload, era: eraOf('2.6.24')!, seed: 303145486 }, RANDOM).run().steps;
  const copies = designOf((services) => new Copies(services));
  let steps: unknown = 0;
  const words = said(copies, (design) => (steps = runs(design)));
  expect(steps).toBe(runs(copies));
  expect(runs(playing(copies, tapeOf(words)))).toBe(steps);
});

/** A machine in which any step may come next, with this many pages in use and these in packets. */
function machine(used: number, inPackets: number): Kernel {
  const k = bareKernel({ frames: 64 });
  k.agenda.stopped = true;
  let skb: SkBuff | null = null;
  for (let n = 0; n < used; n++) {
    const page = allocPage(k);
    if (n >= inPackets) continue;
    if (skb === null || skb.shinfo.nrFrags === 16) skb = allocSkb(k, 128, true);
    k.fillPageDesc(skb, page, 0, 4096);
  }
  return k;
}

test('pages that packets have are many where packets are: over UDP they wait without end', () => {
  expect(() => mustStaySmall(machine(64, 33))).not.toThrow();
  expect(() => mustStaySmall(machine(47, 0))).not.toThrow();
  expect(() => mustStaySmall(machine(48, 23))).toThrow('25 of them in no packet');
});

test('a data area that somebody keeps and no packet has is none that waits', () => {
  const k = bareKernel({ frames: 64 });
  k.agenda.stopped = true;
  for (let n = 0; n < 3; n++) {
    const skb = allocSkb(k, 128, true);
    for (let i = 0; i < 16; i++) k.fillPageDesc(skb, allocPage(k), 0, 4096);
    k.getData(skb.shinfo);
    k.unshare(skb);
    skb.shinfo.nrFrags = 0;
  }
  expect(() => mustStaySmall(k)).toThrow('48 of them in no packet');
});

test('a run that ended as no page was left is none that came to its end', () => {
  const k = machine(64, 64);
  expect(() => mustHaveRoom(k)).not.toThrow();
  k.agenda.halted = Halt.CUT;
  expect(() => mustHaveRoom(k)).toThrow('all 64 pages of the machine are in use');
  const other = machine(63, 0);
  other.agenda.halted = Halt.CUT; // somebody waits for a lock
  expect(() => mustHaveRoom(other)).not.toThrow();
});
