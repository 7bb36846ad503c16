// All mutants of all designs, as a document.
import type { MutantsDesign, MutantsDocument, MutantsRate } from '@lastref/report';
import { sourceOf } from '../candidate/source.ts';
import { digestOfDocument } from '../compare.ts';
import { runJobs } from '../pool.ts';
import { Progress } from '../progress.ts';
import type { DesignFile } from '../registry.ts';
import type { MutantsJob } from './job.ts';

/** `under`: the designs under which operations are spoiled; null: those that keep most of them. */
export async function mutants(
  designs: readonly DesignFile[],
  under: readonly string[] | null,
  era: string,
): Promise<MutantsDocument> {
  const progress = new Progress('mutants', designs.length);
  const jobs = designs.map((d): MutantsJob => {
    const operations = under === null ? 'where kept' : under.includes(d.design.id);
    return { kind: 'mutants', source: sourceOf(d), era, operations };
  });
  const answers = new Map<string, MutantsDesign>();
  await runJobs(jobs, (answer) => {
    answers.set(answer.design, answer);
    progress.step(answer.design);
  });
  progress.end();
  const rows = designs.map((d) => answers.get(d.design.id)!);
  const content = {
    schema: 'lastref.mutants/1' as const,
    era,
    designs: rows,
    rates: {
      hooks: hookRate(rows),
      operations: operationRate(rows),
    },
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
