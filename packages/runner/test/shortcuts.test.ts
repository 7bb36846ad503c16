// A comparison leaves out work that nobody would see the result of. What comes out is what all of it would give.
import { Judge } from '@lastref/judge';
import { Cell, type CellResult } from '@lastref/search';
import { WORKLOADS } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { runClock } from '../src/compare/index.ts';
import { bundledCapture, decodeToken } from '../src/index.ts';
import { JudgeOfTheEnd } from '../src/deaf.ts';
import { cellInMemory, leave } from '../src/memory.ts';
import { loadDesign, ownEra, ROOT } from '../src/registry.ts';

const capture = { file: bundledCapture().file, driverTicks: 0, flows: null };

async function inputOf(id: string, workloadId: string) {
  const { design } = await loadDesign(`${ROOT}strategies/${id}.ts`);
  const workload = WORKLOADS.find((w) => w.id === workloadId)!;
  return { design, workload, era: ownEra(design), seed: 1 };
}

test.each([
  ['ian-frag-destructor', 'tap-slow-reader'],
  ['ian-frag-destructor', 'splice-proxy'],
  ['msg-zerocopy', 'loopback-slow-reader'],
  ['page-foreign', 'netback-hostile'],
  ['copy-always', 'tap-slow-reader'],
])('%s on %s: who looks once, at the end, sees who is put off', async (id, workload) => {
  const input = await inputOf(id, workload);
  const said = ({ judgement, besideTraces, digest }: CellResult) => {
    const n = judgement.beside.findIndex((f) => f.property === 'unbounded');
    const found = judgement.beside.filter((f) => f.property === 'unbounded');
    return [judgement.verdicts.unbounded, found, besideTraces[n], digest];
  };
  const [looking, waiting] = [new Judge(), new JudgeOfTheEnd()].map((judge) =>
    said(new Cell(input, judge).runWithheld()!),
  );
  expect(waiting).toEqual(looking);
});

test.each([
  ['naive-sendpage', 'sendfile-writer'],
  ['sock-wfree', 'nfs-odirect'], // lost: found at the end
  ['ian-frag-destructor', 'tap-slow-reader'], // unbounded: found in another run
])('%s on %s: each token has the digest that it leads to', async (id, workload) => {
  const input = await inputOf(id, workload);
  const tokens = runClock(input, 1, capture).findings.map(({ token }) => decodeToken(token));
  const played = tokens.map(({ trace }) => new Cell(input).play(trace).digest.slice(0, 8));
  expect(played.length).toBeGreaterThan(0);
  expect(tokens.map(({ check }) => check)).toEqual(played);
});

test('a machine that lives where another one did does the same, also when that one was larger or smaller', async () => {
  const input = await inputOf('naive-sendpage', 'nfs-odirect');
  const apart = new Cell(input).runByClock();
  const other = await inputOf('naive-sendpage', 'bulk-loss');
  const there = [input, other, input, other, input].map((at) => {
    const cell = cellInMemory(at, new Judge());
    const run = cell.runByClock();
    leave(cell);
    return run;
  });
  expect([there[0], there[2], there[4]]).toEqual([apart, apart, apart]);
});

test('two machines at a time do not share their memory', async () => {
  const input = await inputOf('naive-sendpage', 'nfs-odirect');
  const [one, two] = [cellInMemory(input, new Judge()), cellInMemory(input, new Judge())];
  expect(one.k.mem.buffer).not.toBe(two.k.mem.buffer);
  leave(one);
  leave(two);
});
