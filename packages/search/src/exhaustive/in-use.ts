// One machine that goes back to where it was, for who goes through it by itself: its costs too, which a search does without.
import type { Cell } from '../cell.ts';
import { Moments, type Moment } from './moment.ts';

/** Where a machine was. */
export interface MachineMark {
  readonly moment: Moment;
  readonly costs: Float64Array;
}

export class MachineInUse {
  private readonly cell: Cell;
  private readonly moments: Moments;

  /** The memory of `cell` is poisoned, and its judge looks everywhere after each step (`always`): what else it keeps in mind does not come back. */
  constructor(cell: Cell) {
    this.cell = cell;
    const { workload, era, watched = era, design } = cell.input;
    this.moments = new Moments(cell, [workload, era, watched, design, cell.input]);
  }

  mark(): MachineMark {
    return { moment: this.moments.keep(), costs: this.cell.k.ledger.counts.slice() };
  }

  backTo({ moment, costs }: MachineMark): void {
    this.moments.restore(moment);
    this.cell.k.ledger.counts.set(costs);
  }
}
