// What notifications say, against what happened: which send calls are over, and whether readers got copies.
import { Reader } from '@lastref/kernel';
import type { Finder } from './findings.ts';
import type { LoanRecord } from './shadow.ts';

export class NoticeWatch {
  private readonly finder: Finder;
  /** By producer, then by send call. */
  private readonly calls: (LoanRecord | undefined)[][] = [];
  /** Announced in the step that is going on. */
  private readonly fresh: LoanRecord[] = [];
  /** Notifications that were read. */
  read = 0;

  constructor(finder: Finder) {
    this.finder = finder;
  }

  /** A loan was lent of for the first time. */
  opened(record: LoanRecord): void {
    const { producer, call } = record.loan!;
    (this.calls[producer] ??= [])[call] = record;
  }

  /** Lent bytes were read on the lending host, from the lent page itself or from a copy. */
  bytesRead(record: LoanRecord, reader: Reader, fromPage: boolean): void {
    if (reader === Reader.NIC) record.transmitted = true;
    else if (record.transmitted && (reader === Reader.APPLICATION || reader === Reader.PROTOCOL))
      return; // at the other end of a wire
    if (fromPage) record.readFromPage = true;
    else record.readFromCopy = true;
  }

  /** For a fingerprint: what the verdict at the end can still depend on. */
  remembered(sink: { number(v: number): void }): void {
    for (const calls of this.calls) {
      for (const record of calls ?? []) {
        if (record === undefined) continue;
        const { transmitted, readFromPage, readFromCopy, announced, saidCopied } = record;
        const said = (announced ? 1 : 0) | (saidCopied ? 2 : 0);
        const read = (transmitted ? 4 : 0) | (readFromPage ? 8 : 0) | (readFromCopy ? 16 : 0);
        sink.number(said | read);
      }
    }
  }

  notified(producer: number, lo: number, hi: number, copied: boolean): void {
    this.read++;
    for (let call = lo; call <= hi; call++) {
      const record = this.calls[producer]?.[call];
      if (record === undefined) continue; // a call that lent nothing
      if (record.announced)
        this.find('range', record, `send call ${call} of loan ${idOf(record)} is announced twice`);
      record.announced = true;
      record.saidCopied = copied;
      this.fresh.push(record);
    }
  }

  /** After the walk `walk`, at the end of a step: is every call that was announced over? */
  judgeRanges(walk: number): void {
    for (const record of this.fresh) {
      if (record.seen !== walk) continue;
      const text = `a notification covers loan ${idOf(record)}, whose pages the ${record.where} can still read`;
      this.find('range', record, text);
    }
    this.fresh.length = 0;
  }

  /**
   * Nobody will read any more. A word on copies is untrue if every reader contradicts it; where some read the pages
   * and some a copy, either may be said.
   */
  finish(): void {
    for (const calls of this.calls) {
      for (const record of calls ?? []) if (record?.announced === true) this.judgeCopied(record);
    }
  }

  private judgeCopied(record: LoanRecord): void {
    const { saidCopied, readFromPage, readFromCopy } = record;
    if (saidCopied && readFromPage && !readFromCopy) {
      const text = `loan ${idOf(record)} is said to have been copied, and every reader read its pages`;
      this.find('copied flag', record, text);
    }
    if (!saidCopied && readFromCopy && !readFromPage) {
      const text = `loan ${idOf(record)} is said to have been sent from its pages, and every reader read a copy`;
      this.find('copied flag', record, text);
    }
  }

  private find(where: string, record: LoanRecord, text: string): void {
    if (!this.finder.known('dishonest', 'hazard', where))
      this.finder.find('dishonest', 'hazard', where, idOf(record), text);
  }
}

function idOf(record: LoanRecord): number {
  return record.loan!.id;
}
