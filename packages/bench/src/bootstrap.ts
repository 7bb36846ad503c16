// How sure is a ratio? Rounds are drawn again with replacement, and within each the samples of both sides: what the
// ratio would have been, had the machine been disturbed at other moments.
import { Prng } from '@lastref/workloads';
import { median } from './stats.ts';

const DRAWS = 400;
const OUTSIDE = 0.025;

/** Samples by round. */
export type Rounds = readonly (readonly number[])[];

export interface Interval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The median over rounds of (median of `a`) / (median of `b`), with an interval of 95 %. `paired`: round i of one
 * ran beside round i of the other. The same samples and seed give the same interval.
 */
export function ratioInterval(a: Rounds, b: Rounds, paired: boolean, seed: number): Interval {
  const prng = new Prng(seed);
  const draws: number[] = [];
  for (let i = 0; i < DRAWS; i++) draws.push(drawn(a, b, paired, prng));
  draws.sort((x, y) => x - y);
  const at = (part: number): number => draws[Math.round(part * (DRAWS - 1))]!;
  return { ratio: plain(a, b, paired), low: at(OUTSIDE), high: at(1 - OUTSIDE) };
}

function plain(a: Rounds, b: Rounds, paired: boolean): number {
  if (!paired) return median(a.map(median)) / median(b.map(median));
  return median(a.slice(0, b.length).map((round, i) => median(round) / median(b[i]!)));
}

function drawn(a: Rounds, b: Rounds, paired: boolean, prng: Prng): number {
  const pick = (rounds: Rounds): number => median(again(rounds[prng.below(rounds.length)]!, prng));
  if (!paired) return median(a.map(() => pick(a))) / median(b.map(() => pick(b)));
  const n = Math.min(a.length, b.length);
  const ratios: number[] = [];
  for (let i = 0; i < n; i++) {
    const round = prng.below(n);
    ratios.push(median(again(a[round]!, prng)) / median(again(b[round]!, prng)));
  }
  return median(ratios);
}

/** As many samples, drawn with replacement. */
function again(samples: readonly number[], prng: Prng): number[] {
  return samples.map(() => samples[prng.below(samples.length)]!);
}
