// Devices made of software, and devices that fail: who has the packet afterwards, who shares its data, and when
// its socket is told that it has left.
import { describe, expect, test } from 'vitest';
import {
  OtherProcessor,
  PAGE_SIZE,
  addOtherProcessor,
  allocSkb,
  comingAt,
  Bridge,
  FaultStep,
  FaultVerb,
  GetPutPage,
  INADDR_BROADCAST,
  IP_HEADER,
  IpHost,
  Loopback,
  Macvlan,
  MacvlanPort,
  Nic,
  NoMemory,
  Link,
  Site,
  Tun,
  Veth,
  kfreeSkb,
  skbClone,
  skbPush,
  skbReserve,
  skbSetOwnerW,
  Sock,
  Side,
  TapQueue,
  UdpHost,
  UdpSock,
  udpLend,
  type Features,
  type Kernel,
  type Receiver,
  type SkBuff,
} from '../src/index.ts';
import { D, Loop, NOTHING, bareKernel, inUse, mainline, newPage, waiting } from './machine.ts';
import { packet, threePages } from './packets.ts';

const SG: Features = { sg: true, csum: true, tso: true, gso: true };

/** Keeps what comes up. */
class Catcher implements Receiver {
  readonly got: SkBuff[] = [];
  receive(skb: SkBuff): void {
    this.got.push(skb);
  }
}

/** A write-queue skb with three pages, and the clone of it that TCP transmits. */
function sending(era: string) {
  const world = threePages(era);
  const { k, skb } = world;
  const sk = new Sock();
  const packet = skbClone(k, skb, Site.XMIT);
  skbSetOwnerW(k, packet, sk);
  return { ...world, sk, packet };
}

/** An IP header with nothing but its addresses. */
function addressed(k: Kernel, skb: SkBuff, from: number, to: number): SkBuff {
  const at = skbPush(skb, IP_HEADER);
  k.mem.fill(0, at, at + IP_HEADER);
  new DataView(k.mem.buffer).setUint32(at + 12, from);
  new DataView(k.mem.buffer).setUint32(at + 16, to);
  return skb;
}

function tun(k: Kernel, name: string, queueLength = 500): Tun {
  return new Tun(k, name, { features: SG, readTicks: 10, queueLength });
}

describe('a tun device keeps a packet until its process reads', () => {
  test.each([
    ['2.6.24', 'still charged'],
    ['2.6.32', 'still charged'],
    ['2.6.38', 'orphaned'],
    ['3.8', 'orphaned'],
  ])('in Linux %s it is %s meanwhile', (era, how) => {
    const { k, sk, skb, packet, refs } = sending(era);
    const device = tun(k, 'tun0');
    device.queueXmit(packet);
    expect(waiting(device)).toEqual([packet]);
    // The early orphaning of 2.6.38 and the device's own come to the same.
    expect(sk.wmemAlloc > 0).toBe(how === 'still charged');
    kfreeSkb(k, skb); // the ACK
    expect(refs()).toEqual([1, 1, 1]);
    device.read();
    expect([refs(), sk.wmemAlloc, inUse(k)]).toEqual([[0, 0, 0], 0, NOTHING]);
  });

  test('and drops what does not fit, from 3.8 on', () => {
    const { k, skb, packet, sk } = sending('3.8');
    const device = tun(k, 'tun0', 1);
    device.queueXmit(packet);
    device.queueXmit(skbClone(k, skb, Site.XMIT));
    expect([device.waiting, device.qdisc.qlen, device.drops]).toEqual([1, 0, 1]);
    device.read();
    kfreeSkb(k, skb);
    expect([sk.wmemAlloc, inUse(k)]).toEqual([0, NOTHING]);
  });

  test('or stops its queue before that, when the process does not keep up', () => {
    const { k, skb, packet } = sending('3.2');
    const device = tun(k, 'tun0', 1);
    const second = skbClone(k, skb, Site.XMIT);
    device.queueXmit(packet);
    device.queueXmit(second);
    expect([device.waiting, device.qdisc.qlen]).toEqual([1, 1]);
    device.read();
    expect([device.waiting, device.qdisc.qlen]).toEqual([1, 0]);
    device.read();
    expect(device.read()).toBe(false);
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });
});

test.each([
  ['2.6.24', 'is left alone'],
  ['2.6.28', "is the qdisc's own"],
  ['7.2.13', "is the qdisc's own"],
])('in Linux %s the control block of a queued packet %s', (era, whose) => {
  const { k, skb, packet } = sending(era);
  packet.cb = k.newLoan(0, 1); // a design's pointer, behind what TCP keeps there
  const device = tun(k, 'tun0');
  const { cb } = packet;
  device.queueXmit(packet);
  expect(waiting(device)).toEqual([packet]);
  expect(packet.cb).toBe(whose === 'is left alone' ? cb : null);
  kfreeSkb(k, skb);
});

