import { eraOf } from '@lastref/kernel';
import {
  answerText,
  firstDifference,
  generate,
  parseAnswers,
  parseScripts,
  play,
  scriptText,
  shrink,
  type Answer,
  type Script,
} from '../src/index.ts';
import { expect, test } from 'vitest';

const era = eraOf('6.1.192')!;
const wanted = { era, seed: 5, count: 12, length: 'short', ops: null } as const;

test('a script is plain text, and is read as it was written', () => {
  const scripts = generate(wanted);
  expect(parseScripts(scripts.map(scriptText).join(''))).toEqual(scripts);
  expect(() => parseScripts('# 1 silk\n')).toThrow("line 1: '# id seam' is wanted");
});

test('the same seed draws the same scripts, another one others', () => {
  expect(generate(wanted)).toEqual(generate(wanted));
  expect(generate({ ...wanted, seed: 6 })).not.toEqual(generate(wanted));
});

test('what a guest writes is read as the model says it', () => {
  const answers = generate(wanted).map((s) => play(s, era));
  const text = `# linux 6.1 #1\n${answers.map(answerText).join('')}# done\n`;
  expect(parseAnswers(text)).toEqual(answers);
});

test('everybody lets go: at the end only the pages that were looked at are left', () => {
  for (const { end } of generate({ ...wanted, count: 60, length: 'long' }).map((s) => play(s, era)))
    expect(end.at(-1)).toMatch(/^ refs( p\d=(0|1\/1|out))+( u\d=0c?!)+( eq=[\d,c-]+)?$/);
});

test('a head is whole pages where no slab is large enough, and no more than 4 MiB', () => {
  const grows = Array.from({ length: 14 }, () => 'expand 0 100 100').join('\n');
  const [script] = parseScripts(`# x plain\nalloc 0 0 100 0 1 0\n${grows}\n`);
  const { steps, end } = play(script!, era);
  expect(
    steps.slice(-2).map(({ result, state }) => [result, /end=\d+/.exec(state[0]!)![0]]),
  ).toEqual([
    [0, `end=${(4 << 20) - 320}`],
    [-12, `end=${(4 << 20) - 320}`],
  ]);
  expect(end.at(-1)).not.toContain('left');
});

test('a disagreement shrinks to the lines that it needs', async () => {
  const [script] = parseScripts(
    '# x zc\nalloc 0 96 100 1 0 0\nalloc 1 0 0 0 0 0\nfree 1\nzc 0 0 0 500 0\nrewrite 3 1\npulltail 0 500\nfree 0\n',
  );
  // a kernel that says 'not copied' where the last page is pulled in
  const other = (s: Script): Answer => {
    const answer = play(s, era);
    const forget = (line: string) => line.replace(/(u\d=\d)c/g, '$1');
    const steps = answer.steps.map((step) => ({ ...step, state: step.state.map(forget) }));
    return { ...answer, steps, end: answer.end.map(forget) };
  };
  const difference = firstDifference(play(script!, era), other(script!))!;
  const [shortest] = await shrink(
    [{ script: script!, difference }],
    (scripts) => Promise.resolve(scripts.map(other)),
    era,
    ({ difference: d }) => d.op,
  );
  expect(scriptText({ ...shortest!.script, id: 'x' })).toBe(
    '# x zc\nalloc 0 96 100 1 0 0\nzc 0 0 0 500 0\npulltail 0 500\n',
  );
});
