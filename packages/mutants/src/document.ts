// All mutants of all designs, as a document.
import type { MutantsDesign, MutantsDocument, MutantsRate } from '@lastref/report';
import { digestOfDocument, trustedIn } from '@lastref/runner';
import type { MutantsPlan } from './question.ts';

export function mutantsDocument(
  { designs, era }: MutantsPlan,
  answers: readonly MutantsDesign[],
): MutantsDocument {
  const rows = designs.map((d) => answers.find((a) => a.design === d.design.id)!);
  const content = {
    schema: 'lastref.mutants/1' as const,
    era,
    designs: rows,
    rates: {
      hooks: hookRate(rows),
      operations: operationRate(rows),
    },
    ...trustedIn(designs),
  };
  return { ...content, digest: digestOfDocument(content) };
}

function hookRate(rows: readonly MutantsDesign[]): MutantsRate {
  const all = rows.flatMap((r) => r.hooks);
  const of = (verdict: string): number => all.filter((m) => m.verdict === verdict).length;
  return {
    mutants: all.length,
    killed: of('killed'),
    equivalent: of('equivalent'),
    survived: of('survived'),
  };
}

function operationRate(rows: readonly MutantsDesign[]): MutantsRate {
  const all = rows.flatMap((r) => r.operations);
  const rest = all.flatMap((o) => o.rest);
  return {
    mutants: all.reduce((n, o) => n + o.mutants, 0),
    killed: all.reduce((n, o) => n + Object.values(o.killed).reduce((a, b) => a + b, 0), 0),
    equivalent: rest.filter((m) => m.verdict === 'equivalent').length,
    survived: rest.filter((m) => m.verdict === 'survived').length,
  };
}
