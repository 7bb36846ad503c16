// Two versions of a bug, side by side on its page.
import { expect, test } from 'vitest';
import { diffOf } from './house/diff.ts';

test('lines that stay keep the others in their place', () => {
  const before = 'take\nattach\nfetch\nlend\n';
  const after = 'take\nfetch\nattach\nlend\n';
  expect(diffOf(before, after)).toBe(' take\n-attach\n fetch\n+attach\n lend');
});

test('what is alike is shown once, what has nothing in common twice', () => {
  expect(diffOf('one\n', 'one\n')).toBe(' one');
  expect(diffOf('one\n', 'two\n')).toBe('-one\n+two');
  expect(diffOf('one\n', 'one\n\ntwo\n')).toBe(' one\n+\n+two');
});
