// Every order of the steps of one miniature under one design, in one isolate: the command's own when only designs
// of the repository take part.
import type { Property } from '@lastref/judge';
import type { CheckDocument } from '@lastref/report';
import type { Scopes } from '@lastref/search';
import type { Source } from '../candidates/source.ts';
import { single, type Question } from '../question.ts';
import { named, type Played } from '../replay/index.ts';
import { check } from './check.ts';
import { subjectCalled } from './subject.ts';

export interface CheckAsk {
  readonly candidates: readonly Source[];
  readonly design: string;
  readonly workload: string;
  readonly era: string;
  /** One after the other, as long as nothing is found. */
  readonly scopes: Scopes;
  readonly reduction: boolean;
  readonly property: Property | undefined;
  /**
   * Threads that search: 1 or 2. The answer is the same. Two share the first scope; each wider one is searched by one, as its
   * search may be cut short, and what one thread has seen by then is always the same.
   */
  readonly threads: number;
  /** Seconds, after which the search ends wherever it is. */
  readonly limit: number | undefined;
}

export interface CheckAnswer {
  readonly doc: CheckDocument;
  /** The counterexample, played once more; null: there is none. */
  readonly played: Played | null;
}

export const question: Question<CheckAsk, CheckAsk, CheckAnswer, CheckAnswer> = single({
  kind: 'check',
  endless: true,
  searches: true,
  sources: (ask) => named(ask.candidates, [ask.design]),
  cells: (ask) => [ask.workload],
  when: () => '',
  design: (ask) => ask.design,
  async answer(ask, _cell, isolate) {
    return check(isolate, await subjectCalled(isolate, ask, ask.candidates), ask);
  },
});
