// Work that a callback puts off: it runs later, in process context.
import { SingleStep, type Party } from './agenda.ts';
import type { Kernel } from './kernel.ts';
import type { Loan } from './lifetime.ts';
import { Context } from './probe.ts';
import { declareState } from './state.ts';

/** @kernel kernel/workqueue.c schedule_work */
export class Workqueue extends SingleStep {
  private readonly k: Kernel;
  private readonly loans: Loan[] = [];
  /** Whose step queued each: the work itself comes at once. */
  private readonly parties: Party[] = [];

  constructor(k: Kernel) {
    super('workqueue', 'completes');
    this.k = k;
    k.agenda.add(this);
  }

  /** The producer of `loan` is told when the work runs. */
  queue(loan: Loan): void {
    const { agenda } = this.k;
    this.loans.push(loan);
    this.parties.push(agenda.party);
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now);
  }

  take(): boolean {
    const { k } = this;
    if (this.loans.length === 0) return false;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    const parties = this.parties.splice(0);
    this.loans.splice(0).forEach((loan, i) => {
      k.agenda.party = parties[i]!;
      k.completeNow(loan);
    });
    return true;
  }
}

declareState(Workqueue, {
  state: 'loans parties',
  constant: 'k',
});
