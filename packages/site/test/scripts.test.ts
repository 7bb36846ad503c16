// The playground's scripts where there is no Node: a design that somebody typed is compiled by one and judged by the other.
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { runtimeFile } from '@lastref/runner/new';
import { RUNTIME_WORKLOADS } from '@lastref/workloads';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleScripts, type Scripts } from '../src/bundle/bundle.ts';
import type { Compiled } from '../src/compiler/compile.ts';
import type { CompileSaid } from '../src/compiler/worker.ts';
import type { Answer, Ask } from '../src/model/protocol.ts';

let scripts: Scripts;

beforeAll(async () => {
  scripts = await bundleScripts();
});

/** A worker of a page, as far as its script sees it; what it posts goes to `hear`. */
function worker<Data, Said>(script: string, hear: (said: Said) => void): (data: Data) => void {
  const given = { TextEncoder, TextDecoder, URL, performance, structuredClone, queueMicrotask };
  const scope: Record<string, unknown> = { ...given, setTimeout, clearTimeout, postMessage: hear };
  runInContext(script, createContext(scope));
  return (data) => (scope['onmessage'] as (event: { data: Data }) => void)({ data });
}

const file = (name: string): string =>
  readFileSync(new URL(`../../../strategies/${name}.ts`, import.meta.url), 'utf8');

function compiled(name: string, text: string): Compiled {
  const said: CompileSaid[] = [];
  const post = worker<unknown, CompileSaid>(scripts.compiler, (one) => said.push(one));
  post({ n: 1, name: `${name}.ts`, text });
  return said[0]!.compiled;
}

const judged = (ask: Ask): Promise<Answer[]> =>
  new Promise((resolve) => {
    const all: Answer[] = [];
    const post = worker<Ask, Answer>(scripts.model, (answer) => {
      all.push(answer);
      if (answer.kind === 'end') resolve(all);
    });
    post(ask);
  });

test('a design that was typed is compiled, run in miniature and found wrong', async () => {
  const { source, complaint } = compiled('naive-sendpage', file('naive-sendpage'));
  expect(complaint).toBeNull();
  const share = { at: 0, of: 8 };
  const ask = { kind: 'row', design: source!, era: null, share, words: true, small: true } as const;
  const answers = await judged(ask);
  expect(answers.at(-1)).toEqual({ kind: 'end', fault: '' });
  expect(answers.length).toBeGreaterThan(1);
});

test('a workload that its kernel cannot play has a cell, which says what is not there', async () => {
  const design = { id: 'naive-sendpage' };
  const share = { at: 0, of: 40 };
  const ask = { kind: 'row', design, era: null, share, words: true, small: false } as const;
  const cells = (await judged(ask)).flatMap((answer) =>
    answer.kind === 'cell' ? [answer.cell] : [],
  );
  const absent = cells.filter(({ word }) => word === 'n/a');
  expect(absent.map((cell) => [cell.workload, cell.shown, cell.tone, cell.row?.notJudged])).toEqual(
    [['splice-proxy', 'n/a', 'none', 'tcp_splice_read is there from 2.6.25 on']],
  );
  const elsewhere = await judged({ ...ask, share: { at: 1, of: 40 } });
  expect(JSON.stringify(elsewhere)).not.toContain('splice-proxy');
});

describe('what a page asks of its model beside verdicts', () => {
  const design = { id: 'naive-sendpage' };
  const of = { design, workload: 'nfs-odirect', era: null } as const;
  const bound = { operations: 1, retransmissions: 0, drops: 0, states: 1000 };
  const asked = async (ask: Ask): Promise<Answer> => {
    const answers = await judged(ask);
    expect(answers.at(-1)).toEqual({ kind: 'end', fault: '' });
    return answers.find(({ kind }) => kind !== 'progress')!;
  };

  test('every order is tried, and the story of what is found is told', async () => {
    const found = await asked({ kind: 'check', ...of, bound, property: null });
    const { check } = found as Answer & { kind: 'check' };
    expect([check.result, check.property]).toEqual(['refuted', 'early']);
    const told = await asked({ kind: 'story', design, token: check.token!, beside: null });
    expect(told).toMatchObject({ kind: 'story', same: true });
  });

  test.each(['look', 'clock', 'search'] as const)('a run goes on by a %s', async (goOn) => {
    const ask = { kind: 'explore', ...of, operations: 1, picks: [], goOn, picture: true } as const;
    const { said } = (await asked(ask)) as Answer & { kind: 'explore' };
    expect(said.picks.length > 0).toBe(goOn !== 'look');
    expect(said.choices.length > 0 || said.story !== null).toBe(true);
  });
});

test('a runtime is asked about what happens to runtimes, and told from a design', async () => {
  const { data } = runtimeFile('my-runtime', 2026);
  const { source, complaint } = compiled('my-runtime', String(data));
  expect(complaint).toBeNull();
  const share = { at: 0, of: 1 };
  const ask = {
    kind: 'row',
    design: source!,
    era: null,
    share,
    words: true,
    small: false,
  } as const;
  const answers = await judged(ask);
  expect(answers[0]).toEqual({ kind: 'card', id: 'my-runtime', era: '7.2.13', runtime: true });
  const words = answers.flatMap((answer) =>
    answer.kind === 'cell' ? [[answer.cell.workload, answer.cell.word] as const] : [],
  );
  expect(words.map(([workload]) => workload)).toEqual(RUNTIME_WORKLOADS.map(({ id }) => id));
  expect(words.filter(([, word]) => word !== 'holds')).toEqual([['runtime-wrap', 'lost']]); // docs/runtime.md
  const way = { workload: 'nfs-odirect', operations: 1, picks: [], goOn: 'look' } as const;
  const lost = await judged({
    kind: 'explore',
    design: source!,
    era: null,
    ...way,
    picture: false,
  });
  expect(lost).toEqual([
    { kind: 'end', fault: 'nfs-odirect is for designs, and my-runtime is none' },
  ]);
});

test('what does not compile is said with its place and one full stop', () => {
  const { complaint } = compiled('mine', 'class A {');
  expect(complaint?.text).toContain("mine.ts:1:10: '}' expected. Rule: ");
});

test('one that imports what no page has is refused in one line', () => {
  const { complaint } = compiled('mine', `import 'node:fs';\n${file('naive-sendpage')}`);
  expect(complaint?.text).toContain('it imports node:fs');
});

test.each([
  ['0 <!-- /*\nhidden();\n//*/ x;', '<!-- begins a comment'],
  ['let x = 1;\nx\n/* a */ --> /*\nhidden();\n//*/ 0;', 'Expression expected'],
])('one that is another program to who looks at it than to who runs it is refused', (code, why) => {
  const { complaint } = compiled('mine', `${file('naive-sendpage')}\n${code}`);
  expect(complaint?.text).toContain(why);
});

test('signs that are no comment to anybody may stand there', () => {
  const code = `let n = 3;\nwhile (n --> 0) console.assert('<!--' + /<!--/.source + \`\n--> \`);`;
  const { complaint } = compiled('mine', `${file('naive-sendpage')}\n{ ${code} }`);
  expect(complaint?.text ?? '').not.toContain('begins a comment');
});
