// Every design on every workload by the clock: one isolate for each design. Each runs in its own kernel unless an era is
// named; what it costs is counted in one kernel for all, and beside two baselines in its own.
import { lacks, type Workload } from '@lastref/workloads';
import { BASELINES, type CompareDocument } from '@lastref/report';
import type { Fault } from '../candidates/rules.ts';
import { sourceOf, type Source } from '../candidates/source.ts';
import type { Question } from '../question.ts';
import { workloadNamed, type CaptureSource } from '../captures.ts';
import { findEra, ownEra, type DesignFile } from '../registry.ts';
import { runClock, type CellAnswer } from './clock.ts';
import { SIZE_WORKLOADS } from './sizes.ts';

export interface ComparePlan {
  readonly designs: readonly DesignFile[];
  /** What costs are compared with, in the kernel of each design; they need not be among `designs`. None: no multiples. */
  readonly baselines: readonly DesignFile[];
  readonly workloads: readonly Workload[];
  readonly capture: CaptureSource;
  /** The kernel of all; null: each design in its own. */
  readonly era: string | null;
  readonly seed: number;
  readonly repeat: number;
  /** Cells that a candidate spoiled: filled while answers come. */
  readonly faults: readonly Fault[];
  /** Count what messages of several sizes cost, too. */
  readonly sizes?: boolean;
  /** Leave a design out that has not every row. */
  readonly whole?: boolean;
}

/** One run: ids of a workload (`capture` is the file of the ask) and of an era. */
export interface Place {
  readonly workload: string;
  readonly era: string;
}

export interface CompareAsk {
  readonly source: Source;
  readonly places: readonly Place[];
  readonly capture: CaptureSource;
  readonly seed: number;
  readonly repeat: number;
  /** Only what the word of a cell needs: not who could put a completion off. */
  readonly words?: true;
}

/** Costs are counted on these: a producer that waits for replies, a stream with losses, and traffic that lends nothing. */
const COST_WORKLOADS = ['nfs-odirect', 'bulk-loss', 'ordinary'];

/** Of the workloads of a plan those that its costs are counted on: all of them, if it has none of the usual ones. */
export function costWorkloads({ workloads }: ComparePlan): readonly Workload[] {
  const usual = workloads.filter((w) => COST_WORKLOADS.includes(w.id));
  return usual.some((w) => w.id !== 'ordinary') ? usual : workloads;
}

/** The kernel that costs of all designs are compared in: that of all of them, if they have one. */
export function commonEra(plan: ComparePlan): string {
  const [era, ...others] = new Set(plan.designs.map((file) => eraIn(plan, file)));
  return era !== undefined && others.length === 0 ? era : findEra(plan.era ?? undefined).id;
}

/** The kernel that `design` is judged in. */
export function eraIn(plan: ComparePlan, { design }: DesignFile): string {
  return plan.era === null ? ownEra(design).id : findEra(plan.era).id;
}

/** Where `file` runs: its own cells, those of the common costs, and a baseline in the kernel of every design. */
function placesOf(plan: ComparePlan, file: DesignFile): Place[] {
  const own = eraIn(plan, file);
  const costEras = new Set([commonEra(plan), own]);
  if (BASELINES.includes(file.design.id) && plan.baselines.length > 0)
    for (const other of plan.designs) costEras.add(eraIn(plan, other));
  const judged = plan.designs.includes(file) ? plan.workloads : [];
  const places = [
    ...judged.map((w) => [w, own] as const),
    ...costWorkloads(plan).flatMap((w) => [...costEras].map((era) => [w, era] as const)),
  ];
  if (plan.sizes === true) for (const w of SIZE_WORKLOADS) places.push([w, commonEra(plan)]);
  const ids = places
    .filter(([workload, era]) => lacks(workload, findEra(era), file.design.over) === null)
    .map(([{ id }, era]) => `${id} ${era}`);
  return [...new Set(ids)].map((id) => {
    const [workload, era] = id.split(' ') as [string, string];
    return { workload, era };
  });
}

export const question: Question<ComparePlan, CompareAsk, CellAnswer, CompareDocument> = {
  kind: 'compare',
  brief: true,
  asks: (plan) => {
    const { designs, baselines, capture, seed, repeat } = plan;
    const files = [...designs, ...baselines.filter((b) => !designs.includes(b))];
    return files.map((file) => ({
      source: sourceOf(file),
      places: placesOf(plan, file),
      capture,
      seed,
      repeat,
    }));
  },
  sources: (ask) => [ask.source],
  cells: (ask) => ask.places.map((p) => p.workload),
  when: (ask, cell) => `era ${ask.places[cell]!.era}`,
  about: ({ design, workload }) => `${design} on ${workload}`,
  async answer({ source, places, capture, seed, repeat, words }, cell, isolate) {
    const design = await isolate.design(source);
    const { workload: id, era } = places[cell]!;
    const workload = SIZE_WORKLOADS.find((w) => w.id === id) ?? (await workloadNamed(id, capture));
    const input = { design, workload, era: findEra(era), seed };
    return runClock(input, repeat, capture, words === true ? 'words' : undefined);
  },
  merge: async (plan, answers) => (await import('./document.ts')).compareDocument(plan, answers),
};
