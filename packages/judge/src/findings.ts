// What the judge says: a verdict on each property, findings, and figures.
import type { PartyName } from '@lastref/kernel';
import type { Property } from './properties/index.ts';

/** From harmless to harmful. */
export const HARMS = ['hazard', 'wire', 'delivered'] as const;
export type Harm = (typeof HARMS)[number];

/** What each harm is, in a few words. */
export const HARM_LEGEND: Readonly<Record<Harm, string>> = {
  hazard: 'changed bytes could have been read',
  wire: 'a device or a tap read changed bytes',
  delivered: 'an application read changed bytes',
};

/**
 * holds: the run could have refuted it and did not; not-exercised: nothing in it could have; not-judged: what was given
 * does not let one see it, for a reason that stands beside it.
 */
export const VERDICTS = ['holds', 'refuted', 'not-exercised', 'not-judged'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** One cause, at its first occurrence. */
export interface Finding {
  readonly property: Property;
  readonly harm: Harm;
  /** Where the reader was, or which reader read: 'tx ring', 'application'. */
  readonly where: string;
  /** Number of the loan, in the order of lending. */
  readonly loan: number;
  /** Steps taken when it showed, counting the one that showed it. */
  readonly step: number;
  readonly tick: number;
  readonly text: string;
  /** How often the same cause showed in this run. */
  count: number;
}

export interface HoldTimes {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Completions that the figures rest on. */
  readonly samples: number;
  /** Their distribution, as `histogram` gives it. */
  readonly histogram: readonly (readonly [number, number])[];
}

export interface Judgement {
  readonly verdicts: Readonly<Record<Property, Verdict>>;
  readonly findings: readonly Finding[];
  /** Of properties that stand beside the word. */
  readonly beside: readonly Finding[];
  readonly loans: number;
  /** Of these, loans of which somebody but the producer had, or read, the lent pages themselves. */
  readonly reached: number;
  readonly completions: number;
  /** Ticks from the moment when neither the producer nor any reader needed the pages to the completion. */
  readonly holdSamples: readonly number[];
  /** Ticks from lending to completion. */
  readonly lentSamples: readonly number[];
  /** Pages times ticks between lending and completion, or the end where none came. */
  readonly pinnedPageTicks: number;
  /** Pages of the completed loans, and the tick of the last completion: what the producer got through. */
  readonly pagesTold: number;
  readonly lastToldTick: number;
  /** Completions by the context they ran in. */
  readonly contexts: Readonly<Record<ContextKey, number>>;
  /** Completions by who could have put off the step that they ran in. */
  readonly stretchedBy: Readonly<Record<PartyName, number>>;
  /** Reads of lent bytes that were compared, by reader. */
  readonly reads: Readonly<Record<string, number>>;
}

/** Contexts as keys of a judgement, by their number. */
export const CONTEXT_KEYS = ['process', 'softirq', 'hardirq', 'irqsOff'] as const;
export type ContextKey = (typeof CONTEXT_KEYS)[number];

/** Nearest-rank quantiles of ticks. Sorts `ticks`. */
export function quantiles(ticks: number[]): HoldTimes {
  ticks.sort((a, b) => a - b);
  const rank = (q: number): number => ticks[Math.max(0, Math.ceil(q * ticks.length) - 1)] ?? 0;
  return {
    p50: rank(0.5),
    p99: rank(0.99),
    max: ticks.at(-1) ?? 0,
    samples: ticks.length,
    histogram: histogram(ticks),
  };
}

/** Buckets to each power of two, as a power of two. */
const SUB_BITS = 2;

/** Lower bound of the bucket that `tick` falls into: exact below 8, then four buckets to each power of two. */
export function bucketOf(tick: number): number {
  const top = 31 - Math.clz32(tick);
  const shift = Math.max(0, top - SUB_BITS);
  return (tick >>> shift) * 2 ** shift;
}

/** How many of the sorted `ticks` fall into each bucket: pairs of (lower bound, count), empty buckets left out. */
export function histogram(ticks: readonly number[]): [number, number][] {
  const pairs: [number, number][] = [];
  for (const tick of ticks) {
    const from = bucketOf(tick);
    const last = pairs.at(-1);
    if (last !== undefined && last[0] === from) last[1]++;
    else pairs.push([from, 1]);
  }
  return pairs;
}
