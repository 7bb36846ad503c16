// A hunt sees the difference of two versions, and nothing that is not there.
import { expect, test } from 'vitest';
import { operationWorkload } from '@lastref/operations';
import { BUGS, MISSING, cleanRuns, hunt, lastSteps, playedOn, type Bug } from '../src/index.ts';

const bug = (id: string): Bug => BUGS.find((b) => b.id === id)!;

test('a fix that does not mend it is found out', () => {
  const gro = bug('gro-zerocopy');
  expect(hunt(gro, gro.fixed).result).toBe('exhausted');
  expect(hunt(gro, { ...gro.fixed, era: gro.wrong.era }).result).toBe('refuted');
});

test('another property is not what was looked for', () => {
  const rtx = bug('sunrpc-rtx');
  expect(hunt(rtx, rtx.fixed).found).toBeNull();
  const { harm: _, ...any } = rtx;
  const left = hunt(any, rtx.fixed).found!; // old bytes on the wire: what the card says is left
  expect([left.finding.property, left.finding.harm]).toEqual(['corrupt', 'wire']);
});

test('the shortest of all runs is shown, whatever it is played on', () => {
  const marked = bug('mark-helpers');
  const { found } = hunt(marked, marked.wrong);
  expect(found!.input.workload.id).toContain('skb_try_coalesce');
  const alone = marked.on.map((ground) => hunt({ ...marked, on: [ground] }, marked.wrong).found);
  expect(alone.map((f) => f?.steps)).toEqual([undefined, found!.steps]);
});

test('runs at random are the same every time, and right where nothing is wrong', () => {
  const ring = bug('xsk-immature');
  expect(cleanRuns(ring, ring.wrong)).toEqual(cleanRuns(ring, ring.wrong));
  const { runs, clean } = cleanRuns(ring, ring.fixed);
  expect(clean).toBe(runs);
});

test('a version that brings its own program is played on that', () => {
  const pipe = bug('dirty-pipe');
  const ids = (version: Bug['wrong']): string[] => playedOn(pipe, version).map((w) => w.id);
  expect(ids(pipe.wrong)).toEqual(['dirty-pipe-wrong']);
  expect(ids(pipe.fixed)).toEqual(['dirty-pipe-fixed']);
  const { on: _, ...mended } = pipe.fixed;
  expect(hunt({ ...pipe, on: pipe.wrong.on! }, mended).result).toBe('refuted');
});

test('an operation of its own is played in every situation', () => {
  const tls = bug('tempesta-tls');
  expect(playedOn(tls, tls.wrong)).toHaveLength(4);
  const ordinary = tls.wrong.on!.flatMap((ground) =>
    'recipe' in ground ? operationWorkload(ground.recipe, 'first is ordinary') : [],
  );
  const on = ordinary.map((program) => ({ program }));
  expect(hunt(tls, { ...tls.wrong, on }).found).toBeNull(); // the server's own bytes may be encrypted in place
});

test('without a failure an error path is right', () => {
  const vhost = bug('vhost-sendmsg-fail');
  expect(hunt({ ...vhost, bound: { failures: 0 } }, vhost.wrong).result).toBe('exhausted');
});

test('the end of a run stands behind its steps', () => {
  const rows = [1, 2, 3].map((n) => ({ n, text: `step ${n}` }));
  const end = { n: 4, text: 'the end; LOST' };
  expect(lastSteps(rows, 2).map(({ n }) => n)).toEqual([2, 3]);
  expect(lastSteps([...rows, end], 2).map(({ n }) => n)).toEqual([2, 3, 4]);
});

test('what is not expressed says what it lacks, and is not expressed', () => {
  for (const { id, lacks } of MISSING) {
    expect(lacks.length).toBeGreaterThan(20);
    expect(BUGS.map((b) => b.id)).not.toContain(id);
  }
});

test('a name that nobody knows is said', () => {
  const ring = bug('xsk-immature');
  expect(() => hunt({ ...ring, on: [{ workload: 'none' }] }, ring.wrong)).toThrow(
    "no workload 'none'",
  );
});
