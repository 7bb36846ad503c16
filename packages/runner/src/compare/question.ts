// Every design on every workload by the clock: one isolate for each design, one cell for each workload.
import { workloadCalled, type Workload } from '@lastref/workloads';
import type { CompareDocument } from '@lastref/report';
import type { Fault } from '../candidates/rules.ts';
import { sourceOf, type Source } from '../candidates/source.ts';
import type { Question } from '../question.ts';
import { loadCapture, type CaptureSource } from '../captures.ts';
import { findEra, type DesignFile } from '../registry.ts';
import { runClock, type CellAnswer } from './clock.ts';

export interface ComparePlan {
  readonly designs: readonly DesignFile[];
  readonly workloads: readonly Workload[];
  readonly capture: CaptureSource;
  readonly era: string;
  readonly seed: number;
  readonly repeat: number;
  /** Cells that a candidate spoiled: filled while answers come. */
  readonly faults: readonly Fault[];
  /** Leave a design out that has not every row. */
  readonly whole?: boolean;
}

export interface CompareAsk {
  readonly source: Source;
  /** Ids; `capture` is the file below. */
  readonly workloads: readonly string[];
  readonly capture: CaptureSource;
  readonly era: string;
  readonly seed: number;
  readonly repeat: number;
}

export const question: Question<ComparePlan, CompareAsk, CellAnswer, CompareDocument> = {
  kind: 'compare',
  asks: ({ designs, workloads, capture, era, seed, repeat }) =>
    designs.map((d) => ({
      source: sourceOf(d),
      workloads: workloads.map((w) => w.id),
      capture,
      era,
      seed,
      repeat,
    })),
  sources: (ask) => [ask.source],
  cells: (ask) => ask.workloads,
  when: (ask) => `era ${findEra(ask.era).id}`,
  about: ({ design, workload }) => `${design} on ${workload}`,
  async answer({ source, workloads, capture, era, seed, repeat }, cell, isolate) {
    const design = await isolate.design(source);
    const workload =
      workloadCalled(workloads[cell]!) ?? (await loadCapture(capture, workloads[cell]));
    return runClock({ design, workload, era: findEra(era), seed }, repeat, capture);
  },
  merge: async (plan, answers) => (await import('./document.ts')).compareDocument(plan, answers),
};
