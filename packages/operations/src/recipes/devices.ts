// Paths through devices that are made of software: whoever stands behind them reads at its own pace.
import {
  Bridge,
  CHANGES,
  declareState,
  devForwardSkb,
  Loopback,
  Macvlan,
  MacvlanPort,
  DeferredGrants,
  TapQueue,
  Tun,
  Veth,
  type Kernel,
  type NamedSpan,
  type Backlog,
  probeReads,
  type NetDevice,
  type Receiver,
  kfreeSkb,
  type SkBuff,
  Reader,
  xennetReleaseTxBufs,
} from '@lastref/kernel';
import {
  DATA,
  DATAGRAMS,
  HANDED_OVER,
  PACKETS,
  PAGE_ONLY,
  type Met,
  type Operation,
  type OperationBench,
  RECEIVED,
  WHOLE,
  WRITE_QUEUE,
  SENDER,
} from '../operation.ts';

const SG = { sg: true, csum: true, tso: true, gso: true };
/** Before, what comes to a tun device is made linear first. */
const TUN_WITH_PAGES: NamedSpan = { id: 'TUNSETOFFLOAD', since: CHANGES.tunOffload, until: null };
/** Before, the same, unless somebody has switched scatter/gather on. */
const VETH_WITH_PAGES: NamedSpan = {
  id: 'VETH_FEATURES',
  since: CHANGES.vethFeatures,
  until: null,
};
/** What a host sends to itself: what it forwards never goes out by its loopback. @kernel net/ipv4/route.c ip_route_input_slow */
const TO_ITSELF: readonly Met[] = [...WRITE_QUEUE, ...DATAGRAMS, ...PACKETS];
/** What goes to a group of stations. */
const TO_MANY: readonly Met[] = [
  ...DATAGRAMS.map((lent) => ({ ...lent, since: CHANGES.macvlanBridges })),
  ...HANDED_OVER,
  ...RECEIVED,
];
const DEV = 'net/core/dev.c';

/** A device whose process reads when the bench says so. */
function tun(b: OperationBench, name: string): Tun {
  const device = new Tun(b.k, name, { features: SG, readTicks: 0 });
  b.watch(device.readStep, `${name} reader`);
  return device;
}

/** What stands behind a device reads each packet that comes up, and frees it. */
class Application implements Receiver {
  private readonly k: Kernel;

  constructor(k: Kernel) {
    this.k = k;
  }

  receive(skb: SkBuff): void {
    probeReads(this.k, skb, Reader.APPLICATION);
    kfreeSkb(this.k, skb);
  }
}

declareState(Application, {
  constant: 'k',
});

/** Packets of `device` come up to an application when the bench says so. */
function listen(b: OperationBench, device: NetDevice, backlog: Backlog): void {
  device.receiver = new Application(b.k);
  b.watch(backlog, 'receive backlog');
}

/** A packet in flight leaves through `device`. */
function transmit(b: OperationBench, skb: SkBuff, device: NetDevice): void {
  b.gone(skb);
  device.queueXmit(skb);
}

