// The ledger: every experiment of every document, its runs made once each, its verdict computed from them.
import type { ClaimsDocument } from '@lastref/report';
import { sourceOf } from '../candidate/source.ts';
import { digestOfDocument } from '../compare.ts';
import { runJobs } from '../pool.ts';
import { Progress } from '../progress.ts';
import { find, type DesignFile } from '../registry.ts';
import type { Experiment, Source } from './experiment.ts';
import type { ClaimsJob } from './job.ts';
import { keyOf, type AnyFacts, type Run } from './run.ts';
import { scopeOf } from './scope.ts';
import { SOURCES } from './sources/index.ts';
import { baseOf } from './variants.ts';

/** Runs of one isolate, more or less: few starts, and no isolate that is busy long after the others. */
const BATCH = 50;

/** What was seen, run by run. */
export class Observations {
  private readonly facts = new Map<string, AnyFacts>();

  add(run: Run, facts: AnyFacts): void {
    this.facts.set(keyOf(run), facts);
  }

  readonly of = (run: Run): AnyFacts => {
    const facts = this.facts.get(keyOf(run));
    if (facts === undefined) throw new RangeError(`not run: ${keyOf(run)}`);
    return facts;
  };
}

/** Experiments by id, in the order of the documents; all without `ids`. */
export function experimentsCalled(ids: readonly string[] | null): Experiment[] {
  const all = SOURCES.flatMap((s) => s.experiments);
  if (ids === null) return all;
  const wanted = new Set(ids.map((id) => find('claim', all, (e) => e.id, id)));
  return all.filter((e) => wanted.has(e));
}

/** Makes every run that the experiments ask for, each once. */
export async function observe(
  experiments: readonly Experiment[],
  designs: readonly DesignFile[],
): Promise<Observations> {
  const seen = new Observations();
  const runs = new Map(experiments.flatMap((e) => e.runs).map((run) => [keyOf(run), run]));
  const progress = new Progress('claims', runs.size);
  await runJobs(jobsOf([...runs.values()], designs), ({ run, facts }) => {
    seen.add(run, facts);
    progress.step(`${run.kind} ${run.design}`);
  });
  progress.end();
  return seen;
}

/** Runs of one design stay together as far as a batch holds them. */
function jobsOf(runs: readonly Run[], designs: readonly DesignFile[]): ClaimsJob[] {
  const byDesign = new Map<string, Run[]>();
  for (const run of runs) {
    const id = baseOf(run.design);
    byDesign.set(id, [...(byDesign.get(id) ?? []), run]);
  }
  const batches: ClaimsJob['parts'][number][][] = [];
  let room = 0;
  for (const [id, all] of byDesign) {
    const source = sourceOf(find('design', designs, (d) => d.design.id, id));
    for (let i = 0; i < all.length;) {
      if (room === 0) {
        batches.push([]);
        room = BATCH;
      }
      const some = all.slice(i, i + room);
      batches.at(-1)!.push({ source, runs: some });
      i += some.length;
      room -= some.length;
    }
  }
  return batches.map((parts) => ({ kind: 'claims', parts }));
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
    token: outcome.token ?? null,
    scope: scopeOf(e.runs, seen.of),
  };
}
