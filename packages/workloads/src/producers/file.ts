// Somebody else's doing with a file that is being sent.
import { Context, SingleStep, declareState, type Kernel } from '@lastref/kernel';
import type { StreamProducer } from './stream.ts';

export interface TruncatorOptions {
  readonly name: string;
  /** Bytes of each part of the file that are left. */
  readonly keep: number;
  readonly everyTicks: number;
  readonly times: number;
}

/** Truncates a file, part by part, and writes it anew, at its own pace; whoever sends it is not asked. */
export class FileTruncator extends SingleStep {
  readonly k: Kernel;
  readonly options: TruncatorOptions;
  private readonly sender: StreamProducer;
  private left: number;
  private next = 0;

  constructor(k: Kernel, sender: StreamProducer, options: TruncatorOptions) {
    super(`${options.name} truncate`, 'truncates the file and writes it anew');
    this.k = k;
    this.options = options;
    this.sender = sender;
    this.left = options.times;
    k.agenda.add(this);
    k.agenda.arm(this.place, options.everyTicks);
  }

  take(): boolean {
    const { k, sender, options } = this;
    if (this.left === 0) return false;
    k.context = Context.PROCESS;
    if (sender.truncate(this.next, options.keep)) {
      this.left--;
      this.next = (this.next + 1) % sender.sets.length;
    } // else it sleeps until the I/O is over: wait_on_page_writeback
    if (this.left > 0) k.agenda.arm(this.place, k.agenda.now + options.everyTicks);
    else k.agenda.disarm(this.place);
    return true;
  }
}

declareState(FileTruncator, {
  state: 'sender left next',
  constant: 'k options',
});
