import type { LoanRecord } from '../account/record.ts';
import type { Evidence } from '../evidence.ts';
import type { Card } from './card.ts';
import { Watch, type Sink } from './watch.ts';

export const card = {
  id: 'dishonest',
  gravity: 50,
  found: 'at the end',
  about: 'what',
  stands: 'in the word',
  word: 'id',
  tone: 'broken',
  letter: 'N',
  damage: 'leak',
  says: 'the notification said something untrue: which send calls are over, or whether copies were sent',
  saysNot:
    'anything of a call of which some readers had the pages and some a copy: either may be said of it',
  legend: 'the notification is untrue',
} as const satisfies Card;

class Dishonest extends Watch {
  /** Announced since the last look. */
  private readonly fresh: LoanRecord[] = [];
  /** Notifications that were read. */
  private heard = 0;

  override notified(producer: number, lo: number, hi: number, copied: boolean): void {
    this.heard++;
    const { loans } = this.evidence;
    for (let call = lo; call <= hi; call++) {
      const record = loans.ofCall(producer, call);
      if (record === undefined) continue; // a call that lent nothing
      if (record.announced)
        this.report('range', record, (id) => `send call ${call} of loan ${id} is announced twice`);
      record.announced = true;
      record.saidCopied = copied;
      this.fresh.push(record);
    }
  }

  /** Is every call that was announced over? */
  override looked(walk: number): void {
    for (const record of this.fresh) {
      if (record.seen === walk)
        this.report(
          'range',
          record,
          (id) =>
            `a notification covers loan ${id}, whose pages the ${record.where} can still read`,
        );
    }
    this.fresh.length = 0;
  }

  /**
   * Nobody will read any more. A word on copies is untrue if every reader contradicts it; where some read the pages
   * and some a copy, either may be said, and where a copy was made that nobody read, that one was made.
   */
  override finished(drained: boolean): void {
    if (!drained) return;
    this.evidence.loans.forEachCalled((record) => {
      if (record.announced) this.judgeCopied(record);
    });
  }

  private judgeCopied(record: LoanRecord): void {
    const { saidCopied, copyMade, readFromPage, readFromCopy } = record;
    if (saidCopied && !copyMade && readFromPage && !readFromCopy)
      this.report(
        'copied flag',
        record,
        (id) =>
          `loan ${id} is said to have been copied, no copy was made, and every reader read its pages`,
      );
    if (!saidCopied && readFromCopy && !readFromPage)
      this.report(
        'copied flag',
        record,
        (id) => `loan ${id} is said to have been sent from its pages, and every reader read a copy`,
      );
  }

  private report(where: string, record: LoanRecord, text: (id: number) => string): void {
    const { id } = record.loan!;
    this.refute('hazard', where, id, () => text(id));
  }

  override remembered(sink: Sink): void {
    this.evidence.loans.forEachCalled((record) => {
      const { transmitted, readFromPage, readFromCopy, copyMade, announced, saidCopied } = record;
      const said = (announced ? 1 : 0) | (saidCopied ? 2 : 0);
      const read =
        (transmitted ? 4 : 0) |
        (readFromPage ? 8 : 0) |
        (readFromCopy ? 16 : 0) |
        (copyMade ? 32 : 0);
      sink.number(said | read);
    });
  }

  exercised(): boolean {
    return this.heard > 0;
  }
}

export const watch = (evidence: Evidence): Watch => new Dishonest(card.id, evidence);
