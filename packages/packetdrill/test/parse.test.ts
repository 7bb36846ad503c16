// The language: text to tree and back, and one clear line for what is no script.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, print } from '../src/index.ts';
import { SCRIPTS, played, scriptText } from './scripts.ts';

/** Without places, which print() does not keep. */
function bare(source: string): string {
  return JSON.stringify(parse(source), (key, value: unknown) => (key === 'at' ? undefined : value));
}

test.each(SCRIPTS)('%s is the same tree after a round trip', (name) => {
  const text = scriptText(name);
  expect(bare(print(parse(text)))).toBe(bare(text));
});

describe('is told with line, column, and what would be right:', () => {
  test.each([
    ['nothing', '', /^1:1: the script ends .*; an event begins with its time/],
    ['no time', '< . 1:1(0) ack 1', /^1:1: «<» stands .*; an event begins with its time/],
    ['a payload that is not end - seq', '0 < . 1:5(3) ack 1', /^1:14: .*end - seq is the payload/],
    ['a flag that is none', '0 < X. 1:1(0)', /^1:5: «X» .*flags of TCP/],
    ['a list that does not end', '0 f(1, [2) = 0', /^1:10: «\)» .*end with \]/],
    ['a string that does not end', '0 open("x', /^1:8: a " that is not closed/],
    ['a command that does not end', '\n`ls', /^2:1: a ` that is not closed/],
    ['code that does not end', '0 %{ x', /^1:3: code that does not end; it ends with }%/],
    [
      'an option that is none',
      '0 > . 1:1(0) ack 1 <what!>',
      /^1:25: «!» .*separated by , and end with >/,
    ],
    ['no result', '0 close(3)', /; behind close\(…\) stands = /],
  ])('%s', (_, source, message) => {
    expect(() => parse(source)).toThrow(message);
    expect(played(source)).toEqual({
      result: 'skipped',
      reason: expect.stringMatching(message) as string,
    });
  });
});

test('values that nest without end are refused, not followed', () => {
  expect(() => parse(`0 f(${'['.repeat(100_000)}`)).toThrow('values nest at most 64 deep');
});

test('anything at all gets a verdict, soon', () => {
  const texts = SCRIPTS.map(scriptText);
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('+0 ', '< ', '> . ', '4294967296', '-1', '0x', '<', '...'),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12), piece), {
        minLength: 1,
        maxLength: 3,
      }),
      (text, cuts) => {
        let source = text;
        for (const [at, drop, insert] of cuts) {
          const from = Math.floor(at * source.length);
          source = source.slice(0, from) + insert + source.slice(from + drop);
        }
        const before = performance.now();
        expect(['passed', 'failed', 'skipped']).toContain(played(source).result);
        expect(performance.now() - before).toBeLessThan(5000);
      },
    ),
    { seed: 18, numRuns: 400 },
  );
});
