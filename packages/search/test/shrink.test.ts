// What shrinking promises: of a list that is called minimal no single step can be left out.
import { expect, test } from 'vitest';
import { shrink, type Choice, type Start, type Symptom } from '../src/index.ts';

const SYMPTOM: Symptom = { property: 'early', harm: 'none', where: 'here' } as unknown as Symptom;

/** A machine that knows one thing: whether the steps it has taken, by name, end in the symptom. */
function machineThat(shows: (steps: string) => boolean): Start {
  const machine = () => {
    let steps = '';
    const findings: unknown[] = [];
    const judge = { findings, everything: findings, step: 0 };
    const take = (_place: number, _verb: number, item: number): boolean => {
      steps += String.fromCharCode(item);
      if (steps.endsWith('!') && shows(steps)) findings.push({ ...SYMPTOM, step: judge.step });
      judge.step++;
      return true;
    };
    return { judge, take };
  };
  return { machine } as unknown as Start;
}

const listOf = (steps: string): Choice[] =>
  Array.from(steps, (step) => ({ place: 0, verb: 0, item: step.charCodeAt(0) }));
const named = (list: readonly Choice[]): string =>
  list.map(({ item }) => String.fromCharCode(item)).join('');

/** All three x are needed. What sets up something calls for what clears it away: a for b, b for c, c for d. */
function shows(steps: string): boolean {
  const has = (step: string): boolean => steps.includes(step);
  if (steps.split('x').length !== 4) return false;
  return (!has('a') || has('b')) && (!has('b') || has('c')) && (!has('c') || has('d'));
}

test('a step that can go only after one before it went goes too', () => {
  const shrunk = shrink(machineThat(shows), listOf('axbxcxd!'), SYMPTOM)!;
  expect([named(shrunk.list), shrunk.minimal]).toEqual(['xxx!', true]);
});

test('minimal is said when every single step was tried, and only then', () => {
  const start = machineThat(shows);
  const { list } = shrink(start, listOf('axbxcxd!'), SYMPTOM)!;
  list.forEach((_, left) => {
    const rest = list.filter((_, i) => i !== left);
    expect(shows(named(rest)) && named(rest).endsWith('!'), named(rest)).toBe(false);
  });
  // far more steps than the attempts may take, none of which can go
  const steps = 'y'.repeat(1000) + '!';
  const long = shrink(
    machineThat((s) => s === steps),
    listOf(steps),
    SYMPTOM,
  )!;
  expect([named(long.list) === steps, long.minimal]).toEqual([true, false]);
});

test('what does not show the symptom is not shrunk', () => {
  expect(shrink(machineThat(shows), listOf('ax!'), SYMPTOM)).toBeNull();
});

test('minimal is not said of a list whose last look was cut short', () => {
  // a is asked for as long as b is there; with 158 more steps, none of which can go, the look behind that stops half way
  const others = 'y'.repeat(158);
  const start = machineThat(
    (s) => s.split('y').length === 159 && (!s.includes('b') || s.includes('a')),
  );
  const { list, minimal } = shrink(start, listOf(`ba${others}!`), SYMPTOM)!;
  expect([named(list), minimal]).toEqual([`a${others}!`, false]);
});

test('nor of one whose very first step was not tried any more', () => {
  // with so many steps, none of which can go, the last attempt that is made leaves the second one out
  const isMinimal = (others: number): boolean => {
    const steps = `a${'y'.repeat(others)}!`;
    const start = machineThat((s) => s === steps);
    return shrink(start, listOf(steps), SYMPTOM)!.minimal;
  };
  expect([140, 141, 142, 143].map(isMinimal)).toEqual([true, true, false, false]);
});
