// A second opinion, got in another way and slowly. It never asks who can reach a page: it keeps the bytes that were
// lent, compares every read with them, and says of a completion what came of it in all continuations.
// Goal: *early* and *lost* without a walk, a witness or a count. Non-goal: speed, hold times, the other properties.
import {
  READER_NAMES,
  type Kernel,
  type Loan,
  type Page,
  type Probe,
  type Reader,
} from '@lastref/kernel';

/** A range that was lent, and its bytes then. */
interface Lending {
  readonly loan: number;
  readonly flow: number;
  readonly seq: number;
  readonly page: Page;
  readonly pageOffset: number;
  readonly bytes: Buffer;
}

/** A read of bytes that are not those lent. */
export interface ChangedRead {
  readonly loan: number;
  /** In which step of the run, from 1. */
  readonly step: number;
  readonly reader: (typeof READER_NAMES)[number];
}

/** Listens to one run. */
export class Oracle implements Probe {
  readonly changed: ChangedRead[] = [];
  /** In which step each loan was completed. */
  readonly told = new Map<number, number>();
  /** Loans of which something was lent. */
  readonly loans = new Set<number>();
  /** Number of the step that is going on, from 1. */
  step = 1;
  private readonly lendings: Lending[] = [];
  private k: Kernel | null = null;

  /** The machine whose bytes it looks at. Once, before the first step. */
  attach(k: Kernel): void {
    this.k = k;
  }

  lent(loan: Loan, page: Page, pageOffset: number, size: number, flow: number, seq: number): void {
    const at = page.address + pageOffset;
    const bytes = Buffer.from(this.k!.mem.subarray(at, at + size));
    this.loans.add(loan.id);
    this.lendings.push({ loan: loan.id, flow, seq, page, pageOffset, bytes });
  }

  sentCopy(...args: Parameters<Probe['lent']>): void {
    this.lent(...args);
  }

  carried(flow: number, seq: number, size: number, from: number, fromSeq: number): void {
    for (const lending of this.lendings.filter((one) => one.flow === from)) {
      const at = (lending.seq - fromSeq) | 0;
      const start = Math.max(0, at);
      const end = Math.min(size, at + lending.bytes.length);
      if (start >= end) continue;
      const bytes = lending.bytes.subarray(start - at, end - at);
      const pageOffset = lending.pageOffset + start - at;
      this.lendings.push({ ...lending, flow, seq: (seq + start) | 0, pageOffset, bytes });
    }
  }

  completed(loan: Loan): void {
    if (!this.told.has(loan.id)) this.told.set(loan.id, this.step);
  }

  read(
    reader: Reader,
    flow: number,
    seq: number,
    size: number,
    address: number,
    page: Page | null,
  ): void {
    for (const lending of this.lendings) {
      // By place in the stream; who reads a page without knowing of any stream, by place in the page.
      const stream = flow !== 0;
      if (stream ? lending.flow !== flow : lending.page !== page) continue;
      const at = stream
        ? (lending.seq - seq) | 0
        : lending.page.address + lending.pageOffset - address;
      this.compare(reader, lending, at, size, address);
    }
  }

  /** The lending begins `at` bytes behind what is read. */
  private compare(
    reader: Reader,
    lending: Lending,
    at: number,
    size: number,
    address: number,
  ): void {
    const { bytes, loan } = lending;
    const from = Math.max(0, at);
    const to = Math.min(size, at + bytes.length);
    if (from >= to) return;
    const found = this.k!.mem.subarray(address + from, address + to);
    if (bytes.subarray(from - at, to - at).equals(found)) return;
    this.changed.push({ loan, step: this.step, reader: READER_NAMES[reader] });
  }

  afterStep(): void {
    this.step++;
  }

  released(): void {}
  reused(): void {}
  objectFreed(): void {}
  freedUsed(): void {}
  lockWanted(): void {}
  stuck(): void {}
  programHears(): void {}
  programCalls(): void {}
  copied(): void {}
  pageFreed(): void {}
  pageTaken(): void {}
  pageDisowned(): void {}
  written(): void {}
  notified(): void {}
  ownerLeaves(): void {}
}

/** What is known of one completion: a loan, told at the end of a list of steps. */
interface Completion {
  readonly steps: string;
  readonly loan: number;
  early: boolean;
}

/**
 * Completions of a scenario whose every continuation is run, one by one. In each of them the producer writes as
 * soon as it is told and every reader reads before it lets go, so a completion was too early if, and only if, some
 * continuation reads changed bytes.
 */
export class Continuations {
  private readonly completions = new Map<string, Completion>();

  /** One run, by names for its steps: two runs that begin with the same names have the same beginning. */
  add(steps: readonly string[], run: Oracle): void {
    for (const [loan, told] of run.told) {
      const key = `${loan}: ${steps.slice(0, told).join(' ')}`;
      const known = this.completions.get(key);
      const read = run.changed.some((c) => c.loan === loan && c.step >= told);
      if (known === undefined)
        this.completions.set(key, { steps: steps.slice(0, told).join(' '), loan, early: read });
      else known.early ||= read;
    }
  }

  /** Every completion. */
  all(): Completion[] {
    return [...this.completions.values()];
  }
}
