// Bugs that take two processors: with one, every order of whole steps is clean.
import { expect, test } from 'vitest';
import { BUGS, hunt } from '../src/index.ts';

const two = BUGS.filter((bug) => (bug.bound?.preemptions ?? 0) > 0);

test('there are some', () => {
  expect(two.length).toBeGreaterThan(0);
});

test.each(two.map((bug) => [bug.id, bug] as const))('%s is not there with one', (_, bug) => {
  const alone = { ...bug, bound: { ...bug.bound, preemptions: 0 } };
  expect(hunt(alone, bug.wrong).result).toBe('exhausted');
});
