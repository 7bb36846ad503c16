// What a comparison says of a design over all workloads: where it tells its producers, and who can put that off.
import type { CompareRow, DesignSummary, Parties } from './document.ts';

/** What costs are compared with: bare page references, and copying always. */
export const NAIVE = 'naive-sendpage';
export const COPYING = 'copy-always';
export const BASELINES: readonly string[] = [NAIVE, COPYING];

/** Sums the rows of each design. */
export function summarise(
  designs: readonly string[],
  rows: readonly CompareRow[],
): DesignSummary[] {
  return designs.map((design) => {
    const mine = rows.filter((r) => r.design === design);
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
    };
  });
}

function sum(rows: readonly CompareRow[], of: (row: CompareRow) => number): number {
  return rows.reduce((n, row) => n + of(row), 0);
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
