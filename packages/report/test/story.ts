// A story small enough to be read here.
import type { Story, StorySide, StoryStep } from '../src/story.ts';

function step(n: number, more: Partial<StoryStep>): StoryStep {
  return {
    n,
    tick: 10 * n,
    text: `step ${n}`,
    says: [],
    marks: [],
    holdings: [],
    pageRefs: 1,
    loanRefs: 0,
    calm: 0,
    ...more,
  };
}

function side(design: string, fails: boolean): StorySide {
  return {
    design,
    lanes: ['producer', 'write queue', 'application'],
    steps: [
      step(1, {
        text: 'writer submits',
        says: ['The producer lends pages of the loan.'],
        marks: [{ lane: 0, mark: 'lent' }],
        holdings: [{ lane: 1, refs: 2, copies: 0, changed: false }],
      }),
      step(4, { calm: 2, holdings: [{ lane: 1, refs: 1, copies: 1, changed: fails }] }),
      step(9, { marks: [{ lane: 0, mark: 'completed' }] }),
    ],
    findings: fails
      ? [{ property: 'early', harm: 'hazard', where: 'write queue', text: 'too early', step: 4 }]
      : [],
    played: 9,
  };
}

export const STORY: Story = {
  token: 'lr2.a.b.3_8.1.AAA.00000000.00000000.00000000',
  workload: 'b',
  era: '3.8',
  seed: 1,
  loan: 3,
  sides: [side('a', true), side('c', false)],
};
