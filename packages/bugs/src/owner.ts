import {
  ANY_CONTEXT,
  declareState,
  type CompletionSink,
  type Kernel,
  type Loan,
} from '@lastref/kernel';
import { Producers, type Participant } from '@lastref/workloads';

/** A program that owns buffers: it lends them, and is told. What it does then is what a bug may be about. */
export abstract class Owner implements CompletionSink, Participant {
  readonly k: Kernel;
  readonly name: string;
  /** Operations in all. */
  protected readonly operations: number;
  private readonly producerNumber: number;
  private operationsDone = 0;

  constructor(k: Kernel, name: string, operations: number) {
    this.k = k;
    this.name = name;
    this.operations = operations;
    this.producerNumber = Producers.of(k).add(this);
  }

  progress(): { done: number; of: number } {
    return { done: this.operationsDone, of: this.operations };
  }

  /** Of operation `op`, from 1. */
  protected newLoan(op: number): Loan {
    return this.k.newLoan(this.producerNumber, op, ANY_CONTEXT);
  }

  /** All of it is with the stack, and will not be lent again. */
  protected handedOver(loan: Loan): void {
    this.k.lifetime.returned(loan);
    this.k.release(loan);
  }

  /** The program goes away, whatever is out. */
  protected leave(): void {
    this.k.ownerLeaves(this.producerNumber);
  }

  loanCompleted(loan: Loan): void {
    this.operationsDone++;
    this.told(loan);
  }

  /** Its pages are the program's own again. */
  protected told(_loan: Loan): void {}
}

declareState(Owner, {
  state: 'operationsDone',
  constant: 'k name operations producerNumber',
});
