import { declareState } from '@lastref/kernel';
import type { CompletionSink, Kernel, Loan } from '@lastref/kernel';

/** The producers of one machine: completions go to the one that lent. */
export class Producers implements CompletionSink {
  private readonly all: CompletionSink[] = [];

  static of(k: Kernel): Producers {
    if (k.producers instanceof Producers) return k.producers;
    const producers = new Producers();
    k.producers = producers;
    return producers;
  }

  /** Returns the number that its loans carry. */
  add(producer: CompletionSink): number {
    return this.all.push(producer) - 1;
  }

  loanCompleted(loan: Loan): void {
    this.all[loan.producer]?.loanCompleted(loan);
  }
}

declareState(Producers, {
  state: 'all',
});
