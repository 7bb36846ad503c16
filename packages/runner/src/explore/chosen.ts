// Where a reader has got to: the steps chosen, and those that an undo took back, to go forward to again. Whoever shows it
// asks the model anew where they lead. No import of values: the page in a browser has it too.
import type { Choice } from '@lastref/search';

/** How to go on from the chosen steps: look what may come, play by the clock, let a search finish. */
export type GoOn = 'look' | 'clock' | 'search';

export class Chosen {
  private taken: readonly Choice[] = [];
  private all: readonly Choice[] = [];

  /** The steps that are taken. */
  get picks(): readonly Choice[] {
    return this.taken;
  }

  /** How many were chosen, those that an undo took back among them. */
  get count(): number {
    return this.all.length;
  }

  /** From the start, or where a link says. */
  begin(picks: readonly Choice[] = []): void {
    this.taken = this.all = picks;
  }

  /** One step more; what an undo took back is forgotten. */
  choose(choice: Choice): void {
    this.taken = this.all = [...this.taken, choice];
  }

  /** To where `n` steps were chosen, 0 to `count`. */
  jump(n: number): void {
    this.taken = this.all.slice(0, n);
  }

  /** What the model says was taken, having gone on by `goOn`: of what it looked at there may be less than was chosen. */
  arrived(picks: readonly Choice[], goOn: GoOn): void {
    this.taken = picks;
    if (goOn !== 'look' || picks.length > this.all.length) this.all = picks;
  }
}
