// Counts to nanoseconds. A rough figure on purpose: it orders designs by what they would cost a processor of
// about 2010, it does not predict a machine. Every coefficient says where it comes from.

import type { CompareRow, CostRow, Costs } from './document.ts';
import type { Figures } from './html/data.ts';
import { NAIVE } from './perdesign.ts';

export interface Coefficient {
  readonly counter: string;
  readonly ns: number;
  readonly source: string;
}

export const COEFFICIENTS: readonly Coefficient[] = [
  {
    counter: 'atomicsRef',
    ns: 12.2,
    source:
      'CAS on a line in the own cache, 2.8 GHz Nehalem; P. McKenney, perfbook, cpu/overheads.tex',
  },
  { counter: 'atomicsDesign', ns: 12.2, source: 'as atomicsRef' },
  {
    counter: 'allocSkb',
    ns: 45,
    source: 'SLUB object of 256 bytes, network-like use; J. D. Brouer, linux-mm msg81994',
  },
  { counter: 'allocHead', ns: 45, source: 'as allocSkb, for every kmalloc class' },
  {
    counter: 'allocPage',
    ns: 45,
    source: 'as allocSkb; page allocation costs more, no era figure found',
  },
  {
    counter: 'copiedBytes',
    ns: 0.15,
    source:
      'between 0.1 and 0.25 ns a byte out of cache; no citable figure of the era, so the least certain one',
  },
  { counter: 'checksumBytes', ns: 0.15, source: 'as copiedBytes' },
  {
    counter: 'indirectCalls',
    ns: 5,
    source: 'a mispredicted indirect branch, about 15 cycles at 2.8 GHz',
  },
];

const CHARGED = COEFFICIENTS.map((c) => [c.counter, c.ns] as const);

/** Nanoseconds for a set of counters, coefficient by coefficient. Cache lines are reported but not charged: the atomics carry their cost. */
export function nanosecondParts(
  counts: Readonly<Record<string, number>>,
): { counter: string; ns: number }[] {
  return CHARGED.map(([counter, each]) => {
    if (counter !== 'allocHead') return { counter, ns: each * (counts[counter] ?? 0) };
    let ns = 0;
    for (const [name, n] of Object.entries(counts)) if (name.startsWith('kmalloc')) ns += each * n;
    return { counter, ns };
  });
}

/** Nanoseconds for a set of counters. */
export function nanoseconds(counts: Readonly<Record<string, number>>): number {
  let ns = 0;
  for (const part of nanosecondParts(counts)) ns += part.ns;
  return ns;
}

/** One kind of traffic added up; of rows with ordinary traffic, those where nothing is lent, if there are such: beside
 * lent traffic, other times of completion mean other losses, which are no cost of the design's. */
export function sumOf(rows: readonly CostedRow[], side: 'lent' | 'ordinary'): Costs {
  const alone = rows.filter((r) => r.loans === 0 && r.costs.ordinary.segments > 0);
  const total: Record<string, number> = {};
  let segments = 0;
  for (const { costs } of side === 'ordinary' && alone.length > 0 ? alone : rows) {
    for (const [name, n] of Object.entries(costs[side].total)) total[name] = (total[name] ?? 0) + n;
    segments += costs[side].segments;
  }
  return costsOf(total, segments);
}

type CostedRow = Pick<CompareRow, 'loans'> & {
  readonly costs: Readonly<Record<'lent' | 'ordinary', Pick<Costs, 'total' | 'segments'>>>;
};

/** Totals, and per data segment. */
export function costsOf(total: Readonly<Record<string, number>>, segments: number): Costs {
  if (segments === 0) return { segments, total, perSegment: null, nsPerSegment: null };
  const perSegment: Record<string, number> = {};
  for (const [name, n] of Object.entries(total)) perSegment[name] = thousandths(n / segments);
  return { segments, total, perSegment, nsPerSegment: thousandths(nanoseconds(total) / segments) };
}

export function thousandths(n: number): number {
  return Math.round(n * 1000) / 1000;
}

/** Per data segment, as every output shows it; null without segments. */
export function figures({ total, segments }: Pick<Costs, 'total' | 'segments'>): Figures | null {
  if (segments === 0) return null;
  const each = (n: number): number => thousandths(n / segments);
  let allocations = (total['allocSkb'] ?? 0) + (total['allocPage'] ?? 0);
  for (const [name, n] of Object.entries(total)) if (name.startsWith('kmalloc')) allocations += n;
  return {
    segments,
    refAtomics: each(total['atomicsRef'] ?? 0),
    designAtomics: each(total['atomicsDesign'] ?? 0),
    atomics: each((total['atomicsRef'] ?? 0) + (total['atomicsDesign'] ?? 0)),
    allocations: each(allocations),
    copied: each(total['copiedPayloadBytes'] ?? 0),
    cacheLines: each(total['cacheLines'] ?? 0),
    ns: each(nanoseconds(total)),
    parts: nanosecondParts(total).map((p) => each(p.ns)),
  };
}

/** One of the figures with so many digits; '-' without segments. */
export function figure(
  of: Figures | null,
  name: Exclude<keyof Figures, 'parts'>,
  digits: number,
): string {
  return of === null ? '-' : of[name].toFixed(digits);
}

/** What `row` costs traffic that does not use the design more than bare page references do; null: one of them has none. */
export function ordinaryMore(row: CostRow, rows: readonly CostRow[]): number | null {
  const base = rows.find((r) => r.design === NAIVE)?.ordinary.nsPerSegment ?? null;
  const { nsPerSegment } = row.ordinary;
  return base === null || nsPerSegment === null ? null : thousandths(nsPerSegment - base);
}

/** '1.07 ×'; '-' where there is nothing to compare. */
export function times(n: number | null): string {
  return n === null ? '-' : `${n.toFixed(2)} ×`;
}
