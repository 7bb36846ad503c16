// Moments of one machine, to come back to. Of every object that can be reached, what it holds is written down as a
// block; an object that did not change since the moment before shares the block of that one, so a moment costs what a
// step changes. Coming back writes blocks into the same objects.
// Non-goal: state that no field holds (a closure's variable, a #private field of somebody's design). Whoever uses
// moments has to check that nothing was.
import type { Cell } from '../cell.ts';
import { Layouts, type Block, type Keeper, type Known } from './layouts.ts';
import { Frames } from './frames.ts';

/** Objects that are known by name beyond those of the start: more are forgotten, as most of them are gone. */
const KNOWN_MAX = 1 << 14;

/** Blocks of objects that are always looked at, in groups that moments share. */
const GROUP = 16;

export interface Moment {
  /** Of the objects that are there from the start on. */
  readonly groups: readonly (readonly Block[])[];
  /** Objects that came later, or that a slab hands out; behind each its block. */
  readonly others: readonly (Known | Block)[];
  /** Frames that nobody has and somebody wrote to. */
  readonly written: readonly (readonly [number, Uint8Array])[];
}

const NOTHING_WRITTEN: readonly (readonly [number, Uint8Array])[] = [];

export class Moments implements Keeper {
  readonly frames: Frames;
  private readonly layouts: Layouts;
  private readonly all = new Map<object, Known>();
  /** What is there from the start on, whether or not it can still be reached. */
  private readonly fixed: Known[] = [];
  private groups: (readonly Block[])[] = [];
  look = 0;
  private readonly todo: Known[] = [];

  /** `leave`: objects that never change, with all that only they reach. */
  constructor(cell: Cell, leave: readonly object[]) {
    const { k } = cell;
    this.frames = new Frames(k);
    this.layouts = new Layouts(cell, this.frames);
    // what they hold is no state, or kept apart
    const nothing = this.layouts.nothing;
    for (const o of [...leave, k.ledger.counts, k.mem])
      this.all.set(o, { o, layout: nothing, sites: [], block: [], look: Infinity });
    this.begin();
    this.meet(this.known(cell));
    for (let one = this.todo.pop(); one !== undefined; one = this.todo.pop()) {
      if (one.layout.comesAndGoes) continue;
      this.fixed.push(one);
      one.look = Infinity;
      one.block = one.layout.keep(one.o, null, this, one.sites);
      one.layout.meetConstants(one.o, this);
    }
    for (let i = 0; i < this.fixed.length; i += GROUP)
      this.groups.push(this.fixed.slice(i, i + GROUP).map((one) => one.block!));
  }

  private begin(): void {
    this.look++;
    if (this.all.size < KNOWN_MAX + this.fixed.length) return;
    for (const [o, one] of this.all) {
      one.sites.length = 0;
      if (one.look !== Infinity) this.all.delete(o);
    }
  }

  known(o: object): Known {
    let one = this.all.get(o);
    if (one === undefined) {
      one = { o, layout: this.layouts.of(o), sites: [], block: null, look: 0 };
      this.all.set(o, one);
    }
    return one;
  }

  meet(one: Known): void {
    if (one.look >= this.look) return;
    one.look = this.look;
    this.todo.push(one);
  }

  /** The moment that it is now. */
  keep(): Moment {
    this.begin();
    const { fixed, todo } = this;
    const groups = this.groups.slice();
    for (let g = 0; g < groups.length; g++) {
      const before = groups[g]!;
      let now: Block[] | null = null;
      for (let i = 0; i < before.length; i++) {
        const { o, layout, sites } = fixed[g * GROUP + i]!;
        const block = layout.keep(o, before[i]!, this, sites);
        if (block !== before[i]) (now ??= before.slice())[i] = block;
      }
      if (now !== null) groups[g] = now;
    }
    const others: (Known | Block)[] = [];
    for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
      const { o, layout } = one;
      const block = layout.keep(o, one.block, this, one.sites);
      layout.meetConstants(o, this);
      one.block = block;
      others.push(one, block);
    }
    this.groups = groups;
    const written = this.frames.writtenWhileFree() ?? NOTHING_WRITTEN;
    return { groups, others, written };
  }

  /** It is `moment` again. Objects made since are forgotten. */
  restore({ groups, others, written }: Moment): void {
    const { fixed } = this;
    for (let g = 0; g < groups.length; g++) {
      const blocks = groups[g]!;
      for (let i = 0; i < blocks.length; i++) {
        const { o, layout } = fixed[g * GROUP + i]!;
        layout.restore(o, blocks[i]!);
      }
    }
    for (let i = 0; i < others.length; i += 2) {
      const one = others[i] as Known;
      const block = others[i + 1] as Block;
      one.layout.restore(one.o, block);
      one.block = block;
    }
    this.groups = groups as (readonly Block[])[];
    if (written.length > 0) this.frames.write(written);
  }
}
