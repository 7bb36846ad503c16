// Candidates are played in every story, as shipped designs are: what no clock comes to is part of their verdict.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storiesSchema, storyWord, type StoryCell } from '@lastref/report';
import { expect, test } from 'vitest';
import { said } from './house/reference.ts';
import { lastref } from './run-cli.ts';

const shipped = new URL('../../strategies/ian-frag-destructor.ts', import.meta.url);
const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
const mine = join(dir, 'mine.ts');
const asked = (...args: string[]) => said(dir, lastref, ...args);
writeFileSync(
  mine,
  readFileSync(shipped, 'utf8').replace("id: 'ian-frag-destructor'", "id: 'mine'"),
);
const { code, stdout } = asked(
  'stories',
  '--with',
  mine,
  '--designs',
  'ian-frag-destructor,mine',
  '--json',
);
const doc = storiesSchema.parse(JSON.parse(stdout));
const of = (design: string): StoryCell[] => doc.cells.filter((c) => c.design === design);

test('the same code has the same verdicts, whoever brings it', () => {
  expect(code).toBe(0);
  const bare = (cells: StoryCell[]) => cells.map(({ design: _, token: __, ...cell }) => cell);
  expect(bare(of('mine'))).toEqual(bare(of('ian-frag-destructor')));
  expect(of('mine')).toHaveLength(doc.stories.length);
});

test('a callback that may not sleep is asked for its context', () => {
  const cell = (story: string) => of('mine').find((c) => c.story === story)!;
  for (const story of ['may-sleep', 'irqs-off']) {
    expect(cell(story).verdicts.context).toBe('refuted');
    expect(storyWord(cell(story))).toMatch(/^\(?context/);
  }
  expect(cell('owner-gone').verdicts.context).toBe('holds');
});

test('a finding is played again by its token', () => {
  const { token, findings } = of('mine').find((c) => c.story === 'proxy-pipe')!;
  const played = asked('replay', token!, '--with', mine);
  expect(played.code).toBe(0);
  expect(played.stdout).toContain(findings[0]!.text);
});

test('candidates alone are played unless others are named', () => {
  const alone = storiesSchema.parse(JSON.parse(asked('stories', '--with', mine, '--json').stdout));
  expect(alone.designs).toEqual(['mine']);
});
