// Takes notes of everything that happens to one loan.
import { ReaderList, type Judge } from '@lastref/judge';
import {
  CONTEXT_NAMES,
  NoProbe,
  Reader,
  type Call,
  type Event,
  type Loan,
  type Page,
  type Probe,
} from '@lastref/kernel';
import type { Mark } from '@lastref/report';
import type { Cell } from '@lastref/search';
import { calledText, heardText } from './program.ts';
import { Holdings, differs, type LentRange } from './holdings.ts';

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

export class Witness extends NoProbe {
  /** Number of the loan that it looks at. */
  readonly loanId: number;
  loan: Loan | null = null;
  /** What was lent, and what of it other streams went on to carry. */
  readonly ranges: LentRange[] = [];
  /** What happened to the loan in the step that is going on. */
  notes: Note[] = [];
  says: string[] = [];
  private readonly judge: Judge;

  constructor(loanId: number, judge: Judge) {
    super();
    this.loanId = loanId;
    this.judge = judge;
  }

  /** Who has something of the loan in this cell, whose judge is the one that the witness stands beside. */
  survey({ k }: Cell): Holdings {
    const readers = new ReaderList(this.judge.evidence.ranges);
    return new Holdings(k, this.loanId, this.ranges, readers);
  }

  /** The pages that the loan was lent with, in the order of lending. */
  pages(): Page[] {
    return [...new Set(this.ranges.map((r) => r.page))];
  }

  private get mem(): Uint8Array {
    return this.judge.evidence.machine.mem;
  }

  override lent(...args: Parameters<Probe['lent']>): void {
    const [loan, page, pageOffset, size, flow, seq] = args;
    if (loan.id !== this.loanId) return;
    this.loan = loan;
    const at = page.address + pageOffset;
    const bytes = Buffer.from(this.mem.subarray(at, at + size));
    this.ranges.push({ page, pageOffset, flow, seq, bytes, writes: page.writes });
    this.note('producer', 'lent', 'The producer lends pages of the loan.');
  }

  override carried(flow: number, seq: number, size: number, from: number, fromSeq: number): void {
    for (const range of this.ranges.filter((r) => r.flow === from)) {
      const start = Math.max(0, (range.seq - fromSeq) | 0);
      const end = Math.min(size, (range.seq + range.bytes.length - fromSeq) | 0);
      if (start >= end) continue;
      const into = (fromSeq + start - range.seq) | 0;
      this.ranges.push({
        ...range,
        pageOffset: range.pageOffset + into,
        flow,
        seq: (seq + start) | 0,
        bytes: range.bytes.subarray(into, into + end - start),
      });
    }
  }

  override completed(loan: Loan): void {
    if (loan.id !== this.loanId) return;
    const again = loan.completed ? 'a second time ' : '';
    const context = CONTEXT_NAMES[this.judge.context()];
    this.note(
      'producer',
      'completed',
      `The producer is told ${again}that its pages are free (${context}).`,
    );
  }

  override reused(page: Page): void {
    if (this.ranges.some((r) => r.page === page))
      this.note('producer', 'rewritten', 'Pages of the loan are written anew.');
  }

  override read(...args: Parameters<Probe['read']>): void {
    const [reader, flow, seq, size, address, page] = args;
    for (const range of this.ranges) {
      if (range.flow !== flow) continue;
      const start = Math.max(0, (range.seq - seq) | 0);
      const end = Math.min(size, (range.seq + range.bytes.length - seq) | 0);
      if (start >= end) continue;
      const into = (seq + start - range.seq) | 0;
      const changed = differs(this.mem, range, into, end - start, address + start, page);
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

  override programHears(event: Event, given: readonly (number | boolean)[]): void {
    this.says.push(`${capital(heardText(event, given))}.`);
  }

  override programCalls(call: Call, given: readonly number[], result: number | null): void {
    this.says.push(`It calls ${calledText(call, given, result)}.`);
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
