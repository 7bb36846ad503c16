// A hunt sees the difference of two versions, and nothing that is not there.
import { expect, test } from 'vitest';
import { BUGS, cleanRuns, hunt, type Bug } from '../src/index.ts';

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

test('a name that nobody knows is said', () => {
  const ring = bug('xsk-immature');
  expect(() => hunt({ ...ring, on: [{ workload: 'none' }] }, ring.wrong)).toThrow(
    "no workload 'none'",
  );
});
