// What a host does with pages that are not its own: a guest's, mapped by grant, and a process's, posted in a ring.
import { describe, expect, test } from 'vitest';
import {
  Cost,
  Kernel,
  Link,
  NEVER,
  Netback,
  Nic,
  NoProbe,
  PENDING_TICKS,
  PageHome,
  Side,
  Transmit,
  Tun,
  Vif,
  Vringfd,
  allocHomePage,
  allocPage,
  eraOf,
  kfreeSkb,
  takeHome,
  type CompletionSink,
  type Design,
  type Frontend,
  type Loan,
  type NetDevice,
  type Page,
  type Receiver,
  type SkBuff,
  type TxRequest,
  type VringUser,
} from '../src/index.ts';
import { perFrag } from './designs.ts';
import { mainline } from './machine.ts';

const FEATURES = { sg: true, csum: true, tso: true, gso: true };
const HERE = 0x0a000001;
const THERE = 0x0a000002;

/** Keeps what a device receives. */
class Catcher implements Receiver {
  readonly got: SkBuff[] = [];

  receive(skb: SkBuff): void {
    this.got.push(skb);
  }
}

function room(design: Design = perFrag) {
  const k = new Kernel(design, eraOf('3.8')!, new NoProbe(), 64);
  const take = (name: string): boolean => {
    const source = k.agenda.sources.find((s) => s.name === name)!;
    k.agenda.advance(source.place);
    return k.agenda.take(source.place, 0, source.item());
  };
  const tells = (sink: CompletionSink): void => {
    k.producers = { loanCompleted: (loan: Loan) => sink.loanCompleted(loan) };
  };
  return { k, take, tells };
}

function vif(k: Kernel, name: string, slots: number, stops: boolean): Vif {
  const config = { features: FEATURES, mtu: 9000, slots, takeTicks: 10, stops };
  return new Vif(k, name, { ...config, drainTicks: PENDING_TICKS });
}

/** A guest that has granted one page full of sevens, and put it in its ring. */
function sent(transmit: Transmit, design?: Design) {
  const { k, take, tells } = room(design);
  const device = vif(k, 'vif1', 4, true);
  const catcher = new Catcher();
  device.receiver = catcher;
  const answered: TxRequest[] = [];
  const frontend: Frontend = { address: HERE, response: (r) => void answered.push(r) };
  const netback = new Netback(k, device, Side.LENT, frontend, transmit);
  tells(netback);
  const page = allocHomePage(k, PageHome.FOREIGN);
  takeHome(k, page);
  k.mem.fill(7, page.address, page.address + 4096);
  const request: TxRequest = { pages: [page], size: 4096, daddr: THERE };
  netback.kick(request);
  take('vif1 tx action');
  return { k, take, page, request, answered, packet: catcher.got[0]! };
}

describe("a guest's page that is mapped", () => {
  test('is sent by reference behind its first bytes, and unmapped when the stack is done', () => {
    const { k, take, page, answered, request, packet } = sent(Transmit.MAP);
    expect([packet.len, packet.dataLen]).toEqual([28 + 4096, 28 + 4096 - 64]);
    expect([packet.shinfo.frags[0]!.page, page.count]).toEqual([page, 1]);
    kfreeSkb(k, packet);
    expect(answered).toEqual([]);
    expect(take('vif1 dealloc')).toBe(true);
    expect([answered, page.count, k.mem[page.address]]).toEqual([[request], 0, 0x6b]);
  });

  test('is replaced when it is in use for half a second, and whoever has it reads on', () => {
    const { k, take, page, answered, request, packet } = sent(Transmit.MAP_AND_COPY_LATE);
    expect(take('vif1 pending timer')).toBe(true);
    expect(k.agenda.now).toBe(PENDING_TICKS);
    expect(request.pages).not.toContain(page);
    expect([page.home, k.mem[page.address]]).toEqual([PageHome.GENERAL, 7]);
    take('vif1 dealloc');
    expect(answered).toEqual([request]);
    kfreeSkb(k, packet);
    expect([page.live, answered.length]).toEqual([false, 1]);
  });

  test('is not replaced while a device has it in its ring', () => {
    const { k, take, page, answered, request, packet } = sent(Transmit.MAP_AND_COPY_LATE);
    const nic = new Nic(k, 'nic', {
      features: FEATURES,
      mtu: 9000,
      ringSize: 4,
      dmaTicks: 2 * PENDING_TICKS,
      txDoneTicks: 0,
    });
    nic.link = new Link(k, 'wire', { rate: 1e9, delayTicks: 0 }, null);
    nic.queueXmit(packet);
    expect(nic.dmaMapped(page)).toBe(true);
    take('vif1 pending timer');
    expect(request.pages).toEqual([page]);
    expect([take('vif1 pending timer'), take('vif1 dealloc')]).toEqual([false, false]);
    nic.dma();
    nic.txDone();
    expect([take('vif1 dealloc'), answered]).toEqual([true, [request]]);
  });

  test("is nobody else's business when the host copies at once", () => {
    const { k, take, page, answered, request, packet } = sent(Transmit.GRANT_COPY);
    take('vif1 dealloc');
    expect([answered, page.count]).toEqual([[request], 0]);
    const copy = packet.shinfo.frags[0]!.page;
    expect([copy.count, k.mem[copy.address + 100]]).toEqual([1, 7]);
    expect(k.cost[Side.LENT + Cost.COPIED_PAYLOAD]).toBe(4096);
    kfreeSkb(k, packet);
    expect(copy.live).toBe(false);
  });
});

