// Pages that the destructor of an skb finds, after so many bytes were pulled to the front.
import { PAGE_SIZE, pskbPullTail } from '@lastref/kernel';
import { openBench } from './bench.ts';
import type { Lab } from './index.ts';

export interface Pulled {
  readonly bytes: number;
  readonly submitted: number;
  /** Frags when the destructor ran. */
  readonly found: number;
}

export const pullLab: Lab<readonly Pulled[]> = (design, era) =>
  [0, PAGE_SIZE, 2 * PAGE_SIZE, 2.5 * PAGE_SIZE].map((bytes) => {
    const { cell, stage } = openBench(design, era);
    const { k } = cell;
    const skb = stage.first;
    const submitted = skb.shinfo.nrFrags;
    let found = -1;
    const destructor = k.lifetime.skbDestructor.bind(k.lifetime);
    k.lifetime.skbDestructor = (dying) => {
      if (dying === skb) found = skb.shinfo.nrFrags;
      destructor(dying);
    };
    if (bytes > 0) pskbPullTail(k, skb, bytes);
    stage.dequeue(skb);
    return { bytes, submitted, found };
  });
