// All that is established about a run: what truth sees, what the accounts hold, and the findings so far. What a
// property's watch gets to look at.
import { READER_NAMES, type Kernel } from '@lastref/kernel';
import { LoanBook } from './account/loans.ts';
import { PageBook } from './account/pages.ts';
import type { Finding, Harm } from './findings.ts';
import { IN_THE_WORD, type Property } from './properties/index.ts';
import { LentRanges } from './truth/ranges.ts';
import { Readers } from './truth/readers.ts';

export class Evidence {
  private k: Kernel | null = null;
  readonly ranges = new LentRanges();
  readonly loans = new LoanBook();
  readonly pages = new PageBook();
  readonly walk = new Readers(this.ranges, this.loans);
  /** Comparisons of lent bytes, by reader. */
  readonly reads = READER_NAMES.map(() => 0);
  /** What is wrong: of properties that stand in the word. */
  readonly found: Finding[] = [];
  /** Of those that stand beside it: a right design may have them, or no design can help it. */
  readonly beside: Finding[] = [];
  /** Number of the step that is going on, from 1. */
  step = 1;

  attach(k: Kernel): void {
    this.k = k;
  }

  get machine(): Kernel {
    if (this.k === null) throw new Error('the judge was asked before it was attached to a machine');
    return this.k;
  }

  /** Was this cause found before? Then it is counted once more. */
  known(property: Property, harm: Harm, where: string): boolean {
    for (const f of this.list(property)) {
      if (f.property !== property || f.harm !== harm || f.where !== where) continue;
      f.count++;
      return true;
    }
    return false;
  }

  /** The first time: `loan` is its number, 0 where none is known. */
  find(property: Property, harm: Harm, where: string, loan: number, text: string): Finding {
    const tick = this.machine.agenda.now;
    const { step } = this;
    const finding = { property, harm, where, loan, step, tick, text, count: 1 };
    this.list(property).push(finding);
    return finding;
  }

  private list(property: Property): Finding[] {
    return IN_THE_WORD.includes(property) ? this.found : this.beside;
  }
}
