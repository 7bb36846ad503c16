// Hold times keep their shape in a few numbers.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, histogram, quantiles } from '../src/index.ts';

test('short times are exact, long ones within a quarter of their power of two', () => {
  expect([0, 1, 7, 8, 9, 10, 1023, 1024, 1_000_000].map(bucketOf)).toEqual([
    0, 1, 7, 8, 8, 10, 896, 1024, 917_504,
  ]);
});

test('no time is lost, and none moves to another bucket', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0x7fff_ffff)), (ticks) => {
      const pairs = histogram([...ticks].sort((a, b) => a - b));
      expect(pairs.reduce((sum, [, n]) => sum + n, 0)).toBe(ticks.length);
      for (const [from, n] of pairs)
        expect(ticks.filter((t) => bucketOf(t) === from)).toHaveLength(n);
      for (const t of ticks) {
        expect(bucketOf(t)).toBeLessThanOrEqual(t);
        expect(t - bucketOf(t)).toBeLessThanOrEqual(bucketOf(t) / 4);
      }
    }),
  );
});

test('the histogram stands beside the quantiles of the same times', () => {
  expect(quantiles([3, 0, 0, 100])).toEqual({
    p50: 0,
    p99: 100,
    max: 100,
    samples: 4,
    histogram: [
      [0, 2],
      [3, 1],
      [96, 1],
    ],
  });
});
