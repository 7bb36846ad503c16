// The model beside what four running kernels said: without a guest, in seconds.
import {
  differingWords,
  keptAnswers,
  checkKept,
  lineText,
  notCompared,
  OPERATIONS,
  SKIP,
} from '../src/index.ts';
import { eraOf } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { sample } from '../../../scripts/tier.ts';

const kept = keptAnswers();

test('four kernels have answered, and every operation that a kernel has was applied on it', () => {
  expect(kept.map((k) => k.id).sort()).toEqual(['5.10', '6.1', '6.12', '7.2']);
  for (const { answers, era: name } of kept) {
    const era = eraOf(name)!;
    const there = OPERATIONS.filter((op) => op.lacks?.(era) !== true);
    const applied = new Set(
      answers.flatMap((a) => a.steps.filter((s) => s.result !== SKIP).map((s) => s.line.op)),
    );
    expect(there.map((op) => op.name).filter((op) => !applied.has(op))).toEqual([]);
  }
});

test.each(sample(kept, 2, 1).map((k) => [k.version, k] as const))(
  '%s says what the model says',
  (_, one) => {
    const [worst] = checkKept([one]);
    const told =
      worst === undefined
        ? ''
        : `${worst.kernel} and the model part at ${worst.difference.op} (${worst.script.seam}):\n${worst.script.lines.map(lineText).join('\n')}\nmodel | kernel  ${differingWords(worst.difference).join('\n')}`;
    expect(told).toBe('');
  },
);

test('an operation of the registry is played, or says why not', () => {
  expect(notCompared().filter(({ reason }) => reason === '')).toEqual([]);
});
