// A design's verdict by kernel release: the same cells by the clock in every era; and where the word of a cell changes
// from one era to the next, which change of the kernel does it, found by giving the older one each of them alone.
import { ERAS, changesBetween, type Design, type Era } from '@lastref/kernel';
import {
  TURN_SEEDS,
  faultsOf,
  headline,
  type CompareRow,
  type ErasDocument,
} from '@lastref/report';
import { lacks, type Workload } from '@lastref/workloads';
import type { Fault } from '../candidates/rules.ts';
import { sourceOf, type Source } from '../candidates/source.ts';
import { workloadNamed, type CaptureSource } from '../captures.ts';
import { rowIn } from '../compare/document.ts';
import { runClock } from '../compare/clock.ts';
import type { Question } from '../question.ts';
import { findEra, type DesignFile } from '../registry.ts';

export interface ErasPlan {
  readonly designs: readonly DesignFile[];
  readonly workloads: readonly Workload[];
  readonly capture: CaptureSource;
  readonly seed: number;
  readonly faults: readonly Fault[];
}

export interface ErasAsk {
  readonly source: Source;
  readonly workloads: readonly string[];
  readonly capture: CaptureSource;
  readonly seed: number;
}

/** One design on one workload, from the oldest era to the newest. */
export interface ErasAnswer {
  readonly design: string;
  readonly workload: string;
  readonly rows: ErasDocument['rows'];
  readonly turns: ErasDocument['turns'];
}

export const question: Question<ErasPlan, ErasAsk, ErasAnswer, ErasDocument> = {
  kind: 'eras',
  brief: true,
  asks: ({ designs, workloads, capture, seed }) =>
    designs.map((d) => ({
      source: sourceOf(d),
      workloads: workloads.map((w) => w.id),
      capture,
      seed,
    })),
  sources: (ask) => [ask.source],
  cells: (ask) => ask.workloads,
  when: ({ seed }) => `seed ${seed}`,
  about: ({ design, workload }) => `${design} on ${workload}`,
  async answer(ask, cell, isolate) {
    const design = await isolate.design(ask.source);
    return throughTime(design, await workloadNamed(ask.workloads[cell]!, ask.capture), ask);
  },
  merge: async (plan, answers) => (await import('./document.ts')).erasDocument(plan, answers),
};

function throughTime(design: Design, workload: Workload, ask: ErasAsk): ErasAnswer {
  const rowAt = (era: Era, seeds = 1): CompareRow => {
    const input = { design, workload, era, seed: ask.seed };
    const plays = lacks(workload, era, design.over) === null;
    const runs = plays ? runClock(input, seeds, ask.capture) : undefined;
    return rowIn(design, workload, era.id, runs)!;
  };
  const rows = ERAS.map((era) => rowAt(era));
  const turns = ERAS.slice(1).flatMap((era, i) => {
    const [before, after] = [rows[i]!, rows[i + 1]!];
    const words = [headline(before), headline(after)] as const;
    if (words[0] === words[1] || before.state === 'n/a' || after.state === 'n/a') return [];
    const overSeeds = (at: Era): string => headline(rowAt(at, TURN_SEEDS));
    const word = overSeeds(era);
    const chance = word === overSeeds(ERAS[i]!);
    const changes = changesBetween(ERAS[i]!, era).filter((key) => {
      const alone = findEra(`${before.era}+${key}`);
      return !chance && headline(rowAt(alone)) === words[1] && overSeeds(alone) === word;
    });
    const { design: of, workload: on } = before;
    const turn = { from: before.era, to: after.era, before: words[0], after: words[1] };
    return [{ design: of, workload: on, ...turn, chance, changes }];
  });
  return {
    design: design.id,
    workload: workload.id,
    rows: rows.map((row) => ({
      design: row.design,
      era: row.era,
      workload: row.workload,
      state: row.state,
      domain: row.domain,
      verdicts: row.verdicts,
      word: headline(row),
      token: faultsOf(row)[0]?.token ?? null,
    })),
    turns,
  };
}
