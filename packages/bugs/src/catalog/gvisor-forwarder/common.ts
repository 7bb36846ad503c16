import { Context, type Kernel, type SkBuff } from '@lastref/kernel';
import type { Operation } from '@lastref/operations';
import { Act } from '../../act.ts';
import { recipe } from '../../recipe.ts';

/** Who gets packets of no socket, and looks at them later. */
export interface ForwarderQueue {
  queue(skb: SkBuff): void;
  /** The handler runs: reads what is queued, and has no more to do with it. */
  handle(): void;
}

/** A datagram comes in that no socket wants, the stack hands it to the forwarder, and lets go of it. */
export function udpForwarder(version: string, make: (k: Kernel) => ForwarderQueue): Operation {
  return recipe(`udp_forwarder ${version}`, 'gVisor, pkg/tcpip/transport/udp', (b) => {
    const { k } = b;
    const forwarder = make(k);
    const handler = new Act(
      k,
      'handler of the forwarder',
      'runs',
      () => forwarder.handle(),
      Context.SOFTIRQ,
    );
    b.watch(handler, 'forwarder');
    const packet = b.packet(b.first); // whoever brought it up lets go of it in a step of its own
    forwarder.queue(packet);
    handler.arm();
  });
}
