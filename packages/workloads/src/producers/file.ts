// Somebody else's doing with a file that is being sent.
import { Context, SingleStep, type Kernel } from '@lastref/kernel';
import type { StreamProducer } from './stream.ts';

/** Truncates a file and writes it anew, at its own pace, `times` times in all; whoever sends it is not asked. */
export class FileTruncator extends SingleStep {
  readonly k: Kernel;
  readonly everyTicks: number;
  private readonly sender: StreamProducer;
  private left: number;
  private next = 0;

  constructor(k: Kernel, name: string, sender: StreamProducer, everyTicks: number, times: number) {
    super(`${name} truncate`, 'truncates the file and writes it anew');
    this.k = k;
    this.sender = sender;
    this.everyTicks = everyTicks;
    this.left = times;
    k.agenda.add(this);
    k.agenda.arm(this.place, everyTicks);
  }

  take(): boolean {
    const { k, sender } = this;
    if (this.left === 0) return false;
    k.context = Context.PROCESS;
    if (sender.truncate(this.next)) {
      this.left--;
      this.next = (this.next + 1) % sender.sets.length;
    } // else it sleeps until the I/O is over: wait_on_page_writeback
    if (this.left > 0) k.agenda.arm(this.place, k.agenda.now + this.everyTicks);
    else k.agenda.disarm(this.place);
    return true;
  }
}
