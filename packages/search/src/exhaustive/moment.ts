// Moments of one machine, to come back to. Of every object that can be reached, what it holds is written down as a
// block; an object that did not change since the moment before shares the block of that one, so a moment costs what a
// step changes. Coming back writes blocks into the same objects.
// Non-goal: state that no field holds (a closure's variable, a #private field of somebody's design). Whoever uses
// moments has to check that nothing was.
import { SkBuff, type Slab, type SlabObject } from '@lastref/kernel';
import type { Cell } from '../cell.ts';
import type { Block, Keeper, Known } from './layout.ts';
import { Layouts, NOTHING } from './layouts.ts';
import { Frames } from './frames.ts';
import { Scan } from './scan.ts';

/** Objects that are known by name beyond those of the start: more are forgotten, as most of them are gone. */
const KNOWN_MAX = 1 << 14;

/** Blocks of objects that are always looked at, in groups that moments share. */
const GROUP = 16;

export interface Moment {
  /** Of the objects that are there from the start on. */
  readonly groups: readonly (readonly Block[])[];
  /** Objects of slabs that somebody has, and others that came later; behind each its block. */
  readonly used: readonly (Known | Block)[];
  readonly later: readonly (Known | Block)[];
  /** Frames that nobody has and somebody wrote to; null: none. */
  readonly written: readonly (readonly [number, Uint8Array])[] | null;
}

export class Moments implements Keeper {
  readonly frames: Frames;
  private readonly layouts: Layouts;
  private readonly all = new Map<object, Known>();
  /** What is there from the start on, whether or not it can still be reached. */
  private readonly fixed: Known[] = [];
  private readonly slabs: readonly Slab<SlabObject>[];
  private readonly scan: Scan;
  /** The moment that was kept or come back to last: what changed since, a scan finds. */
  private base: Moment;
  look = 0;
  private readonly todo: Known[] = [];

  /** `leave`: objects that never change, with all that only they reach. */
  constructor(cell: Cell, leave: readonly object[]) {
    const { k } = cell;
    this.frames = new Frames(k);
    this.layouts = new Layouts(cell);
    // what they hold is no state, or kept apart
    for (const o of [...leave, k.ledger.counts, k.mem])
      this.all.set(o, { o, layout: NOTHING, sites: [], block: [], look: Infinity });
    this.begin();
    this.meet(this.known(cell));
    const others: Known[] = [];
    for (let one = this.todo.pop(); one !== undefined; one = this.todo.pop()) {
      const { o, layout, sites } = one;
      one.block = layout.keep(o, null, this, sites);
      layout.meetConstants(o, this);
      if (layout.comesAndGoes) {
        others.push(one);
        continue;
      }
      one.look = Infinity;
      if (layout.flat === null || layout.flat.length > 0) this.fixed.push(one);
    }
    this.scan = new Scan(this.fixed);
    const groups: (readonly Block[])[] = [];
    for (let i = 0; i < this.fixed.length; i += GROUP)
      groups.push(this.fixed.slice(i, i + GROUP).map((one) => one.block!));
    this.slabs = [k.skbs, k.fclones, k.shinfos, k.pages, k.loans];
    const used = others.flatMap((one) => [one, one.block!]);
    this.base = { groups, used, later: [], written: this.frames.writtenWhileFree() };
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
    const { fixed, todo, scan, base } = this;
    const groups = base.groups.slice();
    const changed = scan.find();
    for (let n = 0; n < changed.length; n++) {
      const i = changed[n]!;
      const { o, layout, sites } = fixed[i]!;
      const g = Math.floor(i / GROUP);
      const block = layout.keep(o, groups[g]![i % GROUP]!, this, sites);
      scan.holds(i, block);
      if (groups[g] === base.groups[g]) groups[g] = groups[g]!.slice();
      (groups[g] as Block[])[i % GROUP] = block;
    }
    for (let s = 0; s < this.slabs.length; s++) this.meetUsed(this.slabs[s]!);
    const { later } = base;
    for (let i = 0; i < later.length; i += 2) this.meet(later[i] as Known);
    this.base = { groups, ...this.keepMet(todo), written: this.frames.writtenWhileFree() };
    return this.base;
  }

  /** All objects of a slab that somebody has. */
  private meetUsed({ all }: Slab<SlabObject>): void {
    for (let i = 0; i < all.length; i++) {
      const one = all[i]!;
      if (one.live) this.meet(this.known(one));
      if (!(one instanceof SkBuff)) continue;
      const { pair } = one;
      if (pair !== null && pair.live) this.meet(this.known(pair));
    }
  }

  private keepMet(todo: Known[]): Pick<Moment, 'used' | 'later'> {
    const used: (Known | Block)[] = [];
    const later: (Known | Block)[] = [];
    for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
      const { o, layout } = one;
      const block = layout.keep(o, one.block, this, one.sites);
      layout.meetConstants(o, this);
      one.block = block;
      (layout.comesAndGoes ? used : later).push(one, block);
    }
    return { used, later };
  }

  /** It is `moment` again. Objects made since are forgotten. */
  restore(moment: Moment): void {
    const { fixed, scan, base, frames } = this;
    const { groups, used, later, written } = moment;
    const changed = scan.find();
    for (let n = 0; n < changed.length; n++) {
      const i = changed[n]!;
      const { o, layout } = fixed[i]!;
      layout.restore(o, base.groups[Math.floor(i / GROUP)]![i % GROUP]!, frames);
    }
    for (let g = 0; g < groups.length; g++) {
      const before = base.groups[g]!;
      const blocks = groups[g]!;
      if (blocks === before) continue;
      for (let i = 0; i < blocks.length; i++) {
        const block = blocks[i]!;
        if (block === before[i]) continue;
        const { o, layout } = fixed[g * GROUP + i]!;
        layout.restore(o, block, frames);
        scan.holds(g * GROUP + i, block);
      }
    }
    putBack(later, frames);
    putBack(used, frames);
    frames.refresh();
    if (written !== null) frames.write(written);
    this.base = moment;
  }
}

function putBack(list: Moment['used'], frames: Frames): void {
  for (let i = 0; i < list.length; i += 2) {
    const one = list[i] as Known;
    const block = list[i + 1] as Block;
    one.layout.restore(one.o, block, frames);
    one.block = block;
  }
}
