// A copy of a copy of a copy: what the last release has to walk, and what it costs.
import { kfreeSkb, pskbCopy, type SkBuff } from '@lastref/kernel';
import { openBench } from './bench.ts';
import { workloadCalled } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

const DEPTHS = [0, 1, 2, 4, 8, 16, 32, 256];
const WORKLOAD = 'bulk-loss';
/** One holder, and that of the payload alone. */
const PAYLOAD = 0x10001;

export interface Chain {
  readonly depths: readonly {
    readonly depth: number;
    /** Shared infos that the last release freed, and locked operations that it made. */
    readonly walked: number;
    readonly atomics: number;
    /** The producer was told by it, and not before. */
    readonly told: boolean;
    /** Parents on which the child had a reference of the payload and nothing else. */
    readonly payload: number;
  }[];
  /** Longest walk of one release in a transfer with losses. */
  readonly inPractice: number;
}

export const chainLab: Lab<Chain> = (design, era) => ({
  depths: DEPTHS.map((depth) => nested(design, era, depth)),
  inPractice: longestWalk(design, era),
});

const nested: (...of: [...Parameters<Lab<unknown>>, number]) => Chain['depths'][number] = (
  design,
  era,
  depth,
) => {
  const { cell, stage } = openBench(design, era);
  const { k } = cell;
  const [loan] = k.loans.all;
  const copies: SkBuff[] = [];
  for (let i = 0; i < depth; i++) copies.push(pskbCopy(k, copies.at(-1) ?? stage.first));
  const parents = [stage.first, ...copies].slice(0, depth).map((skb) => skb.shinfo);
  const last = copies.pop();
  if (last !== undefined) stage.dequeue(stage.first);
  for (const copy of copies) kfreeSkb(k, copy);
  const payload = parents.filter((shinfo) => shinfo.dataref === PAYLOAD).length;
  let walked = 0;
  const dataFree = k.lifetime.dataFree.bind(k.lifetime);
  k.lifetime.dataFree = (shinfo) => {
    walked++;
    return dataFree(shinfo);
  };
  const before = k.ledger.side(k.side);
  const early = loan!.completed;
  if (last === undefined) stage.dequeue(stage.first);
  else kfreeSkb(k, last);
  const after = k.ledger.side(k.side);
  const atomics = ['atomicsRef', 'atomicsDesign'].reduce(
    (n, name) => n + after[name]! - before[name]!,
    0,
  );
  return { depth, walked, atomics, told: !early && loan!.completed, payload };
};

const longestWalk: Lab<number> = (design, era) => {
  const cell = new Cell({ design, workload: workloadCalled(WORKLOAD)!, era, seed: 1 });
  const { lifetime } = cell.k;
  const dataFree = lifetime.dataFree.bind(lifetime);
  let walk = 0;
  let longest = 0;
  lifetime.dataFree = (shinfo) => {
    walk++;
    longest = Math.max(longest, walk);
    const orig = dataFree(shinfo);
    if (orig === null || orig.dataref > PAYLOAD) walk = 0; // the walk ends here
    return orig;
  };
  cell.runByClock();
  return longest;
};
