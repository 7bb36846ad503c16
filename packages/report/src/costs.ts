// Counts to nanoseconds. A rough figure on purpose: it orders designs by what they would cost a processor of
// about 2010, it does not predict a machine. Every coefficient says where it comes from.

import type { CompareRow, CostRow, Costs } from './document.ts';
import type { Figures } from './html/data.ts';
import { NAIVE, signed } from './perdesign.ts';
import { COEFFICIENTS, type End } from '@lastref/kernel';

const CHARGED = {
  low: COEFFICIENTS.map((c) => [c.counter, c.ns] as const),
  high: COEFFICIENTS.map((c) => [c.counter, c.nsHigh] as const),
};

/** Nanoseconds for a set of counters, coefficient by coefficient. Cache lines as such are reported and not charged: locked operations, structs, lists and copies are charged for theirs. */
export function nanosecondParts(
  counts: Readonly<Record<string, number>>,
  end: End = 'low',
): { counter: string; ns: number }[] {
  return CHARGED[end].map(([counter, each]) => {
    if (counter !== 'allocHead') return { counter, ns: each * (counts[counter] ?? 0) };
    let ns = 0;
    for (const [name, n] of Object.entries(counts)) if (name.startsWith('kmalloc')) ns += each * n;
    return { counter, ns };
  });
}

/** Nanoseconds for a set of counters. */
export function nanoseconds(counts: Readonly<Record<string, number>>, end: End = 'low'): number {
  let ns = 0;
  for (const part of nanosecondParts(counts, end)) ns += part.ns;
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
  if (segments === 0)
    return { segments, total, perSegment: null, nsPerSegment: null, nsPerSegmentHigh: null };
  const perSegment: Record<string, number> = {};
  for (const [name, n] of Object.entries(total)) perSegment[name] = thousandths(n / segments);
  const ns = (end: End): number => thousandths(nanoseconds(total, end) / segments);
  return {
    segments,
    total,
    perSegment,
    nsPerSegment: ns('low'),
    nsPerSegmentHigh: ns('high'),
  };
}

export function thousandths(n: number): number {
  return Math.round(n * 1000) / 1000;
}

/** In brackets: its kernel has not got what the design was made for. */
export function costName({ design, outside }: CostRow): string {
  return outside === true ? `(${design})` : design;
}

/** Per data segment, as every output shows it; null without segments. */
export function figures({ total, segments }: Pick<Costs, 'total' | 'segments'>): Figures | null {
  if (segments === 0) return null;
  const each = (n: number): number => thousandths(n / segments);
  let allocations =
    (total['allocSkb'] ?? 0) + (total['allocPage'] ?? 0) + (total['allocDesign'] ?? 0);
  let headBytes = 0;
  for (const [name, n] of Object.entries(total)) {
    if (!name.startsWith('kmalloc')) continue;
    allocations += n;
    headBytes += n * Number(name.slice('kmalloc'.length));
  }
  return {
    segments,
    refAtomics: each(total['atomicsRef'] ?? 0),
    designAtomics: each(total['atomicsDesign'] ?? 0),
    atomics: each((total['atomicsRef'] ?? 0) + (total['atomicsDesign'] ?? 0)),
    away: each((total['atomicsRefAway'] ?? 0) + (total['atomicsDesignAway'] ?? 0)),
    allocations: each(allocations),
    headBytes: each(headBytes),
    copied: each(total['copiedPayloadBytes'] ?? 0),
    cacheLines: each(total['cacheLines'] ?? 0),
    ns: each(nanoseconds(total)),
    nsHigh: each(nanoseconds(total, 'high')),
    parts: nanosecondParts(total).map((p) => each(p.ns)),
  };
}

/** One of the figures with so many digits; '-' without segments. */
export function figure(
  of: Figures | null,
  name: Exclude<keyof Figures, 'parts' | 'ns' | 'nsHigh'>,
  digits: number,
): string {
  return of === null ? '-' : of[name].toFixed(digits);
}

/** Estimated nanoseconds as every output shows them: '172–640'; '-' without segments. */
export function estimate(of: Figures | null): string {
  return of === null ? '-' : span(of.ns.toFixed(0), of.nsHigh.toFixed(0));
}

function span(low: string, high: string): string {
  return low === high ? low : `${low}–${high}`;
}

/** What `row` costs traffic that does not use the design more than bare page references do, at both ends: '+0.0', '+2.1 to +9.4'. */
export function ordinaryMore(row: CostRow, rows: readonly CostRow[]): string {
  const base = figures(rows.find((r) => r.design === NAIVE)?.ordinary ?? NOTHING);
  const own = figures(row.ordinary);
  if (base === null || own === null) return '-';
  const [low, high] = [signed(own.ns - base.ns, 1), signed(own.nsHigh - base.nsHigh, 1)];
  return low === high ? low : `${low} to ${high}`;
}

const NOTHING = { segments: 0, total: {} };

/** '1.07 ×', '1.07–1.31 ×' where the ends differ; '-' where there is nothing to compare. */
export function times(n: number | null, high: number | null | undefined = n): string {
  return n === null ? '-' : `${span(n.toFixed(2), (high ?? n).toFixed(2))} ×`;
}

/** Less than this apart, two estimates say nothing. */
const ALIKE = 0.5;

/**
 * Who changes places between the ends: 'sock-wfree (under copy-always on one processor, above on two)'. '' where there
 * is one alone.
 */
export function changesPlaces(rows: readonly CostRow[]): string {
  const all = rows.flatMap(({ design, lent }) => {
    const f = figures(lent);
    return f === null ? [] : [{ design, low: f.ns, high: f.nsHigh }];
  });
  if (all.length < 2) return '';
  const said = all.flatMap((a) => {
    const over = all.filter((b) => b.low - a.low > ALIKE && a.high - b.high > ALIKE);
    return over.length === 0 ? [] : [`${a.design} over ${over.map((b) => b.design).join(', ')}`];
  });
  return said.length === 0
    ? 'The order of the designs is the same at both ends.'
    : `The order differs between the ends. Dearer across two sockets, though cheaper on one processor: ${said.join('; ')}.`;
}
