// A second party puts its own destructor on an skb that has one: when is the first party called?
import { skbSetOwnerW } from '@lastref/kernel';
import { openBench } from './bench.ts';
import type { Lab } from './index.ts';

export interface TwoParties {
  /** When the second party came; when the skb was freed. */
  readonly atOnce: number;
  readonly atFree: number;
  readonly never: number;
}

export const ownerLab: Lab<TwoParties> = (design, era) => {
  const { cell, stage } = openBench(design, era);
  const { k } = cell;
  const seen = { atOnce: 0, atFree: 0, never: 0 };
  for (const loan of [...k.loans.all].slice(0, 2)) {
    const skb = stage.first;
    const before = loan.refs;
    const done = (): boolean => loan.completed || loan.refs < before;
    skbSetOwnerW(k, skb, stage.sk); // the second party
    if (done()) seen.atOnce++;
    const early = done();
    stage.dequeue(skb);
    if (!early && done()) seen.atFree++;
    if (!done()) seen.never++;
  }
  return seen;
};
