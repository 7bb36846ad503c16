// Two orders that come to the same machine are followed by one: what a cell says of a design is what all of them say.
import { eraOf, type Design } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as perFrag } from '../../../strategies/ian-frag-destructor.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { design as origChain } from '../../../strategies/rusty-shinfo-orig.ts';
import { design as skbDestructor } from '../../../strategies/skb-destructor.ts';
import { matrixOperations, runMatrixCell, type Beyond } from '../src/index.ts';

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
  ['skb_shift', { processors: 2 }],
] as const)('%s %o', (id, beyond) => {
  test.each(DESIGNS)('$id: fewer orders say the same', (design) => {
    const { runs: few, ...joined } = cell(design, id, { ...beyond, joins: true });
    const { runs: all, ...apart } = cell(design, id, beyond);
    expect(joined).toEqual(apart);
    expect(few).toBeLessThan(all);
  });
});
