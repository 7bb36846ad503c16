// What it is worth to be told soon: how long pages are tied up, and how fast a producer with few of them gets on.
import type { CompareDocument, CompareRow } from './document.ts';
import { duration } from './words.ts';
import { table } from './markup.ts';

type Column = (row: CompareRow) => string;

/** Designs down, the workloads that lend across. */
function across(doc: CompareDocument, column: Column): string {
  const lending = doc.workloads.filter((w) =>
    doc.rows.some((r) => r.workload === w.id && r.loans > 0),
  );
  return table(
    ['design', ...lending.map((w) => w.id)],
    doc.designs.map((d) => [
      d.id,
      ...lending.map((w) => {
        const row = doc.rows.find((r) => r.design === d.id && r.workload === w.id);
        return row === undefined ? '-' : column(row);
      }),
    ]),
  );
}

/** Page-seconds between lending and completion. */
export function pinned(doc: CompareDocument): string {
  return across(doc, (r) => digits(r.pinnedPageSeconds));
}

/** The most pages that were away at once. */
export function peaks(doc: CompareDocument): string {
  return across(doc, (r) => String(r.peakPages ?? '-'));
}

/** Pages that the producers got back in a second; the fastest of each workload in bold. */
export function producing(doc: CompareDocument): string {
  const best = new Map<string, number>();
  for (const r of doc.rows)
    best.set(r.workload, Math.max(best.get(r.workload) ?? 0, r.pagesPerSecond ?? 0));
  return across(doc, (r) => {
    const text = digits(r.pagesPerSecond ?? undefined);
    return r.pagesPerSecond === best.get(r.workload) ? `**${text}**` : text;
  });
}

/** How long a producer had its pages away, half of the times and at worst, and what of that came after the last reader. */
export function waiting(doc: CompareDocument): string {
  return across(doc, (r) =>
    r.lentTicks.samples === 0
      ? '-'
      : `${duration(r.lentTicks.p50)}, ${duration(r.lentTicks.max)} (${duration(r.holdTicks.max)})`,
  );
}

export const HOLDING_WORDS =
  'A producer with a limited number of pages waits for them: who is told later gets less done, and who is told too early gets more done wrongly. *Away*: from lending to completion, median and worst, in brackets the worst part of it behind the last reader.';

function digits(n: number | undefined): string {
  if (n === undefined) return '-';
  return n >= 100 ? n.toFixed(0) : n.toFixed(n >= 10 ? 1 : 2);
}
