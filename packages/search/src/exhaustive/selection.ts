// Which of the choices in a state are taken.
import type { Agenda } from '@lastref/kernel';
import { enough, lostLater, type Enough } from './ample.ts';
import type { Bound } from './bound.ts';
import { Arm, Row, choicesWithin, type Host } from './choices.ts';

export interface Selection {
  readonly rows: Int32Array;
  /** Nothing can be taken, and only the bound keeps a timer from firing. */
  readonly timerCut: boolean;
  /** The host whose steps are enough; null: those of all are taken. */
  readonly host: Host | null;
  /** Where the rows begin that are taken. */
  readonly taken: readonly number[];
  /** Steps of another host, which need not be. */
  readonly others: readonly number[];
}

/** All that can be taken, or, to leave out orders that cannot matter, as much of it as is enough. */
export class Selector {
  private readonly bound: Bound;
  private readonly reduces: boolean;
  private readonly enough: Enough | null;

  /** `isEnough` is null: the steps of all hosts are taken. */
  constructor(bound: Bound, reduces: boolean, isEnough: Enough | null = enough) {
    this.bound = bound;
    this.reduces = reduces;
    this.enough = reduces ? isEnough : null;
  }

  /** Steps of one host are taken for enough in some states. */
  get tellsHostsApart(): boolean {
    return this.enough !== null;
  }

  in(agenda: Agenda, spent: number): Selection {
    const { bound, reduces } = this;
    const { rows, timerCut } = choicesWithin(bound, agenda, spent);
    const host = this.enough?.(agenda, bound, rows, spent) ?? null;
    const later = reduces ? lostLater(agenda, bound, rows, spent) : [];
    const taken: number[] = [];
    const others: number[] = [];
    for (let at = 0; at < rows.length; at += Row.WORDS) {
      if (rows[at + Row.ARM] !== Arm.NOTHING || later.includes(at)) continue;
      if (host === null || rows[at + Row.HOST] === host) taken.push(at);
      else others.push(at);
    }
    return { rows, timerCut, host, taken, others };
  }
}
