// Operations that meet packets of a write queue alone: a design whose packets never stand there is run, and said to be outside.
import type { Design } from '@lastref/kernel';
import { findEra } from '@lastref/runner';
import { design as ian } from '@lastref/strategies/ian-frag-destructor';
import { design as marker } from '@lastref/strategies/shared-frag-marker';
import { design as pool } from '@lastref/strategies/page-pool';
import { design as ubuf } from '@lastref/strategies/ubuf-orphan';
import { matrixShown } from '@lastref/report';
import { expect, test } from 'vitest';
import { against, matrixOperations, runMatrixCell } from '@lastref/operations';

const called = (id: string) => matrixOperations().find((o) => o.id === id)!;
const shown = (design: Design, id: string, era = '7.2.13') => {
  const cell = runMatrixCell(design, called(id), findEra(era));
  return matrixShown(against(cell, runMatrixCell(design, called('control'), findEra(era))));
};

test('a driver receives its pages: none of them stands in a write queue', () => {
  expect(shown(pool, 'skb_split')).toBe('(lost)');
  expect(shown(pool, 'skb_split, esp_input')).toBe('(lost)');
  expect(shown(pool, 'skb_try_coalesce')).toBe('proven');
});

test("nor do a guest's", () => {
  expect(shown(ubuf, 'tcp_fragment')).toMatch(/^\(/);
});

test('a design that was made for whoever lends is at home there, and one that promises nobody to be told', () => {
  expect(shown(ian, 'skb_split')).toBe('proven');
  expect(shown(marker, 'skb_split')).not.toMatch(/^\(/);
});
