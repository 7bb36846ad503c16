// A machine on the wire that sends datagrams, and the driver here that receives them into pages of its pool. The driver
// lends; the neighbour is why its pages are filled again.
import { Party, SingleStep, declareState, type Kernel, type ReceivePool } from '@lastref/kernel';
import { writePage } from '../pages.ts';
import type { Participant } from '../scenario.ts';
import { Producers } from './registry.ts';

export interface NeighbourOptions {
  readonly address: number;
  /** Stations it sends to, in turn, and the port there. */
  readonly to: readonly number[];
  readonly port: number;
  /** Payload bytes of each frame. */
  readonly size: number;
  readonly frames: number;
  /** Ticks between two frames. */
  readonly everyTicks: number;
}

export class Neighbour extends SingleStep implements Participant {
  private readonly k: Kernel;
  private readonly pool: ReceivePool;
  private readonly options: NeighbourOptions;
  private sent = 0;

  constructor(k: Kernel, pool: ReceivePool, options: NeighbourOptions) {
    super('neighbour send', 'sends a datagram, which the driver receives into its pool');
    this.k = k;
    this.pool = pool;
    this.options = options;
    pool.producer = Producers.of(k).add(pool);
    k.agenda.add(this);
    k.agenda.arm(this.place, 0);
  }

  /** A frame that found no buffer is over, too. */
  progress(): { done: number; of: number } {
    return { done: this.pool.home + this.pool.missed, of: this.options.frames };
  }

  override get party(): Party {
    return Party.PEER;
  }

  take(): boolean {
    const { k, options } = this;
    const { agenda } = k;
    if (!agenda.isArmed(this.place)) return false;
    agenda.disarm(this.place);
    const nth = ++this.sent;
    if (nth < options.frames) agenda.arm(this.place, agenda.now + options.everyTicks);
    const { address: saddr, to, port, size } = options;
    const daddr = to[(nth - 1) % to.length]!;
    this.pool.arrives({ size, saddr, daddr, port }, (page) => writePage(k, page, nth));
    return true;
  }
}

declareState(Neighbour, {
  state: 'pool sent',
  constant: 'k options',
});
