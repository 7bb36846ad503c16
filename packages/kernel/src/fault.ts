// What goes wrong, as steps that anybody may take: the n-th allocation from here fails, the n-th packet that is
// handed to a driver meets a device that fails.
import { Spend, type StepSource } from './agenda.ts';
import type { Kernel } from './kernel.ts';
import { Context } from './probe.ts';
import { declareState } from './state.ts';

/** What a device may do wrong with a packet. */
export const DeviceFault = {
  NONE: 0,
  /** The driver takes the packet and frees it unsent. */
  DROP: 1,
  /** NETDEV_TX_BUSY: the packet goes back, and the queue is run again later. */
  BUSY: 2,
  /** No memory to linearize or segment it: it is freed in front of the driver. */
  LINEARIZE: 3,
} as const;
export type DeviceFault = (typeof DeviceFault)[keyof typeof DeviceFault];

/** A queue that a driver sent a packet back to. */
export interface StoppedQueue {
  wake(): void;
}

/** Which packet meets which fault. One for all devices of a machine. */
export class DeviceFaults {
  /** Packets handed to drivers so far. */
  handed = 0;
  private kind: DeviceFault = DeviceFault.NONE;
  /** The packet that is meant, counted from here: 1 is the next. */
  private packetsLeft = 0;
  private step: FaultStep | null = null;

  /** The `n`-th packet from here meets `kind`. */
  set(kind: DeviceFault, n: number): void {
    this.kind = kind;
    this.packetsLeft = n;
  }

  /** Some packet is meant that has not come yet. */
  get pending(): boolean {
    return this.packetsLeft > 0;
  }

  /** What the packet meets that has not come yet. */
  get meant(): DeviceFault {
    return this.pending ? this.kind : DeviceFault.NONE;
  }

  /** A packet is about to be handed to a driver: what happens to it? */
  next(): DeviceFault {
    this.handed++;
    if (this.packetsLeft === 0 || --this.packetsLeft !== 0) return DeviceFault.NONE;
    return this.kind;
  }

  /** The softirq that runs stopped queues again. */
  serve(step: FaultStep): void {
    this.step = step;
  }

  /** @kernel net/sched/sch_generic.c dev_requeue_skb, net/core/dev.c __netif_schedule */
  requeued(queue: StoppedQueue): void {
    this.step?.schedule(queue);
  }
}

declareState(DeviceFaults, {
  state: 'packetsLeft',
  elsewhere: 'kind',
  constant: 'step',
  count: 'handed',
  /** What met the last packet that was meant nobody asks. */
  also: (faults, sink) => sink.number(faults.meant),
});

/** Verbs of the step. For the last four `item` says which one fails: 1 is the next. */
export const FaultVerb = { RUN_QUEUE: 0, ALLOCATION: 1, DROP: 2, BUSY: 3, LINEARIZE: 4 } as const;
export type FaultVerb = (typeof FaultVerb)[keyof typeof FaultVerb];

/** How many allocations ahead one may be chosen to fail: more than any step asks for. */
const FAULT_REACH = 8;

export class FaultStep implements StepSource {
  readonly name = 'failure';
  readonly verbs = [
    'runs the queue again that its driver had sent a packet back to',
    'fails an allocation',
    'lets a driver drop a packet',
    'fills the ring: a driver sends a packet back',
    'leaves no memory to linearize a packet',
  ] as const;
  place = -1;
  private readonly k: Kernel;
  private stopped: StoppedQueue | null = null;

  constructor(k: Kernel) {
    this.k = k;
    k.agenda.add(this);
    k.deviceFaults.serve(this);
  }

  item(): number {
    return 0;
  }

  choices(out: number[]): void {
    const { k } = this;
    if (k.agenda.isArmed(this.place)) out.push(FaultVerb.RUN_QUEUE, 0);
    for (let n = 1; n <= FAULT_REACH && k.failIn === 0; n++) out.push(FaultVerb.ALLOCATION, n);
    if (!k.deviceFaults.pending)
      out.push(FaultVerb.DROP, 1, FaultVerb.BUSY, 1, FaultVerb.LINEARIZE, 1);
  }

  spend(verb: number): Spend {
    return verb === FaultVerb.RUN_QUEUE ? Spend.NOTHING : Spend.FAILURE;
  }

  schedule(queue: StoppedQueue): void {
    this.stopped = queue;
    this.k.agenda.arm(this.place, this.k.agenda.now);
  }

  take(verb: number, item: number): boolean {
    const { k } = this;
    if (verb === FaultVerb.RUN_QUEUE) return this.runQueue();
    if (item < 1) return false;
    if (verb === FaultVerb.ALLOCATION) k.failIn = item;
    else if (verb === FaultVerb.DROP) k.deviceFaults.set(DeviceFault.DROP, item);
    else if (verb === FaultVerb.BUSY) k.deviceFaults.set(DeviceFault.BUSY, item);
    else if (verb === FaultVerb.LINEARIZE) k.deviceFaults.set(DeviceFault.LINEARIZE, item);
    else return false;
    return true;
  }

  /** @kernel net/core/dev.c net_tx_action */
  private runQueue(): boolean {
    const { stopped, k } = this;
    if (stopped === null) return false;
    this.stopped = null;
    k.agenda.disarm(this.place);
    k.context = Context.SOFTIRQ;
    stopped.wake();
    return true;
  }
}

declareState(FaultStep, {
  state: 'stopped',
  constant: 'name verbs place k',
});
