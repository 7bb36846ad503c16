// Pages that the destructor of an skb finds, after so many bytes were pulled to the front.
import { PAGE_SIZE, pskbPullTail } from '@lastref/kernel';
import { openBench } from './bench.ts';
import type { Lab } from './index.ts';

export interface Pulled {
  readonly bytes: number;
  readonly submitted: number;
  /** Frags when the destructor ran. */
  readonly found: number;
  /** Pages of the others that had lost the stack's reference by then. */
  readonly freed: number;
}

export const pullLab: Lab<readonly Pulled[]> = (design, era) =>
  [0, PAGE_SIZE, 2 * PAGE_SIZE, 2.5 * PAGE_SIZE].map((bytes) => {
    const { cell, stage } = openBench(design, era);
    const { k } = cell;
    const skb = stage.first;
    const pages = skb.shinfo.frags.slice(0, skb.shinfo.nrFrags).map((f) => f.page);
    const counts = pages.map((p) => p.count);
    const submitted = pages.length;
    let found = -1;
    let freed = 0;
    const destructor = k.lifetime.skbDestructor.bind(k.lifetime);
    k.lifetime.skbDestructor = (dying) => {
      if (dying === skb) {
        found = skb.shinfo.nrFrags;
        freed = pages.filter((p, i) => p.count < counts[i]!).length;
      }
      destructor(dying);
    };
    if (bytes > 0) pskbPullTail(k, skb, bytes);
    stage.dequeue(skb);
    return { bytes, submitted, found, freed };
  });
