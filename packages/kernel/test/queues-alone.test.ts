// What waits in a queue, each queue by itself: in front of a driver, on a list, for a reader of errors and notifications.
// How many it takes, whose turn is next, and who is told what.
import { describe, expect, test } from 'vitest';
import {
  ErrorQueue,
  FaultVerb,
  FaultStep,
  Link,
  NetDevice,
  Nic,
  NoProbe,
  Party,
  SkBuffHead,
  Sock,
  ZerocopyQueue,
  kfreeSkb,
  type Kernel,
  type SkBuff,
  type XmitResult,
} from '../src/index.ts';
import { bareKernel, waiting } from './machine.ts';
import { packet } from './linear-packets.ts';

/** Takes what it has room for. */
class Driver extends NetDevice {
  readonly sent: SkBuff[] = [];
  room = Infinity;

  protected startXmit(skb: SkBuff): XmitResult {
    if (this.sent.length >= this.room) return 'busy';
    this.sent.push(skb);
    return 'ok';
  }

  get queued(): SkBuff[] {
    const out: SkBuff[] = [];
    this.visitQueued({ skb: (skb) => out.push(skb), page: () => {} });
    return out;
  }
}

function driver(era = '3.8', features = {}): { k: Kernel; device: Driver } {
  const k = bareKernel({ era });
  const all = { sg: true, csum: true, tso: true, gso: true };
  return { k, device: new Driver(k, 'driver', { ...all, ...features }, 1500) };
}

describe('in front of a driver', () => {
  test('as many wait as the queue is long, and one more is freed', () => {
    const { k, device } = driver();
    device.stopped = true;
    device.qdiscLimit = 2;
    const skbs = [1, 2, 3].map(() => packet(k, 20));
    expect(skbs.map((skb) => device.queueXmit(skb))).toEqual([true, true, false]);
    expect([device.drops, skbs[2]!.live, device.queued]).toEqual([1, false, skbs.slice(0, 2)]);
    device.wake();
    expect([device.sent, device.queued, device.stopped]).toEqual([skbs.slice(0, 2), [], false]);
  });

  test('one that the driver has no room for waits before all others, and goes first', () => {
    const { k, device } = driver();
    device.room = 1;
    const skbs = [1, 2, 3].map(() => packet(k, 20));
    for (const skb of skbs) device.queueXmit(skb);
    expect([device.sent, device.stopped]).toEqual([[skbs[0]], true]);
    expect(device.queued).toEqual([skbs[2], skbs[1]]);
    device.room = 2;
    device.wake();
    expect([device.sent, device.stopped]).toEqual([skbs.slice(0, 2), true]);
    device.room = 3;
    device.wake();
    expect([device.sent, device.queued, device.drops]).toEqual([skbs, [], 0]);
  });

  test('a large packet is cut for a device that does not, and goes when its last segment went', () => {
    const { k, device } = driver('3.8', { tso: false });
    const large = packet(k, 52, 1000);
    large.headers = 52;
    large.shinfo.gsoSize = 400;
    device.room = 2;
    device.queueXmit(large);
    expect(device.sent.map((s) => s.len - 52)).toEqual([400, 400]);
    expect([large.live, device.stopped, device.queued.map((s) => s.len)]).toEqual([
      true,
      true,
      [252],
    ]);
    expect(device.sent.every((s) => s.next === null)).toBe(true);
    device.room = 9;
    device.wake();
    expect([device.sent.length, large.live, device.queued]).toEqual([3, false, []]);
  });

  test('pages become linear for a device that reads none, and for no other', () => {
    for (const sg of [true, false]) {
      const { k, device } = driver('3.8', { sg });
      const skb = packet(k, 20, 100);
      device.queueXmit(skb);
      expect([device.sent, skb.dataLen]).toEqual([[skb], sg ? 100 : 0]);
    }
  });

  test('without memory to make them linear only this packet is lost', () => {
    const { k, device } = driver('3.8', { sg: false });
    const [skb, next] = [packet(k, 150, 4000), packet(k, 20)];
    k.failIn = 1;
    device.queueXmit(skb);
    device.queueXmit(next);
    expect([device.sent, device.drops, skb.live]).toEqual([[next], 1, false]);
  });

  test('taps have a clone, of the packet or of what it was cut into, by kernel; without memory they miss it', () => {
    const seen = (era: string): number[] => {
      const { k, device } = driver(era, { tso: false });
      const lengths: number[] = [];
      const tap = { drops: 0, receive: (skb: SkBuff) => lengths.push(skb.len) && kfreeSkb(k, skb) };
      device.taps.push(tap);
      const large = packet(k, 52, 500);
      large.headers = 52;
      large.shinfo.gsoSize = 400;
      device.queueXmit(large);
      const one = packet(k, 20);
      k.failIn = 1;
      device.queueXmit(one);
      k.failIn = 0;
      expect([tap.drops, device.sent.at(-1)]).toEqual([1, one]);
      return lengths;
    };
    expect([seen('2.6.24'), seen('3.2'), seen('3.8')]).toEqual([[552], [552], [452, 152]]);
  });

  test('what comes up goes to taps first, then to whoever receives, or is freed', () => {
    const { k, device } = driver();
    const order: string[] = [];
    device.taps.push({ drops: 0, receive: (skb) => order.push('tap') && kfreeSkb(k, skb) });
    const unwanted = packet(k, 20);
    unwanted.cb = k.newLoan(0, 0);
    device.netifReceiveSkb(unwanted);
    expect([order, unwanted.live, unwanted.cb]).toEqual([['tap'], false, null]);
    device.receiver = { receive: (_, from) => order.push(from.name) };
    const wanted = packet(k, 20);
    device.netifReceiveSkb(wanted);
    expect([order, wanted.live]).toEqual([['tap', 'tap', 'driver'], true]);
  });

  test('a fault is of one packet', () => {
    const { k } = driver();
    const faults = new FaultStep(k);
    const nic = new Nic(k, 'nic', {
      features: { sg: true, csum: true, tso: true, gso: true },
      mtu: 1500,
      ringSize: 8,
      dmaTicks: 0,
      txDoneTicks: 0,
    });
    nic.link = new Link(k, 'wire', { rate: 1e9, delayTicks: 0 }, null);
    faults.take(FaultVerb.LINEARIZE, 1);
    nic.queueXmit(packet(k, 20)); // has nothing to linearize
    nic.queueXmit(packet(k, 20, 100));
    expect([nic.unread, nic.drops]).toEqual([2, 0]);
  });
});

