// Notifications of MSG_ZEROCOPY: ranges of send calls on the error queue of the producer's socket.
import { SingleStep, type Party } from '../../agenda.ts';
import type { Kernel } from '../../kernel.ts';
import { Context } from '../../probe.ts';
import { declareState } from '../../state.ts';

/** struct sock_extended_err, as far as it is used: ee_info, ee_data, SO_EE_CODE_ZEROCOPY_COPIED. */
export interface Notification {
  readonly lo: number;
  hi: number;
  readonly copied: boolean;
  /** Whose step it was that the last of them was over in. */
  party: Party;
}

/** @kernel net/core/skbuff.c sock_zerocopy_callback, skb_zerocopy_notify_extend (4.14) */
export class ZerocopyQueue extends SingleStep {
  private readonly k: Kernel;
  private readonly producer: number;
  protected readonly queue: Notification[] = [];

  constructor(k: Kernel, producer: number) {
    super(`error queue ${producer}`, 'is read by the producer');
    this.k = k;
    this.producer = producer;
    k.agenda.add(this);
  }

  /** What the producer would read now. */
  get pending(): readonly Notification[] {
    return this.queue;
  }

  /**
   * Send calls `lo` to `hi` are over. What continues the last range is joined to it, and the last one's word on
   * copies stands for both: the kernel compares the ids alone.
   */
  push(lo: number, hi: number, copied: boolean): void {
    const { agenda } = this.k;
    const { party } = agenda;
    const last = this.queue.at(-1);
    if (last !== undefined && lo === last.hi + 1) {
      last.hi = hi;
      last.party = party;
    } else {
      this.queue.push({ lo, hi, copied, party });
    }
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now);
  }

  /** recvmsg(MSG_ERRQUEUE) until nothing is left. */
  take(): boolean {
    const { k, producer } = this;
    if (this.queue.length === 0) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    for (const { lo, hi, copied, party } of this.queue.splice(0)) {
      k.agenda.party = party;
      k.probe.notified(producer, lo, hi, copied);
      for (let call = lo; call <= hi; call++) {
        const loan = k.loanOf(producer, call);
        if (loan !== undefined) k.complete(loan);
      }
    }
    return true;
  }
}

declareState(ZerocopyQueue, {
  state: 'queue',
  constant: 'k producer',
});
