// What a guest did not say is no agreement.
import { eraOf } from '@lastref/kernel';
import { answerText, ask, generate, parseScripts, play, runLab, type Guest } from '../src/index.ts';
import { expect, test } from 'vitest';

const era = eraOf('6.1.192')!;
const scripts = generate({ era, seed: 9, count: 6, length: 'short', ops: null });

/** A guest that is the model itself, and says `edit` of what it would say. */
function guest(edit: (text: string) => string): Guest {
  return {
    id: 'model',
    version: '6.1.192',
    sha256: '',
    era: '6.1.192',
    play: (text) => Promise.resolve(edit(answersTo(text))),
  };
}

function answersTo(text: string): string {
  return `# linux 6.1 #1\n${parseScripts(text)
    .map((s) => answerText(play(s, era)))
    .join('')}# done\n`;
}

function generated() {
  const wanted = { era, seed: 9, ops: null } as const;
  return [
    ...generate({ ...wanted, count: 6, length: 'short' }),
    ...generate({ ...wanted, count: 6, length: 'long' }),
  ];
}

test('a whole answer is taken as it is', async () => {
  expect(
    await ask(
      guest((t) => t),
      scripts,
    ),
  ).toEqual(scripts.map((s) => play(s, era)));
});

test.each([
  ['the last sequence is missing', (t: string) => t.slice(0, t.lastIndexOf('# 9.'))],
  ['a step is missing', (t: string) => t.replace(/^alloc .*\n( .*\n)*/m, '')],
  ['it does not say how it ends', (t: string) => t.replace(/^end\n( .*\n)*/m, '')],
])('%s: that is an error, not an agreement', async (_, edit) => {
  await expect(ask(guest(edit), scripts)).rejects.toThrow('gave no whole answer to sequence 9.');
});

test('what a run counts is what was played', async () => {
  const run = { guest: guest((t) => t), era, seed: 9, sequences: 12, minutes: null, ops: null };
  const { kernel, rows, disagreements } = await runLab({ ...run, say: () => {} });
  const steps = generated().reduce((sum, s) => sum + s.lines.length, 0);
  expect(kernel).toMatchObject({ sequences: 12, agree: 12, steps });
  expect(rows.reduce((sum, r) => sum + r.steps + r.skipped, 0)).toBe(steps);
  expect(disagreements).toEqual([]);
});

test('a time plays whole batches until it is over, each of which can be asked for alone', async () => {
  const said: string[] = [];
  const asked: number[] = [];
  const model: Guest = {
    ...guest((t) => t),
    play: (text) => {
      asked.push([...text.matchAll(/^# /gm)].length);
      return Promise.resolve(answersTo(text));
    },
  };
  let minute = 0;
  const { kernel } = await runLab({
    guest: model,
    era,
    seed: 9,
    sequences: null,
    minutes: 3,
    ops: ['clone'],
    now: () => 60_000 * minute++,
    say: (line) => said.push(line),
  });
  expect(asked).toEqual([600, 600]);
  expect(kernel).toMatchObject({ sequences: 1200, agree: 1200 });
  expect(said[1]).toBe('model: 1200 sequences, 0 differ (these: --seed 7928 --sequences 600)');
});
