// An era that notes what was asked of it. Two eras that give the same answers to all that a run asked cannot be told apart
// by that run, so it need not be made twice.
import type { Era, KnownChange } from '@lastref/kernel';

export class EraReads {
  private readonly base: Era;
  private readonly fields = new Map<keyof Era, unknown>();
  private readonly changes = new Map<KnownChange, boolean>();
  /** For a machine. */
  readonly era: Era;

  constructor(base: Era) {
    this.base = base;
    const { fields } = this;
    const noting = {} as Record<keyof Era, unknown>;
    for (const key of Object.keys(base) as (keyof Era)[]) {
      Object.defineProperty(noting, key, {
        enumerable: true,
        configurable: true,
        get: () => {
          const value = key === 'changes' ? this.noted : base[key];
          if (key !== 'changes') fields.set(key, value);
          Object.defineProperty(noting, key, { enumerable: true, value }); // it is known now
          return value;
        },
      });
    }
    this.era = noting as unknown as Era;
  }

  private readonly noted = {
    has: (change: KnownChange): boolean => {
      let there = this.changes.get(change);
      if (there === undefined) {
        there = this.base.changes.has(change);
        this.changes.set(change, there);
      }
      return there;
    },
  };

  /** Would `other` have answered the same? */
  fits(other: Era): boolean {
    for (const [key, value] of this.fields) if (other[key] !== value) return false;
    for (const [change, there] of this.changes)
      if (other.changes.has(change) !== there) return false;
    return true;
  }
}
