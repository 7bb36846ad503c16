// Six wrong designs: each fails where it should, a right one passes, and cheap ways out do not.
import { GetPutPage, type Design } from '@lastref/kernel';
import { design as copyAlways } from '@lastref/strategies/copy-always';
import { design as ian } from '@lastref/strategies/ian-frag-destructor';
import { describe, expect, test } from 'vitest';
import { EXERCISES, grade, type Exercise } from '../src/index.ts';
import { sample } from '../../../scripts/tier.ts';

const failed = (exercise: Exercise, design: Design): string[] =>
  grade(exercise, design)
    .filter((m) => !m.passed)
    .map((m) => m.what);

describe.each(sample(EXERCISES, 3))('$wrong.id', (exercise) => {
  test('is wrong, and says how', () => {
    const marks = grade(exercise, exercise.wrong).filter((m) => !m.passed);
    expect(marks.length).toBeGreaterThan(0);
    for (const { why, shown } of marks) {
      expect(why).toMatch(/in \d+ steps?: /);
      expect(shown!.input.foreign).toBe(true); // as `check` searches whatever nobody here has read
    }
  });

  test('a destructor in each entry is a repair', () => {
    expect(failed(exercise, ian)).toEqual([]);
  });

  test('copying everything is none', () => {
    expect(failed(exercise, copyAlways)).toContain('zero-copy');
  });

  test('telling nobody is none', () => {
    const silent: Design = { ...ian, id: 'silent', create: (k) => new GetPutPage(k) };
    expect(failed(exercise, silent).length).toBeGreaterThan(0);
  });
});
