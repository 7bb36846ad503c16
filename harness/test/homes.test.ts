// Pages that do not come from the free list: who counts them, and where they go. And notifications of send calls:
// which are joined, and whose word on copies stands.
import {
  Kernel,
  NoProbe,
  PageHome,
  Site,
  allocHomePage,
  allocSkb,
  eraOf,
  kfreeSkb,
  pagePoolPut,
  pagePoolRef,
  pskbExpandHead,
  sendpageOk,
  skbClone,
  takeHome,
  type Page,
  type Probe,
} from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { allDesigns } from '@lastref/runner';

const designs = (await allDesigns()).map((file) => file.design);

/** A machine under `id`, and what its probe hears of pages and notifications. */
function room(id: string) {
  const heard: string[] = [];
  const probe: Probe = Object.assign(new NoProbe(), {
    pageFreed: (_: Page, to: PageHome) =>
      heard.push(['free', 'pool', 'guest', 'slab', 'user'][to]!),
    pageDisowned: () => heard.push('given up'),
    notified: (_: number, lo: number, hi: number, copied: boolean) =>
      heard.push(`${lo} to ${hi}${copied ? ', copied' : ''}`),
  });
  const k = new Kernel(
    designs.find((d) => d.id === id)!,
    eraOf('6.1')!,
    probe,
    16,
  );
  return { k, heard };
}

describe('a page of a pool', () => {
  test('goes home with its last reference, if nobody has one of another kind', () => {
    const { k, heard } = room('naive-sendpage');
    const page = allocHomePage(k, PageHome.POOL);
    pagePoolRef(k, page);
    expect([pagePoolPut(k, page), heard]).toEqual([false, []]);
    expect([pagePoolPut(k, page), heard]).toEqual([true, ['pool']]);
    expect([page.count, k.pagePool.inflight]).toEqual([1, 0]);
  });

  test('leaves the pool if somebody has, and is an ordinary page from then on', () => {
    const { k, heard } = room('naive-sendpage');
    const page = allocHomePage(k, PageHome.POOL);
    k.getPage(page);
    expect([pagePoolPut(k, page), page.home, heard]).toEqual([
      false,
      PageHome.GENERAL,
      ['given up'],
    ]);
    k.putPage(page);
    expect([page.live, heard]).toEqual([false, ['given up', 'free']]);
  });

  /** A packet of one page that the pool lent, its clone, and its head expanded: two sk_buffs, two shared infos. */
  function expanded() {
    const { k, heard } = room('page-pool');
    const page = allocHomePage(k, PageHome.POOL);
    const loan = k.newLoan(0, 0);
    const skb = allocSkb(k, 64, false);
    k.lifetime.lend(skb, page, 0, 4096, loan);
    k.lifetime.released(loan);
    skb.len = skb.dataLen = 4096;
    const clone = skbClone(k, skb, Site.TAP);
    pskbExpandHead(k, skb, 64, 0);
    return { k, heard, page, loan, skb, clone };
  }

  test('whose packet was cloned and expanded does not go home twice: the marked one last', () => {
    const { k, heard, page, loan, skb, clone } = expanded();
    expect([skb.ppRecycle, clone.ppRecycle]).toEqual([0, 1]);
    kfreeSkb(k, skb);
    expect([loan.completed, heard]).toEqual([false, []]);
    kfreeSkb(k, clone);
    expect([loan.completed, heard, page.count]).toEqual([true, ['pool'], 1]);
  });

  test('whose packet was cloned and expanded does not go home twice: the marked one first', () => {
    const { k, heard, page, loan, skb, clone } = expanded();
    kfreeSkb(k, clone);
    expect([loan.completed, heard]).toEqual([false, ['given up']]); // another reader has it
    kfreeSkb(k, skb);
    expect([loan.completed, heard, page.count]).toEqual([true, ['given up', 'pool'], 1]);
  });

  test('that has left the pool and is sent once more is counted as any page, until nobody has it', () => {
    const { k, heard, page, loan, skb, clone } = expanded();
    kfreeSkb(k, clone); // the packet without the mark still has it
    expect([page.home, page.count]).toEqual([PageHome.GENERAL, 1]);
    const again = allocSkb(k, 64, false);
    k.lifetime.lend(again, page, 0, 4096, loan); // a replica is written to again
    again.len = again.dataLen = 4096;
    k.lifetime.released(loan);
    kfreeSkb(k, again);
    expect([loan.completed, page.live, page.count]).toEqual([false, true, 1]); // not below what `skb` has
    kfreeSkb(k, skb);
    expect([loan.completed, heard]).toEqual([true, ['given up', 'pool']]);
  });
});

describe('other homes', () => {
  test('the stack frees memory of a slab under its owner, who never counted; sendpage_ok refuses it', () => {
    const { k, heard } = room('naive-sendpage');
    const page = allocHomePage(k, PageHome.SLAB);
    expect([page.count, sendpageOk(page)]).toEqual([0, false]);
    k.getPage(page);
    k.putPage(page);
    expect(heard).toEqual(['free']);
    expect(k.mem[page.address]).toBe(0x6b);
  });

  test('what nobody counts is freed by the put that leaves nothing, and by no later one', () => {
    const { k, heard } = room('naive-sendpage');
    const page = allocHomePage(k, PageHome.SLAB);
    k.getPage(page);
    k.putPage(page);
    k.putPage(page); // below nothing: put_page_testzero says no
    expect([page.count, heard]).toEqual([-1, ['free']]);
  });

  test("a device's page is free at a count of 1, whoever puts: its driver hears of that, and of nothing else", () => {
    const { k } = room('devmap-page');
    const page = allocHomePage(k, PageHome.DEVMAP);
    const loan = k.newLoan(0, 0);
    const skb = allocSkb(k, 64, false);
    k.lifetime.lend(skb, page, 0, 4096, loan);
    k.lifetime.released(loan);
    k.getPage(page); // somebody who is no packet
    kfreeSkb(k, skb);
    expect([page.count, loan.completed]).toEqual([2, false]);
    k.putPage(page);
    expect([page.count, loan.completed]).toEqual([1, true]);
  });

  test('a page of a guest goes back when it is unmapped; the last put of the stack goes astray', () => {
    const { k, heard } = room('naive-sendpage');
    const page = allocHomePage(k, PageHome.FOREIGN);
    k.getPage(page);
    expect([takeHome(k, page), heard]).toEqual([false, ['guest']]);
    k.putPage(page);
    expect(heard).toEqual(['guest', 'free']);
  });

  test('a page that a process has mapped outlives its pin', () => {
    const { k, heard } = room('naive-sendpage');
    const page = allocHomePage(k, PageHome.USER);
    expect([page.count, sendpageOk(page)]).toEqual([2, true]);
    expect([takeHome(k, page), page.count, heard]).toEqual([true, 1, []]);
  });
});

describe('notifications', () => {
  test('of calls that follow each other are joined; the first one says whether a copy was sent', () => {
    const { k, heard } = room('msg-zerocopy');
    const loans = [0, 1, 2, 3].map((op) => k.newLoan(0, op));
    k.notify(0, 0, 0, false);
    k.notify(0, 1, 1, true);
    k.notify(0, 3, 3, true);
    k.notify(0, 2, 2, false);
    const place = k.newsPlace();
    expect(k.agenda.sources[place]!.take(0, 0)).toBe(true);
    expect(heard).toEqual(['0 to 1', '3 to 3, copied', '2 to 2']);
    expect(loans.every((loan) => loan.completed)).toBe(true);
    expect(k.newsPlace()).toBe(-1);
  });
});
