// Does a verdict of the comparison rest on chance? The same cells by the clock with other seeds: other losses, other times
// of a server. Not asked: what a program can put off (*unbounded*), for which nothing is drawn.
import { PROPERTIES, byGravity, type Property } from '@lastref/judge';
import { inDomain, type Design } from '@lastref/kernel';
import { headline, shareInterval, type SeedsDocument } from '@lastref/report';
import type { CellInput, CellResult } from '@lastref/search';
import { drawn, type Workload } from '@lastref/workloads';
import { runCell, stateOf, tokenWorkload } from '../compare/clock.ts';
import type { Question } from '../question.ts';
import { findEra } from '../registry.ts';
import { rowsQuestion, type RowsAsk, type RowsPlan } from '../rows.ts';
import { tokenOf } from '../token.ts';

export interface SeedsPlan extends RowsPlan {
  /** How many, the first of which is `seed`. */
  readonly seeds: number;
}

export interface SeedsAsk extends RowsAsk {
  readonly seeds: number;
}

type Row = SeedsDocument['rows'][number];

export const question: Question<SeedsPlan, SeedsAsk, Row | null, SeedsDocument> = rowsQuestion({
  kind: 'seeds',
  more: ({ seeds }: SeedsPlan) => ({ seeds }),
  when: ({ seed, seeds }) => `seeds ${seed} to ${seed + seeds - 1}`,
  row: overSeeds,
  content: ({ seed, seeds }, rows) => ({
    schema: 'lastref.seeds/1' as const,
    seed,
    seeds,
    rows,
  }),
});

/** What one seed says of a cell. */
interface Told {
  readonly word: string;
  readonly refuted: readonly Property[];
  /** Of its gravest finding. */
  readonly token: string | null;
}

function overSeeds(design: Design, workload: Workload, ask: SeedsAsk): Row {
  const era = findEra(ask.era);
  const told: Told[] = [];
  const before = drawn();
  for (let i = 0; i < ask.seeds; i++) {
    const input = { design, workload, era, seed: ask.seed + i };
    const result = runCell(input, (cell) => cell.runByClock());
    told.push(toldBy(input, result, tokenWorkload(workload, ask.capture)));
    if (drawn() === before) break; // nothing was drawn: every seed plays the same
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
    domain: inDomain(design.domain, workload.lends, era),
    chance: drawn() > before,
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
