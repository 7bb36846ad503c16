// Median and spread. Noise on a shared machine is one-sided and drifts, so figures are medians over rounds, with
// their range, and ratios are taken within a round.

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** (max - min) / median, in percent. */
  readonly spreadPct: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const mid = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[mid]! : (sorted[mid - 1]! + sorted[mid]!) / 2;
}

export function spread(values: readonly number[]): Spread {
  const min = Math.min(...values);
  const max = Math.max(...values);
  const mid = median(values);
  return { median: mid, min, max, spreadPct: ((max - min) / mid) * 100 };
}
