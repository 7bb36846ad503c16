// Does a verdict of the comparison rest on chance? The same cells by the clock with other seeds: other losses, other times
// of a server. Not asked: what a program can put off (*unbounded*), for which nothing is drawn.
import { PROPERTIES, byGravity, type Property } from '@lastref/judge';
import { inDomain, type Design } from '@lastref/kernel';
import { headline, shareInterval, type SeedsDocument } from '@lastref/report';
import type { CellInput, CellResult } from '@lastref/search';
import { Prng, lacks, type Workload } from '@lastref/workloads';
import type { Fault } from '../candidates/rules.ts';
import { sourceOf, type Source } from '../candidates/source.ts';
import { workloadNamed, type CaptureSource } from '../captures.ts';
import { runCell, stateOf, tokenWorkload } from '../compare/clock.ts';
import { digestOfDocument } from '../digest.ts';
import type { Question } from '../question.ts';
import { findEra, ownEra, type DesignFile } from '../registry.ts';
import { tokenOf } from '../token.ts';

export interface SeedsPlan {
  readonly designs: readonly DesignFile[];
  readonly workloads: readonly Workload[];
  readonly capture: CaptureSource;
  /** null: each design in its own kernel. */
  readonly era: string | null;
  /** The first of them. */
  readonly seed: number;
  /** How many. */
  readonly seeds: number;
  readonly faults: readonly Fault[];
}

export interface SeedsAsk {
  readonly source: Source;
  readonly workloads: readonly string[];
  readonly capture: CaptureSource;
  readonly era: string;
  readonly seed: number;
  readonly seeds: number;
}

type Row = SeedsDocument['rows'][number];

export const question: Question<SeedsPlan, SeedsAsk, Row | null, SeedsDocument> = {
  kind: 'seeds',
  brief: true,
  asks: ({ designs, workloads, capture, era, seed, seeds }) =>
    designs.map((d) => ({
      source: sourceOf(d),
      workloads: workloads.map((w) => w.id),
      capture,
      era: era ?? ownEra(d.design).id,
      seed,
      seeds,
    })),
  sources: (ask) => [ask.source],
  cells: (ask) => ask.workloads,
  when: ({ seed, seeds }) => `seeds ${seed} to ${seed + seeds - 1}`,
  about: (row) => (row === null ? '' : `${row.design} on ${row.workload}`),
  async answer(ask, cell, isolate) {
    const design = await isolate.design(ask.source);
    return overSeeds(design, await workloadNamed(ask.workloads[cell]!, ask.capture), ask);
  },
  merge({ designs, workloads, seed, seeds, faults }, answers) {
    const rows = answers.filter((row) => row !== null);
    const place = (row: Row): number =>
      designs.findIndex((d) => d.design.id === row.design) * workloads.length +
      workloads.findIndex((w) => w.id === row.workload);
    const content = {
      schema: 'lastref.seeds/1' as const,
      seed,
      seeds,
      rows: rows.toSorted((a, b) => place(a) - place(b)),
      ...(faults.length === 0 ? {} : { faults: [...faults] }),
    };
    return { ...content, digest: digestOfDocument(content) };
  },
};

/** What one seed says of a cell. */
interface Told {
  readonly word: string;
  readonly refuted: readonly Property[];
  /** Of its gravest finding. */
  readonly token: string | null;
}

/** null: the kernel has not got what the workload takes. */
function overSeeds(design: Design, workload: Workload, ask: SeedsAsk): Row | null {
  const era = findEra(ask.era);
  if (lacks(workload, era) !== null) return null;
  const told: Told[] = [];
  const before = Prng.drawn;
  for (let i = 0; i < ask.seeds; i++) {
    const input = { design, workload, era, seed: ask.seed + i };
    const result = runCell(input, (cell) => cell.runByClock());
    told.push(toldBy(input, result, tokenWorkload(workload, ask.capture)));
    if (Prng.drawn === before) break; // nothing was drawn: every seed plays the same
  }
  const [first, ...others] = told as [Told, ...Told[]];
  const words = [...new Set(told.map((t) => t.word))];
  const some = PROPERTIES.map((property) => ({
    property,
    refuted: told.filter((t) => t.refuted.includes(property)).length,
  })).filter(({ refuted }) => refuted > 0 && refuted < told.length);
  return {
    design: design.id,
    workload: workload.id,
    era: era.id,
    domain: inDomain(design.domain, workload.lends),
    chance: Prng.drawn > before,
    seeds: told.length,
    words: words.map((word) => ({ word, seeds: told.filter((t) => t.word === word).length })),
    properties: some.map((s) => ({ ...s, ...shareInterval(s.refuted, told.length) })),
    token: others.find((t) => t.word !== first.word && t.token !== null)?.token ?? null,
  };
}

function toldBy(input: CellInput, result: CellResult, named: string): Told {
  const { judgement, traces } = result;
  const { verdicts, findings } = judgement;
  const [gravest] = findings.map((f, n) => ({ ...f, n })).sort(byGravity);
  return {
    word: headline({ state: stateOf(judgement), verdicts, findings }),
    refuted: PROPERTIES.filter((p) => verdicts[p] === 'refuted'),
    token: gravest === undefined ? null : tokenOf(input, traces[gravest.n]!, named),
  };
}
