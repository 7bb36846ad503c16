// Who listens to what the judge has established. The machine's own events are too many and too raw for that: truth
// and accounts take them in first, and what follows from them is told here, seldom enough that a list of listeners
// costs nothing.
import { READER_NAMES, Reader, type Loan, type Page, type PageHome } from '@lastref/kernel';
import type { LoanRecord } from '../account/record.ts';
import type { Evidence } from '../evidence.ts';
import type { Finding, Harm } from '../findings.ts';
import type { Property } from './index.ts';

/** Hears everything and does nothing. Override what is wanted: only what is overridden is called. */
export abstract class Observer {
  /** `reader` read other bytes of the loan than those that were lent. */
  changedRead(_record: LoanRecord, _reader: Reader): void {}
  /** `reader` reads of a loan that somebody else has completed in this very step. */
  readOnceTold(_record: LoanRecord, _reader: Reader): void {}
  /** A loan is being completed. `record`: null where nothing was lent of it; `completed` says: not the first time. */
  completed(_loan: Loan, _record: LoanRecord | null): void {}
  /** The step in which the loan was completed first is over. `readable`: somebody is left who can read it. */
  settled(_record: LoanRecord, _readable: boolean): void {}
  /** The producer reads a notification about its send calls `lo` to `hi`. */
  notified(_producer: number, _lo: number, _hi: number, _copied: boolean): void {}
  /** Everybody who can read a completed loan was just looked for; `walk` is the number of that look. */
  looked(_walk: number): void {}
  /** The producer goes away; `gone`: with everything that its callbacks need. */
  ownerLeaves(_producer: number, _gone: boolean): void {}
  /** The stack writes in place; `page`: null where the bytes are its own. */
  written(_page: Page | null): void {}
  /** A page goes to an allocator. `inUse`: of what was lent of it something is not over yet. */
  pageFreed(_page: Page, _to: PageHome, _inUse: boolean): void {}
  /** An object that a program has allocated is freed. */
  objectFreed(_name: string): void {}
  /** It is used or freed once more. `text`: what is done to it. */
  freedUsed(_name: string, _text: string): void {}
  /** A lock is to be taken. */
  lockWanted(): void {}
  /** A processor waits for ever. */
  stuck(_text: string): void {}
  /** The run is over. `drained`: nothing is left that could still happen. */
  finished(_drained: boolean): void {}
  /** For a fingerprint: all that later calls can depend on. */
  remembered(_sink: Sink): void {}
}

/** Where state goes that makes two runs differ. */
export interface Sink {
  value(v: unknown): void;
  number(v: number): void;
}

/** Watches for one property. */
export abstract class Watch extends Observer {
  readonly property: Property;
  protected readonly evidence: Evidence;

  constructor(property: Property, evidence: Evidence) {
    super();
    this.property = property;
    this.evidence = evidence;
  }

  /** Did the run do anything that could have refuted the property? */
  abstract exercised(): boolean;

  /** A finding; one cause, which is harm and place, counts once. `loan`: its number, 0 where none is known. */
  protected refute(harm: Harm, where: string, loan: number, text: () => string): void {
    const { evidence, property } = this;
    if (!evidence.known(property, harm, where)) evidence.find(property, harm, where, loan, text());
  }
}

/** Watches for changed bytes. Under a design that is wrong most reads are such, so only the first of a reader is looked at closely. */
export abstract class WatchOfReads extends Watch {
  private readonly first: (Finding | null)[] = READER_NAMES.map(() => null);

  /** Is a changed read of this loan what it watches for? */
  protected abstract concerns(record: LoanRecord): boolean;
  protected abstract text(who: string, record: LoanRecord): string;

  override changedRead(record: LoanRecord, reader: Reader): void {
    if (!this.concerns(record)) return;
    const known = this.first[reader]!;
    if (known === null) this.first[reader] = this.finds(record, reader);
    else known.count++;
  }

  private finds(record: LoanRecord, reader: Reader): Finding {
    const harm = reader === Reader.APPLICATION ? 'delivered' : 'wire';
    const who = READER_NAMES[reader];
    return this.evidence.find(this.property, harm, who, record.loan!.id, this.text(who, record));
  }

  exercised(): boolean {
    return this.evidence.reads.some((n) => n > 0);
  }
}
