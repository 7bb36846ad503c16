// When each operation was completed, and who could read its pages then.
import { Observer, ReaderList, type Judge, type LoanRecord } from '@lastref/judge';
import { PerLoan } from './per-loan.ts';

export interface ToldOf {
  readonly loan: number;
  readonly tick: number;
  readonly readers: readonly string[];
}

/** Notes when each operation was completed, and who could read its pages when that step was over. */
export class Completions extends Observer {
  readonly ends = new Map<number, ToldOf>();
  readonly changed: PerLoan['changed'];
  private readonly judge: Judge;
  private readonly readers: ReaderList;

  constructor(judge: Judge) {
    super();
    this.judge = judge;
    this.readers = new ReaderList(judge.evidence.ranges);
    judge.observe(this);
    const perLoan = new PerLoan();
    judge.observe(perLoan);
    this.changed = perLoan.changed;
  }

  override settled({ loan }: LoanRecord): void {
    const { id, op } = loan!;
    if (this.ends.has(op)) return;
    const k = this.judge.evidence.machine;
    this.readers.look(k);
    const readers = [...this.readers.of(id).keys()];
    this.ends.set(op, { loan: id, tick: k.agenda.now, readers });
  }
}
