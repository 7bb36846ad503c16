// A design's verdict by kernel release: the same cells by the clock in every era; and where the word of a cell changes
// from one era to the next, which change of the kernel does it, found by giving the older one each of them alone.
import { ERAS, changesBetween, inDomain, type Design, type Era } from '@lastref/kernel';
import { faultsOf, headline, type CompareRow, type ErasDocument } from '@lastref/report';
import { lacks, workloadCalled, type Workload } from '@lastref/workloads';
import type { Fault } from '../candidates/rules.ts';
import { sourceOf, type Source } from '../candidates/source.ts';
import type { CaptureSource } from '../captures.ts';
import { rowIn, type Answers } from '../compare/document.ts';
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
    return throughTime(design, workloadCalled(ask.workloads[cell]!)!, ask);
  },
  merge: async (plan, answers) => (await import('./document.ts')).erasDocument(plan, answers),
};

function throughTime(design: Design, workload: Workload, ask: ErasAsk): ErasAnswer {
  const rowAt = (era: Era): CompareRow => {
    const answers: Answers = new Map(
      lacks(workload, era) === null
        ? [
            [
              `${design.id} ${workload.id} ${era.id}`,
              runClock({ design, workload, era, seed: ask.seed }, 1, ask.capture),
            ],
          ]
        : [],
    );
    return rowIn(design, workload, era.id, answers)!;
  };
  const rows = ERAS.map(rowAt);
  const turns = ERAS.slice(1).flatMap((era, i) => {
    const [before, after] = [rows[i]!, rows[i + 1]!];
    const words = [headline(before), headline(after)] as const;
    if (words[0] === words[1] || before.state === 'n/a' || after.state === 'n/a') return [];
    const changes = changesBetween(ERAS[i]!, era).filter(
      (key) => headline(rowAt(findEra(`${before.era}+${key}`))) === words[1],
    );
    const { design: of, workload: on } = before;
    const [from, to] = [before.era, after.era];
    return [{ design: of, workload: on, from, to, before: words[0], after: words[1], changes }];
  });
  return {
    design: design.id,
    workload: workload.id,
    rows: rows.map((row) => ({
      design: row.design,
      era: row.era,
      workload: row.workload,
      state: row.state,
      domain: inDomain(design.domain, workload.lends),
      verdicts: row.verdicts,
      word: headline(row),
      token: faultsOf(row)[0]?.token ?? null,
    })),
    turns,
  };
}
