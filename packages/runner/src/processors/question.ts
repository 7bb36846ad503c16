// Does it matter that processors take time? The same cells by the clock, where work takes none, and with what the ledger
// charges, at both ends of the prices. A difference that other seeds do not show is chance: other times of sending meet
// other losses.
import { ENDS, type Design } from '@lastref/kernel';
import {
  TURN_SEEDS,
  faultsOf,
  headline,
  type CompareRow,
  type ProcessorsDocument,
} from '@lastref/report';
import { lacks, type Workload } from '@lastref/workloads';
import type { Fault } from '../candidates/rules.ts';
import { sourceOf, type Source } from '../candidates/source.ts';
import { workloadNamed, type CaptureSource } from '../captures.ts';
import { runClock } from '../compare/clock.ts';
import { rowIn } from '../compare/document.ts';
import { digestOfDocument } from '../digest.ts';
import type { Question } from '../question.ts';
import { findEra, ownEra, type DesignFile } from '../registry.ts';

export interface ProcessorsPlan {
  readonly designs: readonly DesignFile[];
  readonly workloads: readonly Workload[];
  readonly capture: CaptureSource;
  /** null: each design in its own kernel. */
  readonly era: string | null;
  readonly seed: number;
  readonly faults: readonly Fault[];
}

export interface ProcessorsAsk {
  readonly source: Source;
  readonly workloads: readonly string[];
  readonly capture: CaptureSource;
  readonly era: string;
  readonly seed: number;
}

type Row = ProcessorsDocument['rows'][number];

export const question: Question<ProcessorsPlan, ProcessorsAsk, Row | null, ProcessorsDocument> = {
  kind: 'processors',
  brief: true,
  asks: ({ designs, workloads, capture, era, seed }) =>
    designs.map((d) => ({
      source: sourceOf(d),
      workloads: workloads.map((w) => w.id),
      capture,
      era: era ?? ownEra(d.design).id,
      seed,
    })),
  sources: (ask) => [ask.source],
  cells: (ask) => ask.workloads,
  when: ({ seed }) => `seed ${seed}`,
  about: (row) => (row === null ? '' : `${row.design} on ${row.workload}`),
  async answer(ask, cell, isolate) {
    const design = await isolate.design(ask.source);
    return atBothEnds(design, await workloadNamed(ask.workloads[cell]!, ask.capture), ask);
  },
  merge({ designs, workloads, seed, faults }, answers) {
    const rows = answers.filter((row) => row !== null);
    const place = (row: Row): number =>
      designs.findIndex((d) => d.design.id === row.design) * workloads.length +
      workloads.findIndex((w) => w.id === row.workload);
    const content = {
      schema: 'lastref.processors/1' as const,
      seed,
      rows: rows.toSorted((a, b) => place(a) - place(b)),
      ...(faults.length === 0 ? {} : { faults: [...faults] }),
    };
    return { ...content, digest: digestOfDocument(content) };
  },
};

/** null: the kernel has not got what the workload takes. */
function atBothEnds(design: Design, workload: Workload, ask: ProcessorsAsk): Row | null {
  const era = findEra(ask.era);
  if (lacks(workload, era) !== null) return null;
  const input = { design, workload, era, seed: ask.seed };
  const run = (end: (typeof ENDS)[number] | undefined, seeds: number): CompareRow =>
    rowIn(design, workload, era.id, runClock(input, seeds, ask.capture, end))!;
  const rows = [undefined, ...ENDS].map((end) => run(end, 1));
  const words = rows.map(headline);
  const differs = new Set(words).size > 1;
  const overSeeds = differs
    ? [undefined, ...ENDS].map((end) => headline(run(end, TURN_SEEDS)))
    : words;
  const token = rows.slice(1).flatMap((row) => faultsOf(row))[0]?.token ?? null;
  return {
    design: design.id,
    workload: workload.id,
    era: era.id,
    free: { word: words[0]!, ticks: rows[0]!.ticks },
    low: { word: words[1]!, ticks: rows[1]!.ticks },
    high: { word: words[2]!, ticks: rows[2]!.ticks },
    differs,
    chance: differs && new Set(overSeeds).size === 1,
    token: differs ? token : null,
  };
}
