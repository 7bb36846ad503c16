// Where a list of steps leads, and what may come next. Whoever explores asks anew for every step, so nothing is kept
// between two asks, and a candidate's code runs where it always does.
import type { ExploreDocument, StorySide } from '@lastref/report';
import type { Bound, Choice } from '@lastref/search';
import type { Source } from '../candidates/source.ts';
import { single, type Question } from '../question.ts';
import { subjectCalled } from '../check/subject.ts';
import { named } from '../replay/index.ts';
import type { GoOn } from './chosen.ts';
import { explored } from './explored.ts';

export interface ExploreAsk {
  readonly candidates: readonly Source[];
  readonly design: string;
  readonly workload: string;
  readonly era: string;
  /** Of the search from here; its operations are those of the workload. */
  readonly bound: Bound;
  /** Steps chosen so far. */
  readonly picks: readonly Choice[];
  /** Go on from there: not at all (look); by the clock until nothing is left to do; as a search finds the next finding. */
  readonly goOn: GoOn;
  /** What a space-time diagram is drawn from is wanted too. */
  readonly draw: boolean;
}

export interface ExploreAnswer {
  readonly doc: ExploreDocument;
  /** The steps, with what came by the clock or a search. */
  readonly picks: readonly Choice[];
  /** What may come next, in the order of the document. */
  readonly choices: readonly Choice[];
  /** Whose story it is. */
  readonly loan: number;
  /** null: not wanted, or nothing was lent yet. */
  readonly side: StorySide | null;
}

export const question: Question<ExploreAsk, ExploreAsk, ExploreAnswer, ExploreAnswer> = single({
  kind: 'explore',
  endless: true,
  searches: true,
  sources: (ask) => named(ask.candidates, [ask.design]),
  cells: (ask) => [ask.workload],
  when: () => '',
  design: (ask) => ask.design,
  async answer(ask, _cell, isolate) {
    return explored(await subjectCalled(isolate, ask, ask.candidates), ask);
  },
});