/** Packets that go to a guest which posts one buffer, and is slow to take. */
function towards(stops: boolean) {
  const { k, take } = room(mainline);
  const device = vif(k, 'vif2', 1, stops);
  const send = (): SkBuff => {
    const { packet } = packetOf(k);
    device.queueXmit(packet);
    return packet;
  };
  return { k, take, device, send };
}

function packetOf(k: Kernel): { packet: SkBuff; page: Page } {
  const catcher = new Catcher();
  const tun = new Tun(k, `tun${k.agenda.sources.length}`, { features: FEATURES, readTicks: 0 });
  tun.receiver = catcher;
  const page = allocPage(k);
  const used: VringUser = { used: () => undefined };
  new Vringfd(k, tun, Side.LENT, HERE, used, 1, allocPage(k)).post([page], 4096, THERE);
  return { packet: catcher.got[0]!, page };
}

describe('a packet for a guest without a buffer', () => {
  test('waits in front of an interface that stops, and is dropped when that goes on by itself', () => {
    const { take, device, send } = towards(true);
    const [first, second] = [send(), send()];
    expect([device.stopped, device.qdisc.qlen]).toEqual([true, 1]);
    take('vif2 rx action');
    expect([first.live, second.live]).toEqual([false, true]);
    take('vif2 drain timer');
    expect([second.live, device.drops]).toEqual([false, 1]);
  });

  test('goes in when the guest posts one', () => {
    const { take, device, send } = towards(true);
    send();
    const second = send();
    take('vif2 rx action');
    take('guest of vif2');
    expect([second.live, device.qdisc.qlen]).toEqual([true, 0]);
    take('vif2 rx action');
    expect([second.live, device.drops]).toEqual([false, 0]);
  });

  test('has a time of its own in the queue of a later driver', () => {
    const { k, take, device, send } = towards(false);
    send();
    take('vif2 rx action');
    const second = send();
    k.agenda.now = 100;
    const third = send();
    expect([device.stopped, device.qdisc.qlen]).toEqual([false, 0]);
    take('vif2 drain timer');
    expect([second.live, third.live, k.agenda.now]).toEqual([false, true, PENDING_TICKS]);
    take('vif2 drain timer');
    expect([third.live, k.agenda.now, device.drops]).toEqual([false, PENDING_TICKS + 100, 2]);
  });
});

describe('a ring that a process shares with its tun device', () => {
  function ring(entries: number) {
    const { k, take, tells } = room();
    const tun: NetDevice = new Tun(k, 'tun0', { features: FEATURES, readTicks: 0 });
    const catcher = new Catcher();
    tun.receiver = catcher;
    const used: number[] = [];
    const user: VringUser = { used: (index) => void used.push(index) };
    const usedRing = allocPage(k);
    const vring = new Vringfd(k, tun, Side.LENT, HERE, user, entries, usedRing);
    tells(vring);
    const pages = Array.from({ length: entries }, () => allocHomePage(k, PageHome.USER));
    for (const page of pages) takeHome(k, page);
    const post = (i: number): number => vring.post([pages[i % entries]!], 4096, THERE);
    return { k, take, vring, pages, post, used, usedRing, got: catcher.got };
  }

  test('pins what is posted, and marks it used later, in order', () => {
    const { k, take, pages, post, used, usedRing, got } = ring(2);
    expect([post(0), post(1), post(2)]).toEqual([0, 1, -1]);
    expect(pages.map((page) => page.count)).toEqual([2, 2]);
    kfreeSkb(k, got[1]!);
    expect(take('worker tun0')).toBe(true);
    expect([used, pages[1]!.count]).toEqual([[], 2]);
    kfreeSkb(k, got[0]!);
    expect(used).toEqual([]); // whoever frees a packet writes to nobody's memory
    expect(take('worker tun0')).toBe(true);
    expect([used, pages.map((page) => page.count), k.mem[usedRing.address]]).toEqual([
      [0, 1],
      [1, 1],
      2,
    ]);
    expect(post(2)).toBe(0);
  });

  test('charges its packets to the socket of the device', () => {
    const { k, post, got } = ring(1);
    post(0);
    const { sk, truesize } = got[0]!;
    expect(sk!.wmemAlloc).toBe(truesize);
    kfreeSkb(k, got[0]!);
    expect(sk!.wmemAlloc).toBe(0);
  });
});

test('a guest that posts no buffers again is asked no more', () => {
  const { k, take } = room(mainline);
  const device = new Vif(k, 'vif3', {
    features: FEATURES,
    mtu: 9000,
    slots: 1,
    takeTicks: NEVER,
    drainTicks: 10,
    stops: false,
  });
  device.queueXmit(packetOf(k).packet);
  take('vif3 rx action');
  expect(take('guest of vif3')).toBe(false);
});