test.each([
  ['3.8', 'orphaned'],
  ['4.14', 'orphaned'],
  ['5.10.223', 'charged still'],
])('Linux %s: a veth pair hands the very sk_buff to the other end, %s', (era, charge) => {
  const { k, sk, skb, packet, refs } = sending(era);
  const [near, far] = Veth.pair(k, 'veth', SG);
  const catcher = new Catcher();
  far.receiver = catcher;
  near.queueXmit(packet);
  expect([sk.wmemAlloc, waiting(far), waiting(near)]).toEqual([
    charge === 'orphaned' ? 0 : packet.truesize,
    [packet],
    [],
  ]);
  far.backlog.take();
  expect(catcher.got).toEqual([packet]);
  expect(D(packet)).toEqual([2, 1]); // the write queue and the receiver, on one shared info
  kfreeSkb(k, skb);
  expect(refs()).toEqual([1, 1, 1]);
  kfreeSkb(k, packet);
  expect(refs()).toEqual([0, 0, 0]);
});

describe('a bridge', () => {
  function bridged(ports: number) {
    const world = sending('2.6.24');
    const { k } = world;
    const bridge = new Bridge(k, 'br0', SG);
    const taps = Array.from({ length: ports }, (_, i) => tun(k, `vnet${i}`));
    for (const device of taps) bridge.add(device);
    return { ...world, bridge, taps };
  }

  test('floods what it does not know: a clone for every port but the last', () => {
    const { k, skb, packet, bridge, taps, refs } = bridged(3);
    bridge.queueXmit(packet);
    const got = taps.flatMap((device) => waiting(device));
    expect(got).toHaveLength(3);
    expect(got[2]).toBe(packet);
    expect(got.every((s) => s.shinfo === skb.shinfo)).toBe(true);
    expect([D(skb), refs()]).toEqual([
      [4, 1],
      [1, 1, 1],
    ]);
    for (const device of taps) device.read();
    kfreeSkb(k, skb);
    expect([refs(), inUse(k)]).toEqual([[0, 0, 0], NOTHING]);
  });

  test('without memory for a clone, the ports that are left get nothing', () => {
    const { k, skb, packet, bridge, taps } = bridged(3);
    k.failIn = 2; // the second clone: the first port has its own
    bridge.queueXmit(packet);
    expect(taps.map((device) => device.waiting)).toEqual([1, 0, 0]);
    expect(bridge.drops).toBe(1);
    expect(D(skb)).toEqual([2, 1]);
    taps[0]!.read();
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });

  test('learns where a station is, and then forwards the packet itself', () => {
    const { k, skb, packet, bridge, taps } = bridged(3);
    const [one, two] = [skbClone(k, skb, Site.XMIT), packet];
    taps[1]!.netifReceiveSkb(addressed(k, one, 0x0a000001, INADDR_BROADCAST));
    expect(taps.map((device) => device.waiting)).toEqual([1, 0, 1]);
    bridge.queueXmit(addressed(k, two, 0x0a000002, 0x0a000001));
    expect(waiting(taps[1]!)).toEqual([two]);
    for (const device of taps) device.read();
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });
});

test('who takes what comes up for a bridge is asked before the protocols are: nothing is copied for it', () => {
  const orphaned: SkBuff[] = [];
  class Asked extends GetPutPage {
    override orphanFragsRx(skb: SkBuff): void {
      orphaned.push(skb);
    }
  }
  const k = bareKernel({
    era: '6.1',
    design: { ...mainline, create: (services) => new Asked(services) },
  });
  const page = newPage(k);
  const come = (name: string, receiver: (end: Veth) => void): SkBuff => {
    const [near, far] = Veth.pair(k, name, SG);
    receiver(far);
    const skb = packet(k, 100, [page, 0, 1000]);
    near.queueXmit(skb);
    far.backlog.take();
    return skb;
  };
  come('one', (far) => new Bridge(k, 'br0', SG).add(far));
  come('two', (far) => new MacvlanPort(far));
  expect(orphaned).toEqual([]);
  const up = come('three', (far) => (far.receiver = new Catcher()));
  expect(orphaned).toEqual([up]);
});

