// Of the stack of an error a candidate reads its own lines: which function of ours called its hook tells a search from a run
// by the clock, and one of its states from another.
import { expect, test } from 'vitest';
import { shownFrames } from '../src/tape/frames.ts';

const frames = (...of: string[]): string[] => shownFrames(of, 'mine.ts');

test('ours are one line, however many', () => {
  expect(
    frames(
      'CheckedServices.hold (file:///a/mine.ts/worker.js:3:4)',
      'Mine.lend (mine.ts:4:8)',
      'Guard.lend (file:///a/worker.js:1:2)',
      'Array.map (<anonymous>)',
      'file:///a/worker.js:5:6',
    ),
  ).toEqual(['    at lastref', '    at Mine.lend (mine.ts:4:8)', '    at lastref']);
});

test('what of the language its own lines called is shown, and what ours called is not', () => {
  expect(
    frames(
      'Object.assign (<anonymous>)',
      'mine.ts:9:1',
      'Array.map (<anonymous>)',
      'Mine.go (mine.ts:7:1)',
      'Array.sort (<anonymous>)',
      'Guard.lend (file:///a/worker.js:1:2)',
    ),
  ).toEqual([
    '    at Object.assign (<anonymous>)',
    '    at mine.ts:9:1',
    '    at Array.map (<anonymous>)',
    '    at Mine.go (mine.ts:7:1)',
    '    at lastref',
  ]);
});
