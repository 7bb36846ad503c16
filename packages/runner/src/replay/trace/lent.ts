// Keeps all bytes that were ever lent, to say what is wrong with those on a wire.
import { NoProbe, type Kernel, type Loan, type Probe } from '@lastref/kernel';

interface Lent {
  readonly loan: number;
  readonly step: number;
  readonly seq: number;
  readonly bytes: Buffer;
}

export class LentBytes extends NoProbe {
  private k: Kernel | null = null;
  /** Number of the step that is going on, from 1. */
  step = 1;
  /** By flow, in stream order. */
  private readonly flowsLent = new Map<number, Lent[]>();
  /** The step in which the producer was told of each loan. */
  private readonly toldAt = new Map<number, number>();

  /** The machine to listen to. Once, before the first step. */
  attach(k: Kernel): void {
    this.k = k;
  }

  override lent(...args: Parameters<Probe['lent']>): void {
    const [loan, page, pageOffset, size, flow, seq] = args;
    const at = page.address + pageOffset;
    const bytes = Buffer.from(this.k!.mem.subarray(at, at + size));
    this.keep(flow, { loan: loan.id, step: this.step, seq, bytes });
  }

  override carried(flow: number, seq: number, size: number, from: number, fromSeq: number): void {
    for (const entry of this.overlapping(from, fromSeq, size)) {
      const start = Math.max(0, (entry.seq - fromSeq) | 0);
      const end = Math.min(size, (entry.seq + entry.bytes.length - fromSeq) | 0);
      const into = (fromSeq + start - entry.seq) | 0;
      const bytes = entry.bytes.subarray(into, into + end - start);
      this.keep(flow, { ...entry, seq: (seq + start) | 0, bytes });
    }
  }

  private keep(flow: number, entry: Lent): void {
    const list = this.flowsLent.get(flow);
    if (list === undefined) this.flowsLent.set(flow, [entry]);
    else list.push(entry);
  }

  override completed(loan: Loan): void {
    if (!this.toldAt.has(loan.id)) this.toldAt.set(loan.id, this.step);
  }

  /** What differs between stream bytes from `seq` and those that were lent; null: nothing. */
  complaint(flow: number, seq: number, bytes: Buffer): string | null {
    const said: string[] = [];
    for (const entry of this.overlapping(flow, seq, bytes.length)) {
      const start = Math.max(0, (entry.seq - seq) | 0);
      const end = Math.min(bytes.length, (entry.seq + entry.bytes.length - seq) | 0);
      const into = (seq + start - entry.seq) | 0;
      let changed = 0;
      for (let i = start; i < end; i++) if (bytes[i] !== entry.bytes[into + i - start]) changed++;
      if (changed === 0) continue;
      const told = this.toldAt.get(entry.loan);
      const when = told === undefined ? 'is not told yet' : `was told in step ${told}`;
      said.push(
        `${changed} bytes are not those of loan ${entry.loan}, lent in step ${entry.step}; its producer ${when}; read in step ${this.step}`,
      );
    }
    return said.length === 0 ? null : `CHANGED BYTES: ${said.join('. ')}`;
  }

  private overlapping(flow: number, seq: number, size: number): readonly Lent[] {
    const list = this.flowsLent.get(flow) ?? [];
    let lo = 0;
    let hi = list.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      const { seq: from, bytes } = list[mid]!;
      if (((from + bytes.length - seq) | 0) <= 0) lo = mid + 1;
      else hi = mid;
    }
    let end = lo;
    while (end < list.length && ((list[end]!.seq - seq - size) | 0) < 0) end++;
    return list.slice(lo, end);
  }
}
