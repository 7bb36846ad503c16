// One more question costs a file and a line: it has its command, its isolates, its progress, and its workloads are
// known to a campaign and to tokens.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Copy } from './house/copy.ts';

/** The one file: question and command. How many steps has each workload under each design? */
const QUESTION = `
import { Command } from '@commander-js/extra-typings';
import { allDesigns, find, findEra, pose, sourceOf, type Question, type Source } from '@lastref/runner';
import { Cell } from '@lastref/search';
import { WORKLOADS, miniature } from '@lastref/workloads';
import { house } from './house.ts';

interface Ask { readonly source: Source; readonly workloads: readonly string[] }
interface Answer { readonly design: string; readonly workload: string; readonly steps: number; readonly thread: boolean }

export const question: Question<readonly Ask[], Ask, Answer, readonly Answer[]> = {
  kind: 'lengths',
  asks: (asks) => asks,
  sources: (ask) => [ask.source],
  cells: (ask) => ask.workloads,
  when: () => '',
  about: ({ design }) => design,
  async answer({ source, workloads }, cell, isolate) {
    const { isMainThread } = await import('node:worker_threads');
    const design = await isolate.design(source);
    const workload = find('workload', WORKLOADS, (w) => w.id, workloads[cell]!);
    const { steps } = new Cell({ design, workload: miniature(workload, 1), era: findEra('3.8'), seed: 1 }).runByClock();
    return { design: design.id, workload: workload.id, steps, thread: !isMainThread };
  },
  merge: (_, answers) => [...answers].sort((a, b) => (a.design < b.design ? -1 : 1)),
  workloads: () => [{ ...miniature(find('workload', WORKLOADS, (w) => w.id, 'bulk-loss'), 1), id: 'lengths-bulk' }],
  forAnyDesign: true,
};

export const command = new Command('lengths').description('how long runs are').action(async () => {
  const designs = (await allDesigns()).slice(0, 2);
  const asks = designs.map((d) => ({ source: sourceOf(d), workloads: ['bulk-loss', 'nfs-odirect'] }));
  const apart = await pose(house, question, asks);
  const here = await pose(house, question, asks, { here: true });
  process.stdout.write(JSON.stringify({ apart, here }) + '\\n');
});
`;

const LINE = `
  lengths: { question: () => import('./lengths.ts'), command: () => import('./lengths.ts') },
`;

describe('a question that is added', () => {
  const copy = new Copy();
  afterAll(() => copy.remove());
  beforeAll(() => {
    copy.add('harness/src/lengths.ts', QUESTION);
    copy.change('harness/src/house.ts', '\n  check: {\n', `${LINE}  check: {\n`);
  });

  test('is a command, and in the help', () => {
    expect(copy.lastref('--help').stdout).toMatch(/lengths +how long runs are/);
  });

  test('is answered in isolates, and in the calling process the same', () => {
    const ran = copy.lastref('lengths');
    expect(ran.code, ran.stderr).toBe(0);
    const { apart, here } = JSON.parse(ran.stdout) as Record<
      'apart' | 'here',
      { steps: number; thread: boolean }[]
    >;
    expect(apart.map((a) => a.thread)).toEqual([true, true, true, true]);
    expect(here.map((a) => a.thread)).toEqual([false, false, false, false]);
    expect(apart.map((a) => a.steps)).toEqual(here.map((a) => a.steps));
    expect(Math.min(...apart.map((a) => a.steps))).toBeGreaterThan(3);
  });

  test('its workloads are run by a campaign, and named by its tokens', () => {
    const args = [
      '--designs',
      'sock-wfree',
      '--workloads',
      'lengths-bulk',
      '--runs',
      '20',
      '--json',
    ];
    const ran = copy.lastref('campaign', ...args);
    expect(ran.code, ran.stderr).toBe(0);
    const { findings } = JSON.parse(ran.stdout) as { findings: { token: string }[] };
    expect(findings.length).toBeGreaterThan(0);
    const replayed = copy.lastref('replay', findings[0]!.token);
    expect(replayed.code, replayed.stderr).toBe(0);
    expect(replayed.stdout).toContain('sock-wfree on lengths-bulk');
  });
});