test('a list of packets has each once, wherever it is put in and taken out', () => {
  const k = bareKernel();
  const [a, b, c, d] = [1, 2, 3, 4].map(() => packet(k, 1)) as [SkBuff, SkBuff, SkBuff, SkBuff];
  const list = new SkBuffHead();
  const look = (): SkBuff[][] => {
    const [there, back]: SkBuff[][] = [[], []];
    for (let s = list.first; s !== null; s = s.next) there!.push(s);
    for (let s = list.last; s !== null; s = s.prev) back!.unshift(s);
    expect([back, list.qlen]).toEqual([there, there!.length]);
    return [there!];
  };
  list.push(b);
  list.insertBefore(b, a);
  list.insertAfter(b, d);
  list.insertAfter(b, c);
  expect(look()).toEqual([[a, b, c, d]]);
  list.unlink(c);
  expect([look(), c.next, c.prev]).toEqual([[[a, b, d]], null, null]);
  list.insertBefore(d, c);
  expect([look(), list.shift(), look()]).toEqual([[[a, b, c, d]], a, [[b, c, d]]]);
  list.unlink(d);
  list.unlink(b);
  expect([look(), list.shift(), list.shift(), look()]).toEqual([[[c]], c, null, [[]]]);
});

describe('notifications of MSG_ZEROCOPY', () => {
  function queue() {
    const heard: unknown[] = [];
    class Hears extends NoProbe {
      override notified(producer: number, lo: number, hi: number, copied: boolean): void {
        heard.push([producer, lo, hi, copied]);
      }
    }
    const k = bareKernel({ era: '4.14', probe: new Hears() });
    const producer = 0;
    const loans = [0, 1, 2, 3, 4].map((n) => k.newLoan(producer, n));
    return { k, loans, heard, q: new ZerocopyQueue(k, producer) };
  }

  test('that go on are one, with the word on copies of the first; others are apart', () => {
    const { q, k } = queue();
    k.agenda.party = Party.PEER;
    q.push(0, 0, false);
    k.agenda.party = Party.READER;
    q.push(1, 2, true);
    q.push(4, 4, true);
    q.push(3, 3, true);
    expect(q.pending.map(({ lo, hi, copied, party }) => [lo, hi, copied, party])).toEqual([
      [0, 2, false, Party.READER],
      [4, 4, true, Party.READER],
      [3, 3, true, Party.READER],
    ]);
    expect(k.agenda.isArmed(q.place)).toBe(true);
  });

  test('are read all at once, and each call of each range is over then', () => {
    const { q, loans, heard, k } = queue();
    expect(q.take()).toBe(false);
    q.push(1, 2, false);
    q.push(4, 9, true); // of some of which nothing is known
    expect(loans.map((l) => l.completed)).toEqual([false, false, false, false, false]);
    expect(q.take()).toBe(true);
    expect(heard).toEqual([
      [0, 1, 2, false],
      [0, 4, 9, true],
    ]);
    expect(loans.map((l) => l.completed)).toEqual([false, true, true, false, true]);
    expect([q.pending, q.take(), k.agenda.isArmed(q.place)]).toEqual([[], false, false]);
  });
});

describe('an error queue', () => {
  function queue(era = '3.8') {
    const k = bareKernel({ era });
    const sk = new Sock();
    return { k, sk, q: new ErrorQueue(k, 'a', sk, 50) };
  }

  test('takes clones as long as there is receive memory, and gives them out one by one', () => {
    const { k, sk, q } = queue();
    const skb = packet(k, 20);
    sk.rcvbuf = 2 * skb.truesize + 1;
    for (let n = 0; n < 3; n++) q.skbTstampTx(skb);
    expect([waiting(q).length, sk.rmemAlloc]).toEqual([2, 2 * skb.truesize]);
    expect(k.agenda.due[q.place]).toBe(k.agenda.now + 50);
    k.agenda.now += 60;
    expect([q.take(), waiting(q).length, sk.rmemAlloc]).toEqual([true, 1, skb.truesize]);
    expect(k.agenda.due[q.place]).toBe(k.agenda.now + 50);
    expect([q.take(), k.agenda.isArmed(q.place), q.take()]).toEqual([true, false, false]);
    expect([sk.rmemAlloc, skb.live]).toEqual([0, true]);
  });

  test('that is exactly full takes no more, and without memory there is no clone', () => {
    const { k, sk, q } = queue();
    const skb = packet(k, 20);
    sk.rcvbuf = skb.truesize;
    q.skbTstampTx(skb);
    expect(waiting(q)).toEqual([]);
    sk.rcvbuf = 1 << 20;
    k.failIn = 1;
    q.skbTstampTx(skb);
    expect([waiting(q), k.skbs.used]).toEqual([[], 1]);
    q.skbTstampTx(skb);
    expect(waiting(q)).toHaveLength(1);
  });
});