export const DEVICES: readonly Operation[] = [
  {
    id: 'dev_hard_start_xmit',
    who: SENDER,
    file: DEV,
    since: '2.6.18', // f6a78bfcb141; a part of dev_queue_xmit before
    until: null,
    refs: 'none: the driver has the skb until its completion',
    carries: WHOLE,
    apply: (b) => transmit(b, b.packet(b.first), b.device),
  },
  {
    id: 'loopback_xmit',
    onHost: true,
    who: SENDER,
    meets: TO_ITSELF,
    file: 'drivers/net/loopback.c',
    since: '2.6.12',
    until: null,
    refs: 'none: orphaned, then the receiver has it',
    carries: WHOLE,
    apply: (b) => {
      const lo = new Loopback(b.k);
      listen(b, lo, lo.backlog);
      const packet = b.packet(b.first);
      if (!lo.route.gso) packet.shinfo.gsoSize = 0; // up to 2.6.26 TCP sends it one segment at a time
      transmit(b, packet, lo);
    },
  },
  {
    id: 'veth_xmit',
    onHost: true,
    who: SENDER,
    file: 'drivers/net/veth.c',
    since: '2.6.24',
    until: null,
    refs: 'none: the other end has it; orphaned up to 4.18',
    carries: WHOLE,
    needs: [VETH_WITH_PAGES],
    apply: (b) => {
      const [near, far] = Veth.pair(b.k, 'veth', SG);
      listen(b, far, far.backlog);
      transmit(b, b.packet(b.first), near);
    },
  },
  {
    id: 'tun_net_xmit',
    onHost: true,
    who: 'guest', // or a user whose device root has made it (TUNSETOWNER)
    file: 'drivers/net/tun.c',
    since: '2.6.12',
    until: null,
    refs: 'none: queued until the process reads; orphaned from 2.6.34 on',
    carries: WHOLE,
    needs: [TUN_WITH_PAGES],
    apply: (b) => transmit(b, b.packet(b.first), tun(b, 'tun')),
  },
  {
    id: 'br_flood',
    onHost: true,
    who: 'guest',
    file: 'net/bridge/br_forward.c',
    since: '2.6.12',
    until: null,
    refs: 'dataref +1 for every port but the last',
    carries: DATA,
    needs: [TUN_WITH_PAGES], // its ports
    apply: (b) => {
      const bridge = new Bridge(b.k, 'br0', SG);
      for (const name of ['vnet0', 'vnet1']) bridge.add(tun(b, name));
      const packet = b.packet(b.first);
      b.gone(packet);
      bridge.flood(packet);
    },
  },
  {
    id: 'macvlan_broadcast',
    onHost: true,
    who: SENDER,
    meets: TO_MANY,
    file: 'drivers/net/macvlan.c',
    since: '2.6.23',
    until: null,
    refs: 'dataref +1 for every other device',
    carries: DATA,
    apply: (b) => {
      const port = new MacvlanPort(b.device);
      for (const n of [0, 1]) {
        const vlan = new Macvlan(port, `macvlan${n}`, n);
        listen(b, vlan, vlan.backlog);
      }
      const packet = b.packet(b.first);
      port.broadcast(packet, null);
      b.used(packet);
    },
  },
  {
    id: 'tap_handle_frame',
    onHost: true,
    who: 'guest',
    file: 'drivers/net/tap.c',
    since: '2.6.34', // 20d29d7a916a; as macvtap_forward
    until: null,
    refs: 'none: queued until the process reads; nobody copies, and nobody takes it from its sender',
    carries: WHOLE,
    // From a device of macvlan to its sister, behind which a guest stands.
    apply: (b) => {
      const macvtap = new Macvlan(new MacvlanPort(b.device), 'macvtap', 0);
      const queue = new TapQueue(b.k, 'macvtap');
      macvtap.receiver = queue;
      b.watch(macvtap.backlog, 'receive backlog');
      b.watch(queue.readStep, 'macvtap reader');
      const packet = b.packet(b.first);
      b.gone(packet);
      devForwardSkb(macvtap, packet);
    },
  },
  {
    id: 'xennet_release_tx_bufs',
    onHost: true, // a driver of the kernel's, whose backend has the pages mapped
    who: 'root',
    file: 'drivers/net/xen-netfront.c',
    since: '3.14',
    until: null,
    refs: '+1 per frag, a bare get_page, until the backend unmaps it; the skb is freed',
    carries: PAGE_ONLY,
    // The device of a guest is detached, or its backend begins anew, with a packet in the ring.
    apply: (b) => {
      const packet = b.packet(b.first);
      const backend = new DeferredGrants(b.k);
      b.watch(backend, 'backend');
      b.gone(packet);
      xennetReleaseTxBufs(b.k, packet, backend);
    },
  },
];
