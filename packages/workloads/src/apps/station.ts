// Machines at the other ports of a bridge, as far as they matter to whoever sends there.
import {
  Context,
  SingleStep,
  Side,
  Spend,
  declareState,
  kfreeSkb,
  linearPacket,
  expectNoMemory,
  type Kernel,
  type NetDevice,
  type SkBuff,
  type Tun,
} from '@lastref/kernel';

/**
 * A station sends its first packet, to itself: the bridge learns where it is. Until then whatever is for it goes out
 * at every port.
 */
export class Announcement extends SingleStep {
  readonly k: Kernel;
  readonly device: NetDevice;
  readonly address: number;

  constructor(k: Kernel, device: NetDevice, address: number, atTick: number) {
    super(`station behind ${device.name}`, 'sends its first packet');
    this.k = k;
    this.device = device;
    this.address = address;
    k.agenda.add(this);
    k.agenda.arm(this.place, atTick);
  }

  take(): boolean {
    const { k, address, device } = this;
    if (!k.agenda.isArmed(this.place)) return false;
    k.agenda.disarm(this.place);
    k.context = Context.SOFTIRQ;
    k.side = Side.PEER;
    const nothing = { pages: [], size: 0, flow: 0, seq: 0, saddr: address, daddr: address };
    let skb: SkBuff;
    try {
      skb = linearPacket(k, nothing, 64);
    } catch (error) {
      expectNoMemory(error);
      return true; // the bridge does not learn of it, and floods
    }
    if (device.receiver === null) kfreeSkb(k, skb);
    else device.netifReceiveSkb(skb);
    return true;
  }
}

declareState(Announcement, {
  state: 'device',
  constant: 'k address',
});

/** The process behind a tun device stops reading, and is killed a long time later. */
export class ReaderStops extends SingleStep {
  readonly k: Kernel;
  readonly tun: Tun;
  readonly lastsTicks: number;
  private stopped = false;

  constructor(k: Kernel, tun: Tun, atTick: number, lastsTicks: number) {
    super(`reader of ${tun.name}`, 'stops, or is killed', Spend.TEARDOWN);
    this.k = k;
    this.tun = tun;
    this.lastsTicks = lastsTicks;
    k.agenda.add(this);
    k.agenda.arm(this.place, atTick);
  }

  /** That it is killed is a part of it. */
  override spend(): Spend {
    return this.stopped ? Spend.NOTHING : this.spends;
  }

  take(): boolean {
    const { agenda } = this.k;
    if (!agenda.isArmed(this.place)) return false;
    if (this.stopped) {
      agenda.disarm(this.place);
      this.tun.close();
    } else {
      agenda.arm(this.place, agenda.now + this.lastsTicks);
      this.tun.sleep();
    }
    this.stopped = true;
    return true;
  }
}

declareState(ReaderStops, {
  state: 'tun stopped',
  constant: 'k lastsTicks',
});
