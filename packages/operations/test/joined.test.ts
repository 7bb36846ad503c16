// Two orders that come to the same machine are followed by one: what a cell says of a design is what all of them say.
import { eraOf, type Design } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as perFrag } from '../../../strategies/ian-frag-destructor.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { design as origChain } from '../../../strategies/rusty-shinfo-orig.ts';
import { design as skbDestructor } from '../../../strategies/skb-destructor.ts';
import {
  matrixOperations,
  operationWorkload,
  orders,
  runMatrixCell,
  type Beyond,
} from '../src/index.ts';
import { sample } from '../../../scripts/tier.ts';

const cell = (design: Design, id: string, beyond: Beyond) => {
  const operation = matrixOperations().find((o) => o.id === id)!;
  const { token: _, ...rest } = runMatrixCell(design, operation, eraOf('6.1.192')!, beyond);
  return rest;
};

const DESIGNS = [naive, perFrag, origChain, skbDestructor];

describe.each([
  ['skb_segment', {}],
  ['nf_queue', {}],
  ['skb_clone', { faults: true }],
  ['nf_queue', { processors: 2 }],
] as const)('%s %o', (id, beyond) => {
  test.each(sample(DESIGNS, 2, id.length))('$id: fewer orders say the same', (design) => {
    const { runs: few, ...joined } = cell(design, id, { ...beyond, joins: true });
    const { runs: all, ...apart } = cell(design, id, beyond);
    expect(joined).toEqual(apart);
    expect(few).toBeLessThan(all);
  });
});

/** What is seen of each order that is followed to its end, by its name. */
function* seenOf(design: Design, id: string, joins: boolean): Generator<[string, unknown]> {
  const workload = operationWorkload(
    matrixOperations().find((o) => o.id === id)!,
    'shared',
  );
  const input = { design, workload, era: eraOf('6.1.192')!, seed: 1 };
  for (const { cell, name, findings, told, heldBy, joined } of orders(input, { joins })) {
    if (joined) continue;
    const what = findings.map(({ property, harm, step }) => [property, harm, step]);
    yield [name, [what, told, heldBy, cell.judge.step, cell.k.ledger.totals()]];
  }
}

test.each(sample(DESIGNS, 2))(
  '$id: an order on a machine that went back is as on one of its own, costs too',
  (design) => {
    for (const id of ['skb_segment', 'skb_shift', 'nf_queue']) {
      const each = new Map(seenOf(design, id, false));
      const few = [...seenOf(design, id, true)];
      expect(few.length).toBeGreaterThan(3);
      for (const [name, seen] of few) expect(seen, `${id}: ${name}`).toEqual(each.get(name));
    }
  },
);
