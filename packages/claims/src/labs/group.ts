// Several fragments of one operation, spread over packets, and everybody lets go in every order: how often and when is
// the producer told?
import { OPERATIONS, existsIn, operationWorkload, orders } from '@lastref/operations';
import type { Lab } from './index.ts';

/** Operations that leave the fragments of one loan in several hands. */
const SPREADING = ['skb_split', 'tcp_fragment', 'skb_segment', 'pskb_copy', 'skb_zerocopy'];

export interface Group {
  readonly operations: number;
  /** Orders of letting go. */
  readonly orders: number;
  /** Orders in which every loan was completed exactly once, behind its last reader. */
  readonly once: number;
  /** After how many releases the loan of three fragments was completed, at the earliest and at the latest. */
  readonly earliest: number;
  readonly latest: number;
}

export const groupLab: Lab<Group> = (design, era) => {
  const movers = OPERATIONS.filter((m) => SPREADING.includes(m.id) && existsIn(m, era.id));
  const seen = { orders: 0, once: 0, earliest: Number.MAX_SAFE_INTEGER, latest: 0 };
  for (const mover of movers) {
    const workload = operationWorkload(mover, 'shared');
    for (const { cell, told } of orders({ design, workload, era, seed: 1 })) {
      seen.orders++;
      const { judgement } = cell.finish();
      const { completions, loans, findings } = judgement;
      if (completions === loans && findings.length === 0) seen.once++;
      const turn = told.get(1);
      if (turn === undefined) continue;
      seen.earliest = Math.min(seen.earliest, turn);
      seen.latest = Math.max(seen.latest, turn);
    }
  }
  return { operations: movers.length, ...seen };
};
