// Every loan whose bytes were read changed, where the judge's finding names the first one alone.
import { Observer, type Harm, type LoanRecord } from '@lastref/judge';
import { Reader } from '@lastref/kernel';

export class PerLoan extends Observer {
  /** Loans of which changed bytes were read, by who was harmed. */
  readonly changed: Readonly<Record<Exclude<Harm, 'hazard'>, Set<number>>> = {
    wire: new Set(),
    delivered: new Set(),
  };
  /** Reads of changed bytes. */
  changedReads = 0;

  override changedRead(record: LoanRecord, reader: Reader): void {
    this.changed[reader === Reader.APPLICATION ? 'delivered' : 'wire'].add(record.loan!.id);
    this.changedReads++;
  }
}
