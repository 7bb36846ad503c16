// Tables for a terminal.
import Table from 'cli-table3';
import type { CompareDocument, CompareRow, Costs } from './document.ts';
import { headline } from './verdicts.ts';
import { duration } from './words.ts';

/** Colours, or none: picocolors' shape. */
export interface Paint {
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

/** No colours of its own, and no line between rows. */
export const PLAIN = {
  style: { head: [], border: [] },
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
};

function paintHeadline(word: string, paint: Paint): string {
  switch (word) {
    case 'holds':
      return paint.green(word);
    case '-':
      return paint.dim(word);
    case 'delivered':
    case 'wire':
      return paint.red(word);
    default:
      return paint.yellow(word);
  }
}

/** Designs down, workloads across, one word a cell. */
export function verdictTable(doc: CompareDocument, paint: Paint): string {
  const table = new Table({
    head: ['', ...doc.workloads.map((w) => w.id.replace(/-/g, '\n'))],
    ...PLAIN,
  });
  for (const design of doc.designs) {
    const cells = doc.workloads.map((workload) => {
      const row = doc.rows.find((r) => r.design === design.id && r.workload === workload.id);
      return row === undefined ? '' : paintHeadline(headline(row), paint);
    });
    table.push([design.id, ...cells]);
  }
  return table.toString();
}

export const VERDICT_LEGEND = [
  'delivered  an application read changed bytes     wire  a device or a tap did',
  'early      told while somebody could still read  lost  never told, with nobody left',
  'holds      nothing found in these runs           -     nothing was lent: nothing to find',
].join('\n');

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

function allocations(total: Readonly<Record<string, number>>): number {
  let n = (total['allocSkb'] ?? 0) + (total['allocPage'] ?? 0);
  for (const [name, value] of Object.entries(total)) if (name.startsWith('kmalloc')) n += value;
  return n;
}

function per(n: number, segments: number, digits: number): string {
  return segments === 0 ? '-' : (n / segments).toFixed(digits);
}

/** What a data segment costs, and how late producers are told. */
export function costTable(
  doc: CompareDocument,
  ns: (total: Readonly<Record<string, number>>) => number,
): string {
  const table = new Table({
    head: [
      '',
      'ref\natomics',
      'design\natomics',
      'allocs',
      'payload\ncopied',
      'cache\nlines',
      'est.\nns',
      'ordinary\natomics',
      'ordinary\nest. ns',
      'told late\np50',
      'told late\nmax',
    ],
    colAligns: ['left', ...Array.from({ length: 10 }, () => 'right' as const)],
    ...PLAIN,
  });
  for (const design of doc.designs) {
    const rows = doc.rows.filter((r) => r.design === design.id);
    const lent = sumCosts(rows, 'lent');
    const other = sumCosts(rows, 'ordinary');
    const holds = rows.map((r) => r.holdTicks).filter((h) => h.samples > 0);
    const median = holds.map((h) => h.p50).sort((a, b) => a - b)[holds.length >> 1] ?? 0;
    table.push([
      design.id,
      per(lent['atomicsRef'] ?? 0, lent.segments, 2),
      per(lent['atomicsDesign'] ?? 0, lent.segments, 2),
      per(allocations(lent), lent.segments, 2),
      per(lent['copiedPayloadBytes'] ?? 0, lent.segments, 0),
      per(lent['cacheLines'] ?? 0, lent.segments, 1),
      per(ns(lent), lent.segments, 0),
      per((other['atomicsRef'] ?? 0) + (other['atomicsDesign'] ?? 0), other.segments, 2),
      per(ns(other), other.segments, 0),
      duration(median),
      duration(Math.max(0, ...holds.map((h) => h.max))),
    ]);
  }
  return table.toString();
}
