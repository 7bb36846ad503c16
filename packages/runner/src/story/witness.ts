// A judge that also takes notes of everything that happens to one loan.
import { Judge } from '@lastref/judge';
import { CONTEXT_NAMES, Reader, type Loan, type Page } from '@lastref/kernel';
import type { Mark } from '@lastref/report';
import { Holdings, type LentRange } from './holdings.ts';

/** The lane in which a reader reads, and what a sentence calls it. */
const READERS: Readonly<Record<Reader, { readonly lane: string; readonly words: string }>> = {
  [Reader.NIC]: { lane: 'tx ring', words: 'the device' },
  [Reader.APPLICATION]: { lane: 'application', words: 'the application' },
  [Reader.TAP]: { lane: 'tap', words: 'the tap' },
  [Reader.PIPE]: { lane: 'pipe', words: "the pipe's reader" },
  [Reader.PROTOCOL]: { lane: 'receive queue', words: 'the protocol that checks it' },
};

export interface Note {
  readonly lane: string;
  readonly mark: Mark;
}

export class Witness extends Judge {
  /** Number of the loan that it looks at. */
  readonly loanId: number;
  loan: Loan | null = null;
  readonly ranges: LentRange[] = [];
  /** What happened to the loan in the step that is going on. */
  notes: Note[] = [];
  says: string[] = [];
  /** The loan that each page was lent for last. */
  private readonly lentFor = new Map<Page, number>();
  private holdings: Holdings | null = null;

  constructor(loanId: number) {
    super();
    this.loanId = loanId;
  }

  /** A walk over this judge's machine. Call after `attach`. */
  survey(k: ConstructorParameters<typeof Holdings>[0]): Holdings {
    this.holdings = new Holdings(k, this.ranges, (page) => this.lentFor.get(page) === this.loanId);
    return this.holdings;
  }

  /** The pages that the loan was lent with, in the order of lending. */
  pages(): Page[] {
    return [...new Set(this.ranges.map((r) => r.page))];
  }

  override lent(...args: Parameters<Judge['lent']>): void {
    const [loan, page, pageOffset, size, flow, seq] = args;
    super.lent(...args);
    this.lentFor.set(page, loan.id);
    if (loan.id !== this.loanId) return;
    this.loan = loan;
    const { mem } = this.machine;
    const at = page.address + pageOffset;
    const bytes = Buffer.from(mem.subarray(at, at + size));
    this.ranges.push({ page, pageOffset, flow, seq, bytes, writes: page.writes });
    this.note('producer', 'lent', 'The producer lends pages of the loan.');
  }

  override completed(loan: Loan): void {
    if (loan.id === this.loanId) {
      const again = loan.completed ? 'a second time ' : '';
      const context = CONTEXT_NAMES[this.context()];
      this.note(
        'producer',
        'completed',
        `The producer is told ${again}that its pages are free (${context}).`,
      );
    }
    super.completed(loan);
  }

  override reused(page: Page): void {
    super.reused(page);
    if (this.ranges.some((r) => r.page === page))
      this.note('producer', 'rewritten', 'Pages of the loan are written anew.');
  }

  override read(...args: Parameters<Judge['read']>): void {
    const [reader, flow, seq, size, address, page] = args;
    super.read(...args);
    for (const range of this.ranges) {
      if (range.flow !== flow) continue;
      const start = Math.max(0, (range.seq - seq) | 0);
      const end = Math.min(size, (range.seq + range.bytes.length - seq) | 0);
      if (start >= end) continue;
      const into = (seq + start - range.seq) | 0;
      const changed = this.holdings!.differs(range, into, end - start, address + start, page);
      const { lane, words } = READERS[reader];
      this.note(
        lane,
        changed ? 'changed' : 'read',
        changed
          ? `${capital(words)} reads bytes that were not lent.`
          : `${capital(words)} reads bytes of the loan.`,
      );
    }
  }

  private note(lane: string, mark: Mark, text: string): void {
    if (!this.notes.some((n) => n.lane === lane && n.mark === mark))
      this.notes.push({ lane, mark });
    if (!this.says.includes(text)) this.says.push(text);
  }

  /** Forgets what the last step did. */
  next(): void {
    this.notes = [];
    this.says = [];
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
