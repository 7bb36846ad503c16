// A batch that a worker or a journal says there was: one that was run may have been, and one that no run comes to may not.
import { eraOf } from '@lastref/kernel';
import { miniature, workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design } from '../../../strategies/naive-sendpage.ts';
import {
  impossible,
  runBatch,
  type BatchRecord,
  type CampaignPlan,
} from '../src/campaign/index.ts';

const workload = miniature(workloadCalled('nfs-odirect')!, 2);
const options = { runs: 20, steps: 40, failures: false };
const plan: CampaignPlan = {
  era: '3.8',
  seed: 1,
  rounds: 3,
  designs: [design.id],
  workloads: [workload.id],
  options,
};
const input = { design, workload, era: eraOf('3.8')!, seed: 1 };
const batch = runBatch(input, 2, options);
const [found] = batch.findings as [BatchRecord['findings'][number]];
const finding = (more: Partial<typeof found>): Partial<BatchRecord> => ({
  findings: [{ ...found, ...more }],
});

test('one that was run', () => {
  expect(batch.findings.length).toBeGreaterThan(0);
  expect(impossible(batch, plan)).toBeNull();
});

test('one that goes on from a corpus has runs more, and never fewer', () => {
  const [kept] = runBatch(input, 1, options, []).corpus!.kept;
  const more = runBatch(input, 2, options, [kept!.token]);
  expect(more.runs).toBe(21);
  expect(impossible(more, { ...plan, corpus: 'x' })).toBeNull();
  expect(impossible(more, plan)).toBe('21 runs, where 20 were asked for');
  expect(impossible({ ...batch, runs: 19 }, { ...plan, corpus: 'x' })).toContain('19 runs');
});

test.each<[string, Partial<BatchRecord>, string]>([
  ['no run', { runs: 0 }, '0 runs, where 20 were asked for'],
  ['more runs without a page than runs', { starved: 21 }, '21 of 20 runs had no page frame left'],
  ['a finding where nothing was tried', { exercised: [] }, 'is refuted and was never exercised'],
  ['a finding that is longer than all', { steps: 1 }, 'steps, where all runs together took 1'],
  ['no token', finding({ token: 'x' }), 'a finding whose token is of another run (x)'],
  [
    'the token of another design',
    finding({ token: found.token.replace('naive-sendpage', 'rpc-reply') }),
    'a finding whose token is of another run (lr2.rpc-reply.',
  ],
  [
    'the token of another kernel',
    finding({ token: found.token.replace('3_8', '4_14') }),
    'a finding whose token is of another run',
  ],
])('%s is none', (_, wrong, why) => {
  expect(impossible({ ...batch, ...wrong }, plan)).toContain(why);
});
