// Estimates have two ends, and say when they do not agree on an order.
import { expect, test } from 'vitest';
import { changesPlaces, costsOf, estimate, figures, times } from '@lastref/report';

const row = (design: string, total: Record<string, number>) => ({
  design,
  lent: costsOf(total, 1),
  ordinary: costsOf({}, 0),
});

const own = row('own-cache', { atomicsRef: 10 });
const shared = row('shared', { atomicsRef: 9, atomicsRefAway: 2 });

test('an atomic on a count of the other processor costs the same on one, and more on two', () => {
  expect(estimate(figures(own.lent))).toBe('122');
  expect(estimate(figures(shared.lent))).toBe('110–277');
});

test('who is cheaper on one processor alone is named', () => {
  expect(changesPlaces([own, shared])).toContain('shared over own-cache');
  expect(changesPlaces([own, row('dearer', { atomicsRef: 11 })])).toBe(
    'The order of the designs is the same at both ends.',
  );
});

test('a list that is looked through costs', () => {
  const looks = figures(row('looks', { atomicsRef: 10, looked: 33 }).lent);
  expect(looks!.ns).toBeGreaterThan(figures(own.lent)!.ns + 100);
});

test('a multiple has the ends that its parts have', () => {
  expect(times(1.066, 1.309)).toBe('1.07–1.31 ×');
  expect(times(1, 1)).toBe('1.00 ×');
  expect(times(null)).toBe('-');
});
