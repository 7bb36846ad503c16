// Counts to nanoseconds. A rough figure on purpose: it orders designs by what they would cost a processor of
// about 2010, it does not predict a machine. Every coefficient says where it comes from.

import type { CompareRow, Costs } from './document.ts';
import type { Figures } from './html/data.ts';

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

export type Totals = Costs['total'] & { segments: number };

/** The sum of one kind of traffic over rows. */
export function sumCosts(rows: readonly CompareRow[], side: 'lent' | 'ordinary'): Totals {
  const total: Totals = { segments: 0 };
  for (const row of rows) {
    for (const [name, n] of Object.entries(row.costs[side].total)) {
      if (name !== 'segments') total[name] = (total[name] ?? 0) + n;
    }
    total.segments += row.costs[side].segments;
  }
  return total;
}

/** Costs of lent traffic. */
export function lentCosts(rows: readonly CompareRow[]): Totals {
  return sumCosts(rows, 'lent');
}

/**
 * Costs of ordinary traffic. Taken where nothing is lent, if there is such a run: beside lent traffic, other times of
 * completion mean other losses, which are no cost of the design's.
 */
export function ordinaryCosts(rows: readonly CompareRow[]): Totals {
  const alone = rows.filter((r) => r.loans === 0 && r.costs.ordinary.segments > 0);
  return sumCosts(alone.length > 0 ? alone : rows, 'ordinary');
}

/** Per data segment, as every output shows it; null without segments. */
export function figures(total: Totals): Figures | null {
  const { segments } = total;
  if (segments === 0) return null;
  const each = (n: number): number => Math.round((n / segments) * 1000) / 1000;
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
