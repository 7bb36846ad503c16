// A recording that was cut, mixed up or changed: the lines that are not understood are counted and named, or the whole file
// gets one line. Never a stack trace, never silence.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordingError } from '../src/index.ts';
import { RECORDINGS, recordingText, told } from './fixtures.ts';

/** The small ones: each run reads the whole file. */
const SMALL = RECORDINGS.filter((name) => name.includes('leak'));
const RUNS = { numRuns: 60 };

/** The document, or the one line that stands for it; anything else is thrown. */
function answers(text: string): ReturnType<typeof told> | string {
  try {
    return told(text, []);
  } catch (error) {
    if (error instanceof RecordingError) return error.message;
    throw error;
  }
}

/** Either a document, or one line that names the file. */
function isAnswer(answer: ReturnType<typeof told> | string): boolean {
  return typeof answer !== 'string' || (answer.startsWith('a file: ') && !answer.includes('\n'));
}

/** Every line of a file is an event, belongs to one, is noise that the tool prints, or is counted. */
function eventsOf(answer: ReturnType<typeof told> | string): number {
  return typeof answer === 'string' ? 0 : answer.events;
}

describe.each(SMALL)('%s', (name) => {
  const text = recordingText(name);
  const whole = told(text, []);
  const lines = text.trimEnd().split('\n');

  test('cut anywhere', () => {
    const cut = fc.property(fc.integer({ min: 0, max: text.length }), (at) => {
      const answer = answers(text.slice(0, at));
      return isAnswer(answer) && eventsOf(answer) <= whole.events;
    });
    expect(fc.check(cut, RUNS).failed).toBe(false);
  });

  test('one character is another', () => {
    const other = fc.property(
      fc.integer({ min: 0, max: text.length - 1 }),
      fc.constantFrom('x', ' ', '0', 'f', '9', '\u0000', '\n', 'é'),
      (at, c) => isAnswer(answers(text.slice(0, at) + c + text.slice(at + 1))),
    );
    expect(fc.check(other, RUNS).failed).toBe(false);
  });

  test('an event that is spoilt is counted: none is lost in silence', () => {
    const events = lines.flatMap((l, i) => (/^E | \[000\] /.test(l) ? [i] : []));
    const spoilt = fc.property(fc.constantFrom(...events), (at) => {
      const answer = answers(lines.with(at, lines[at]!.replaceAll(/\d/g, '~')).join('\n'));
      return typeof answer !== 'string' && answer.unread.first.some((u) => u.line === at + 1);
    });
    expect(fc.check(spoilt, RUNS).failed).toBe(false);
  });

  test('rubbish between the lines is counted, line by line', () => {
    const rubbish = fc.property(
      fc.integer({ min: 3, max: lines.length - 1 }),
      fc.array(fc.constantFrom('rubbish', 'E 1 2', 'F x', '}{', 'T 1 0 0 f 12 x'), {
        minLength: 1,
        maxLength: 5,
      }),
      (at, more) => {
        const answer = answers([...lines.slice(0, at), ...more, ...lines.slice(at)].join('\n'));
        if (typeof answer === 'string') return false;
        const named = answer.unread.first.some((u) => u.line === at + 1);
        return named && answer.unread.count >= more.length;
      },
    );
    expect(fc.check(rubbish, RUNS).failed).toBe(false);
  });

  test('lines in another order still give an answer', () => {
    const mixed = fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (all) =>
      isAnswer(answers(all.join('\n'))),
    );
    expect(fc.check(mixed, RUNS).failed).toBe(false);
  });
});

test.each([
  ['', 'no line looks like output'],
  ['GET / HTTP/1.1\n', 'no line looks like output'],
  ['lastref 1 bpftrace\n', 'it has no event'],
  ['lastref 1 bpftrace\nE nonsense\n', 'line 2: no line of lastref.bt'],
])('%j gets one line', (text, says) => {
  expect(answers(text)).toContain(says);
});

test('events that the tool lost are said, and nothing is called over because of them', () => {
  const [name] = SMALL;
  const lines = recordingText(name!).split('\n');
  const doc = told(
    ['Lost 475 events', ...lines]
      .join('\n')
      .replace(/^Lost/, name!.startsWith('bpf') ? 'Lost' : 'CPU:0 [LOST 475 EVENTS] Lost'),
    [],
  );
  expect(doc.lost).toBe(475);
  expect(doc.notJudged).toContain('475 events');
});

describe('what no tool prints is read in no time:', () => {
  const event = '  a-1 [000] 1.000000: skb_clone_pages: skb=0xffff888000000000';
  test.each<[string, string]>([
    ['blanks', ' '.repeat(1e6)],
    ['digits', '7'.repeat(1e6)],
    ['processes and digits', `${'x-1 [1] '.repeat(4000)}${'7'.repeat(30_000)}`],
    ['empty lines', '\n'.repeat(1e6)],
    ['columns', `SKB${' '.repeat(1e6)}`],
    ['letters', `${event} ${'a'.repeat(1e6)}`],
    ['a program of retis', '1 (1) ['.repeat(100_000)],
  ])(
    '%s',
    (_, text) => {
      expect(isAnswer(answers(text))).toBe(true);
      expect(isAnswer(answers(`${event}\n${text}\n`))).toBe(true);
    },
    10_000,
  );
});

test('a site that every object has is none', () => {
  const text = recordingText(SMALL[0]!).replaceAll('skb_clone', 'constructor');
  const doc = told(text, []);
  expect(JSON.stringify(doc)).not.toMatch(/"where":(?!")|"where":"undefined"/);
  for (const buffer of doc.buffers)
    for (const { holders } of buffer.steps)
      for (const { where } of holders) expect(where).toEqual(expect.any(String));
});
