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
import type { Workload } from '@lastref/workloads';
import { runClock } from '../compare/clock.ts';
import { rowIn } from '../compare/document.ts';
import type { Question } from '../question.ts';
import { findEra } from '../registry.ts';
import { rowsQuestion, type RowsAsk, type RowsPlan } from '../rows.ts';

type Row = ProcessorsDocument['rows'][number];

export const question: Question<RowsPlan, RowsAsk, Row | null, ProcessorsDocument> = rowsQuestion({
  kind: 'processors',
  more: () => ({}),
  when: ({ seed }) => `seed ${seed}`,
  row: atBothEnds,
  content: ({ seed }, rows) => ({ schema: 'lastref.processors/1' as const, seed, rows }),
});

function atBothEnds(design: Design, workload: Workload, ask: RowsAsk): Row {
  const era = findEra(ask.era);
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
