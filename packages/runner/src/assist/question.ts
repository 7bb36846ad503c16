// A second thread for one search: it says nothing, and leaves what it was through with where the first one sees it.
import type { Property } from '@lastref/judge';
import { assist, type Bound, type SharedBuffers } from '@lastref/search';
import { inputOf } from '../check/scoped.ts';
import { subjectCalled, type Named } from '../check/subject.ts';
import { single, type Question } from '../question.ts';

export interface AssistAsk extends Named {
  readonly bound: Bound;
  readonly reduction: boolean;
  readonly property: Property | undefined;
  readonly shared: SharedBuffers;
}

export const question: Question<AssistAsk, AssistAsk, null, null> = single({
  kind: 'assist',
  endless: true,
  sources: () => [],
  cells: (ask) => [ask.workload],
  when: () => '',
  design: (ask) => ask.design,
  async answer(ask, _cell, isolate) {
    const { bound, reduction, property, shared } = ask;
    const input = inputOf({ ...(await subjectCalled(isolate, ask)), bound });
    assist(input, { bound, reduction, ...(property === undefined ? {} : { property }) }, shared);
    return null;
  },
});
