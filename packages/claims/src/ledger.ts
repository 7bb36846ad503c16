// The ledger: every experiment of every document, its runs made once each, its verdict computed from them.
import type { ClaimsDocument } from '@lastref/report';
import { digestOfDocument, find, pose, type DesignFile, type House } from '@lastref/runner';
import type { Experiment, Source } from './experiment.ts';
import type { Observations } from './observations.ts';
import { question } from './question.ts';
import { keyOf } from './run.ts';
import { scopeOf } from './scope.ts';
import { SOURCES } from './sources/index.ts';

/** Experiments by id, in the order of the documents; all without `ids`. */
export function experimentsCalled(ids: readonly string[] | null): Experiment[] {
  const all = SOURCES.flatMap((s) => s.experiments);
  if (ids === null) return all;
  const wanted = new Set(ids.map((id) => find('claim', all, (e) => e.id, id)));
  return all.filter((e) => wanted.has(e));
}

/** Makes every run that the experiments ask for, each once. */
export function observe(
  house: House,
  experiments: readonly Experiment[],
  designs: readonly DesignFile[],
): Promise<Observations> {
  const runs = new Map(experiments.flatMap((e) => e.runs).map((run) => [keyOf(run), run]));
  return pose(house, question, { runs: [...runs.values()], designs }, { progress: 'claims' });
}

/** The document of the experiments that were observed. */
export function ledger(experiments: readonly Experiment[], seen: Observations): ClaimsDocument {
  const wanted = new Set(experiments);
  const sources = SOURCES.filter((s) => s.experiments.some((e) => wanted.has(e)));
  const rows = sources.flatMap((source) =>
    source.experiments.filter((e) => wanted.has(e)).map((e) => rowOf(source, e, seen)),
  );
  const content = {
    schema: 'lastref.claims/1' as const,
    sources: sources.map(({ id, author, title, date, about }) => ({
      id,
      author,
      title,
      date,
      about,
    })),
    rows,
  };
  return { ...content, digest: digestOfDocument(content) };
}

function rowOf(source: Source, e: Experiment, seen: Observations): ClaimsDocument['rows'][number] {
  const outcome = e.settle(seen.of);
  return {
    id: e.id,
    source: source.id,
    text: e.claim,
    hypothesis: e.hypothesis,
    run: e.method,
    refuting: e.refuting,
    verdict: outcome.verdict,
    saw: outcome.saw,
    missing: outcome.missing ?? null,
    byConstruction: outcome.byConstruction ?? null,
    token: outcome.token ?? null,
    scope: scopeOf(e.runs, seen.of),
  };
}
