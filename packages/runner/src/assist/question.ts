// A second thread for one search: it says nothing, and leaves what it was through with where the first one sees it.
import type { Property } from '@lastref/judge';
import { assist, type Bound, type SharedBuffers } from '@lastref/search';
import { miniature } from '@lastref/workloads';
import { single, type Question } from '../question.ts';
import { workloadFor } from '../kinds.ts';
import { find, findEra } from '../registry.ts';
import { designsOf } from '../replay/index.ts';

export interface AssistAsk {
  readonly design: string;
  readonly workload: string;
  readonly era: string;
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
    const design = find('design', await designsOf(isolate, []), (d) => d.id, ask.design);
    const whole = workloadFor(design, ask.workload);
    const workload = miniature(whole, bound.operations);
    const options = { bound, reduction, ...(property === undefined ? {} : { property }) };
    assist({ design, workload, era: findEra(ask.era), seed: 1 }, options, shared);
    return null;
  },
});
