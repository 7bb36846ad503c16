// Counts through everything that may be chosen, one choice after the other: like an odometer whose wheels, and their widths,
// are met on the way.

interface Wheel {
  options: readonly unknown[];
  turn: number;
  wide: boolean;
}

export class Odometer {
  private readonly wheels: Wheel[] = [];
  private at = 0;

  /** The next choice of this run: of `options`, which are the same whenever the choices before it are. */
  choose<Option>(options: readonly Option[]): Option {
    const wheel = this.wheels[this.at] ?? { options, turn: 0, wide: false };
    this.wheels[this.at++] = wheel;
    return wheel.options[wheel.turn] as Option;
  }

  /** No run before made the choice that comes next. */
  get isNew(): boolean {
    return this.at === this.wheels.length;
  }

  /** What more there is behind the last choice, `widen` has said already. */
  get isWide(): boolean {
    return this.wheels[this.at - 1]!.wide;
  }

  /** As it turns out, there are `more` options of the last choice, whose first was taken. */
  widen(more: readonly unknown[]): void {
    const wheel = this.wheels[this.at - 1]!;
    if (wheel.wide) return; // known from the run before
    wheel.wide = true;
    wheel.options = [...wheel.options, ...more];
  }

  /** On to the next run; false: there is none. */
  next(): boolean {
    const { wheels } = this;
    wheels.length = this.at; // what an earlier run had chosen behind them
    this.at = 0;
    for (let last = wheels.at(-1); last !== undefined; last = wheels.at(-1)) {
      if (++last.turn < last.options.length) return true;
      wheels.pop();
    }
    return false;
  }
}
