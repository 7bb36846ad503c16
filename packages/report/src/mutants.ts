// The table of mutants for a terminal, and as the golden file has it.
import type { MutantsDesign, MutantsDocument, MutantsRate } from './document.ts';
import type { Paint } from './tables.ts';
import { many } from './words.ts';

export const MUTANTS_LEGEND = [
  'killed      some run refutes a property that the original keeps there, tells the producer later than it (late),',
  '            leaves other objects or references behind (left over), or the machine stops with the error named',
  'equivalent  no run differs in verdicts, completions or what is left behind; the reason says what was compared',
  'survived    runs differ, and none is worse',
].join('\n');

function rateText(name: string, rate: MutantsRate): string {
  const { mutants, killed, equivalent, survived } = rate;
  const open = mutants - equivalent;
  const share = open === 0 ? '-' : `${((100 * killed) / open).toFixed(1)} %`;
  return `${name.padEnd(40)}${String(mutants).padStart(6)} mutants${String(killed).padStart(6)} killed${String(equivalent).padStart(5)} equivalent${String(survived).padStart(4)} survived${share.padStart(10)} of those that differ`;
}

/** How many of each, and of those that are no equivalents how many were seen. */
export function mutantRates(doc: MutantsDocument): string {
  return [
    rateText('hooks of designs', doc.rates.hooks),
    rateText('reference calls of operations', doc.rates.operations),
  ].join('\n');
}

/** One line for each hook mutant. */
export function hookLines(row: MutantsDesign): string[] {
  return row.hooks.map((m) => {
    const better = m.better > 0 ? `, ${m.better} refuted properties fewer` : '';
    const where = m.where === null ? '' : ` (${m.where})`;
    return `${row.design.padEnd(28)}${m.hook.padEnd(15)}${m.change.padEnd(31)}${m.verdict.padEnd(12)}${m.by}${where}${better}`;
  });
}

/** One line for each operation and situation, and one for each mutant of it that was not killed. */
export function operationLines(row: MutantsDesign): string[] {
  return row.operations.flatMap((o) => {
    const ways = Object.entries(o.killed)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([by, n]) => `${by} ${n}`);
    const name = `${row.design.padEnd(28)}${o.mover.padEnd(26)}${o.situation.padEnd(12)}`;
    return [
      `${name}${String(o.mutants).padStart(4)} mutants  ${ways.join(', ')}`,
      ...o.rest.map((m) => `${name}  ${m.call} ${m.change}: ${m.verdict}, ${m.by}`),
    ];
  });
}

/** Rates, and every mutant that was not killed. */
export function mutantsText(doc: MutantsDocument, paint: Paint): string {
  const judges = doc.designs.filter((d) => d.operations.length > 0).map((d) => d.design);
  const list = (ids: string[]): string => (ids.length === 0 ? 'none of them' : ids.join(', '));
  const open = doc.designs.flatMap((d) =>
    hookLines({ ...d, hooks: d.hooks.filter((m) => m.verdict !== 'killed') }),
  );
  const calls = doc.designs.flatMap((d) =>
    operationLines({ ...d, operations: d.operations.filter((o) => o.rest.length > 0) }),
  );
  return `${[
    paint.bold(
      `Mutants of ${many(doc.designs.length, 'design')} and of the operations, era ${doc.era}`,
    ),
    `Operations are spoiled under: ${list(judges)}.`,
    '',
    mutantRates(doc),
    '',
    ...open,
    ...calls,
    '',
    MUTANTS_LEGEND,
  ].join('\n')}\n`;
}
