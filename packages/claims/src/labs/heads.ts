// From a shared info back to the head of its data: is the distance always the same?
import {
  Site,
  kfreeSkb,
  pskbExpandHead,
  skbClone,
  type Kernel,
  type SkBuff,
} from '@lastref/kernel';
import { openBench } from './bench.ts';
import { workloadCalled } from '@lastref/workloads';
import { Cell } from '@lastref/search';
import type { Lab } from './index.ts';

/** The last is what the patch was made for. */
const WORKLOADS = ['nfs-odirect', 'bulk-loss', 'ordinary', 'vringfd'];
/** One reference of the payload and nothing else: what a child has on its parent. */
const LAST = 0x10001;
const HEADROOM = 2048;

export interface Heads {
  /** Sizes of the data areas in front of shared infos that were met. */
  readonly distances: readonly number[];
  readonly seen: number;
  /** Releases at the end of a walk up to a parent: nobody there has an sk_buff that says where the head is. */
  readonly parents: number;
  /** Of these, those that a distance taken for the usual one would have freed in the wrong place. */
  readonly missed: number;
}

export const headLab: Lab<Heads> = (design, era) => {
  const distances = new Map<number, number>();
  const up: number[] = [];
  let seen = 0;
  const watch = (k: Kernel): void => {
    const { lifetime } = k;
    const dataFree = lifetime.dataFree.bind(lifetime);
    let climbing = false;
    lifetime.dataFree = (shinfo) => {
      seen++;
      const distance = shinfo.end - shinfo.head;
      distances.set(distance, (distances.get(distance) ?? 0) + 1);
      if (climbing) up.push(distance);
      const parent = dataFree(shinfo);
      climbing = parent !== null && parent.dataref === LAST; // the walk goes on there
      return parent;
    };
  };
  for (const id of WORKLOADS) {
    const cell = new Cell({ design, workload: workloadCalled(id)!, era, seed: 1 });
    watch(cell.k);
    cell.runByClock();
  }
  const { cell, stage } = openBench(design, era);
  watch(cell.k);
  throughTunnels(cell.k, stage.first);
  stage.dequeue(stage.first);
  const usual = [...distances].sort(([, a], [, b]) => b - a)[0]?.[0];
  return {
    distances: [...distances.keys()].sort((a, b) => a - b),
    seen,
    parents: up.length,
    missed: up.filter((d) => d !== usual).length,
  };
};

/** A clone goes through two tunnels, each of which makes room in front: a head of a head, both longer than the first. */
function throughTunnels(k: Kernel, skb: SkBuff): void {
  const outer = skbClone(k, skb, Site.TAP);
  pskbExpandHead(k, outer, HEADROOM, 0);
  const inner = skbClone(k, outer, Site.TAP);
  pskbExpandHead(k, inner, HEADROOM, 0);
  kfreeSkb(k, outer);
  kfreeSkb(k, inner);
}