test.each([
  ['debian-6.12.117', 'before reassembly, each fragment', 2],
  ['7.2.13', 'behind it, the whole packet', 1],
])('in %s IP gets copies %s', (era, _, times) => {
  const orphaned: SkBuff[] = [];
  class Asked extends GetPutPage {
    override orphanFragsRx(skb: SkBuff): void {
      orphaned.push(skb);
    }
  }
  const k = bareKernel({
    era,
    design: { ...mainline, create: (services) => new Asked(services) },
  });
  const lo = new Loopback(k, 'lo', 1500);
  const ip = new IpHost(k, 'here');
  const udp = new UdpHost(k);
  lo.receiver = ip;
  ip.udp = udp;
  const here = { localAddress: 1, localPort: 9, peerAddress: 1, peerPort: 9 };
  const sk = new UdpSock(k, 'sk', Side.LENT, lo, here);
  udp.bind(sk);
  udpLend(sk, newPage(k), 0, 2000, k.newLoan(0, 1), false);
  while (k.agenda.isArmed(lo.backlog.place)) lo.backlog.take();
  expect(sk.receiveQueue.qlen).toBe(1);
  expect(orphaned).toHaveLength(times);
  expect(orphaned.includes(sk.receiveQueue.first!)).toBe(true);
});

test('the loopback device takes packets of several segments from 2.6.27 on, and of one before', () => {
  const longest = (era: string): number => {
    const m = new Loop({ era, eager: true });
    m.lendTogether(Array.from({ length: 32 }, () => m.page()));
    let bytes = 0;
    for (; m.k.agenda.isArmed(m.lo.backlog.place); m.netRx())
      bytes = Math.max(bytes, m.lo.next!.len);
    expect(m.peer.received).toHaveLength(32 * PAGE_SIZE);
    return bytes;
  };
  expect(longest('2.6.24')).toBe(16_436);
  expect(longest('2.6.28')).toBeGreaterThan(2 * 16_384);
  expect(longest('3.8')).toBe(65_535); // one segment, as long as a packet can be, since 3.7
});

describe('macvlan', () => {
  function vlans(era = '3.8') {
    const world = sending(era);
    const { k } = world;
    const lower = tun(k, 'wire');
    const port = new MacvlanPort(lower);
    const all = [1, 2, 3].map((n) => new Macvlan(port, `macvlan${n}`, 0x0a000000 + n));
    return { ...world, lower, all: all as [Macvlan, Macvlan, Macvlan] };
  }

  test('a packet for a neighbour never sees the wire', () => {
    const { k, skb, packet, lower, all } = vlans();
    all[0].queueXmit(addressed(k, packet, 0x0a000001, 0x0a000002));
    expect([waiting(all[1]), lower.waiting]).toEqual([[packet], 0]);
    all[1].backlog.take();
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });

  test.each([
    ['3.8', 'is its sender’s no more', false],
    ['7.2.13', 'stays with its sender until it comes up to IP', true],
  ])('in Linux %s it %s (skb_scrub_packet)', (era, _, charged) => {
    const { k, sk, skb, packet, all } = vlans(era);
    all[0].queueXmit(addressed(k, packet, 0x0a000001, 0x0a000002));
    expect(sk.wmemAlloc > 0).toBe(charged);
    all[1].backlog.take();
    expect(sk.wmemAlloc).toBe(0);
    kfreeSkb(k, skb);
  });

  test.each([
    ['3.8', false],
    ['7.2.13', true],
  ])(
    'in Linux %s what comes up from a macvtap waits for its process, and is charged to its sender from 4.19 on',
    (era, charged) => {
      const { k, sk, skb, packet, all } = vlans(era);
      const queue = new TapQueue(k, 'macvtap');
      all[1].receiver = queue;
      all[0].queueXmit(addressed(k, packet, 0x0a000001, 0x0a000002));
      all[1].backlog.take();
      expect([waiting(queue), sk.wmemAlloc > 0]).toEqual([[packet], charged]);
      expect([queue.read(), queue.read()]).toEqual([true, false]);
      expect([waiting(queue), sk.wmemAlloc]).toEqual([[], 0]);
      kfreeSkb(k, skb);
      expect(inUse(k)).toEqual(NOTHING);
    },
  );

  test('and where nobody counts its pages it goes on with copies, or not at all without memory', () => {
    class Asked extends GetPutPage {
      override orphanFrags(): void {
        throw new NoMemory();
      }
    }
    const k = bareKernel({
      era: '3.8',
      design: { ...mainline, create: (services) => new Asked(services) },
    });
    const port = new MacvlanPort(tun(k, 'wire'));
    const [one, two] = [1, 2].map((n) => new Macvlan(port, `macvlan${n}`, n)) as [Macvlan, Macvlan];
    const skb = allocSkb(k, 640, false);
    skbReserve(skb, 64);
    one.queueXmit(addressed(k, skb, 1, 2));
    expect([waiting(two), two.drops]).toEqual([[], 1]);
  });

  test('one for everybody is cloned for each, and goes out too', () => {
    const { k, skb, packet, lower, all } = vlans();
    all[0].queueXmit(addressed(k, packet, 0x0a000001, INADDR_BROADCAST));
    expect(all.map((vlan) => waiting(vlan).length)).toEqual([0, 1, 1]);
    expect(waiting(lower)).toEqual([packet]);
    expect(D(skb)).toEqual([4, 1]);
    for (const vlan of all) vlan.backlog.take();
    lower.read();
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });
});

