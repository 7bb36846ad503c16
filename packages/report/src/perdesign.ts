// What a comparison says of a design over all workloads: where it tells its producers, who can put that off, and what
// it costs those who do not use it.
import type { CompareRow, DesignSummary, Parties } from './document.ts';
import { figures, ordinaryCosts } from './costs.ts';

/** Costs to traffic that does not use a design are compared with this one: bare page references. */
export const BASELINE = 'naive-sendpage';

/** Sums the rows of each design. */
export function summarise(
  designs: readonly string[],
  rows: readonly CompareRow[],
): DesignSummary[] {
  const of = (id: string): CompareRow[] => rows.filter((r) => r.design === id);
  const base = designs.includes(BASELINE) ? ordinary(of(BASELINE)) : null;
  return designs.map((design) => {
    const mine = of(design);
    const cost = ordinary(mine);
    return {
      design,
      contexts: {
        process: sum(mine, (r) => r.contexts.process),
        softirq: sum(mine, (r) => r.contexts.softirq),
        hardirq: sum(mine, (r) => r.contexts.hardirq),
        irqsOff: sum(mine, (r) => r.contexts.irqsOff),
      },
      stretchedBy: {
        nobody: sum(mine, (r) => r.stretchedBy.nobody),
        device: sum(mine, (r) => r.stretchedBy.device),
        peer: sum(mine, (r) => r.stretchedBy.peer),
        'slow reader': sum(mine, (r) => r.stretchedBy['slow reader']),
        guest: sum(mine, (r) => r.stretchedBy.guest),
      },
      ordinary: cost === null ? null : { ...cost, nsMore: base === null ? null : more(cost, base) },
    };
  });
}

function sum(rows: readonly CompareRow[], of: (row: CompareRow) => number): number {
  return rows.reduce((n, row) => n + of(row), 0);
}

/** Per segment of ordinary traffic; null where there was none. */
function ordinary(rows: readonly CompareRow[]): { atomics: number; ns: number } | null {
  const of = figures(ordinaryCosts(rows));
  return of === null ? null : { atomics: of.atomics, ns: of.ns };
}

function more(cost: { ns: number }, base: { ns: number }): number {
  return round(cost.ns - base.ns);
}

function round(n: number): number {
  return Math.round(n * 1000) / 1000;
}

/** Who completed something by their step, the worst last: 'device, peer'; 'nobody' if nobody else did. */
export function stretchers(parties: Parties): string {
  const others = (['device', 'peer', 'slow reader', 'guest'] as const).filter(
    (p) => parties[p] > 0,
  );
  if (others.length > 0) return others.join(', ');
  return parties.nobody > 0 ? 'nobody' : '-';
}

/** Completions in each context, as shares of all: process, softirq, hardirq, with interrupts off. */
export function shares({
  process,
  softirq,
  hardirq,
  irqsOff,
}: DesignSummary['contexts']): string[] {
  const all = process + softirq + hardirq + irqsOff;
  return [process, softirq, hardirq, irqsOff].map((n) => share(n, all));
}

/** '12 %' of all, '-' for none, '<1 %' for a few. */
export function share(n: number, all: number): string {
  if (n === 0) return '-';
  const percent = Math.round((100 * n) / all);
  return percent === 0 ? '<1 %' : `${percent} %`;
}

/** '+3.2' */
export function signed(n: number | null, digits: number): string {
  if (n === null) return '-';
  const text = n.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : n > 0 ? `+${text}` : text;
}
