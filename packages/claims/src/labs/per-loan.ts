// A judge that remembers every loan whose bytes were read changed, and not the first one alone.
import { Judge, type Harm, type Property } from '@lastref/judge';

export class PerLoan extends Judge {
  /** Loans of which changed bytes were read, by who was harmed. */
  readonly changed: Readonly<Record<Harm, Set<number>>> = {
    hazard: new Set(),
    wire: new Set(),
    delivered: new Set(),
  };
  /** Reads of changed bytes. */
  changedReads = 0;

  override known(property: Property, harm: Harm, where: string): boolean {
    return property === 'corrupt' ? false : super.known(property, harm, where);
  }

  override find(property: Property, harm: Harm, where: string, loan: number, text: string): void {
    if (property !== 'corrupt') return super.find(property, harm, where, loan, text);
    this.changed[harm].add(loan);
    this.changedReads++;
  }
}
