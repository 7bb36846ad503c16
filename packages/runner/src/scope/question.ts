// One scope of a check, searched in a thread of its own by the repository's own designs.
import type { Property } from '@lastref/judge';
import type { Bound } from '@lastref/search';
import { Far } from '../check/aside.ts';
import { searchScope, secondsSince, wider, type Scoped } from '../check/scoped.ts';
import { subjectCalled, type Named } from '../check/subject.ts';
import { single, type Question } from '../question.ts';

export interface ScopeAsk extends Named {
  readonly bound: Bound;
  readonly reduction: boolean;
  readonly property: Property | undefined;
  /** Seconds, after which the search ends wherever it is. */
  readonly limit: number | undefined;
  /** Where it says how far it is, to a thread that is busy: a word of `Far`. */
  readonly far: Int32Array;
}

export const question: Question<ScopeAsk, ScopeAsk, Scoped, Scoped> = single({
  kind: 'scope',
  endless: true,
  sources: () => [],
  cells: (ask) => [ask.workload],
  when: () => '',
  design: (ask) => ask.design,
  async answer({ bound, reduction, property, limit, far, ...ask }, _cell, isolate) {
    const began = process.hrtime.bigint();
    try {
      const subject = await subjectCalled(isolate, ask);
      const scoped = searchScope(
        { ...subject, bound },
        {
          reduction,
          property,
          aside: wider(bound),
          mustStop: () => limit !== undefined && secondsSince(began) > limit,
        },
      );
      if (scoped.found.result === 'exhausted') Atomics.store(far, 0, Far.EXHAUSTED);
      return scoped;
    } finally {
      Atomics.compareExchange(far, 0, Far.SEARCHES, Far.OVER);
    }
  },
});