describe('a device that fails', () => {
  function failing(era = '3.8') {
    const world = sending(era);
    const { k } = world;
    const faults = new FaultStep(k);
    const features = SG;
    const nic = new Nic(k, 'nic', {
      features,
      mtu: 1500,
      ringSize: 8,
      dmaTicks: 0,
      txDoneTicks: 0,
    });
    nic.link = new Link(k, 'wire', { rate: 1e9, delayTicks: 0 }, null);
    return { ...world, faults, nic };
  }

  test.each([
    ['drops a packet', FaultVerb.DROP],
    ['has no memory to linearize one', FaultVerb.LINEARIZE],
  ])('%s: the clone is freed, the write queue keeps its data', (_, verb) => {
    const { k, sk, skb, packet, refs, faults, nic } = failing();
    faults.take(verb, 1);
    nic.queueXmit(packet);
    expect([nic.unread, nic.drops, sk.wmemAlloc]).toEqual([0, 1, 0]);
    expect([D(skb), refs()]).toEqual([
      [1, 1],
      [1, 1, 1],
    ]);
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });

  test('has a full ring: the packet waits in front of the queue until it is run again', () => {
    const { k, skb, packet, faults, nic } = failing();
    const second = skbClone(k, skb, Site.XMIT);
    faults.take(FaultVerb.BUSY, 1);
    nic.queueXmit(packet);
    nic.queueXmit(second);
    expect([nic.unread, waiting(nic)]).toEqual([0, [second, packet]]);
    expect(k.agenda.isArmed(faults.place)).toBe(true);
    faults.take(FaultVerb.RUN_QUEUE, 0);
    expect(waiting(nic)).toEqual([packet, second]);
    nic.dma();
    nic.dma();
    nic.txDone();
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });

  test.each(['2.6.24', '3.8', '3.18'])(
    'and a tap sees it each time that the driver is asked (%s)',
    (era) => {
      const { k, skb, packet, faults, nic } = failing(era);
      const seen: number[] = [];
      nic.taps.push({
        drops: 0,
        receive(clone) {
          seen.push(clone.len);
          kfreeSkb(k, clone);
        },
      });
      faults.take(FaultVerb.BUSY, 1);
      nic.queueXmit(packet);
      expect(seen).toHaveLength(1);
      faults.take(FaultVerb.RUN_QUEUE, 0);
      expect(seen).toHaveLength(2);
      nic.dma();
      nic.txDone();
      kfreeSkb(k, skb);
      expect(inUse(k)).toEqual(NOTHING);
    },
  );

  test('reads another packet while its driver frees: that one is freed with the rest, and nothing is due then', () => {
    const { k, skb, packet, nic } = failing();
    const second = skbClone(k, skb, Site.XMIT);
    addOtherProcessor(k);
    const { agenda } = k;
    const [dma, txDone] = nic.steps;
    const other = agenda.sources.find((s) => s instanceof OtherProcessor && s.inner === dma)!;
    nic.queueXmit(packet);
    nic.queueXmit(second);
    nic.dma();
    agenda.take(other.place, 0, comingAt(0, 0));
    expect(agenda.take(txDone!.place, 0, 0)).toBe(true);
    expect(agenda.cameIn).toBe(true);
    expect([nic.packetsRead, agenda.isArmed(txDone!.place)]).toEqual([2, false]);
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });

  test('the n-th packet from here is the one, and only that one', () => {
    const { k, skb, packet, faults, nic } = failing();
    const second = skbClone(k, skb, Site.XMIT);
    faults.take(FaultVerb.DROP, 2);
    nic.queueXmit(packet);
    nic.queueXmit(second);
    expect([nic.unread, nic.drops]).toEqual([1, 1]);
    nic.dma();
    nic.txDone();
    kfreeSkb(k, skb);
    expect(inUse(k)).toEqual(NOTHING);
  });
});
