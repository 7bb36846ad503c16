// Every allocation of a run may fail once. What fails is a packet, a copy, a clone; never the machine, and never
// the accounts. @kernel net/core/skbuff.c, net/ipv4/tcp_output.c: the -ENOMEM and -ENOBUFS paths
import { eraOf, type Design } from '@lastref/kernel';
import { WORKLOADS } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { runMatrixCell, matrixOperations } from '@lastref/operations';
import { allDesigns } from '@lastref/runner';
import { Cell } from '@lastref/search';
import { pagesInUse } from './owners.ts';
import { LONG, sample } from '../../scripts/tier.ts';
import { answered } from './house/reference.ts';

const designs = (await allDesigns()).map((d) => d.design);
const workload = (id: string) => WORKLOADS.find((w) => w.id === id)!;

/** Runs with the n-th allocation failing; 0: none. */
function run(design: Design, id: string, era: string, n: number) {
  const cell = new Cell({ design, workload: workload(id), era: eraOf(era)!, seed: 1 });
  const before = cell.k.allocations;
  cell.k.failIn = n;
  const result = cell.runByClock();
  return { cell, result, allocations: cell.k.allocations - before };
}

const BUSY = ['sendfile-locked', 'loopback-slow-reader', 'tap-slow-reader', 'no-sg', 'bulk-loss'];

/** Each workload has its turn: with every third design the next one. */
const some = sample(designs, 3).map((d, nth) => [d.id, d, nth] as const);

describe.each(some)('%s', (_id, design, nth) => {
  test.each(sample(BUSY, 5, nth))('%s goes on whichever allocation fails', (id) => {
    const plain = run(design, id, '3.8', 0);
    const every = Math.max(1, Math.floor(plain.allocations / (LONG ? 12 : 4)));
    for (let n = 1; n <= plain.allocations; n += every) {
      const { cell, result } = run(design, id, '3.8', n);
      const { k } = cell;
      expect(k.failIn, 'it has failed').toBe(0);
      expect(result.drained, `allocation ${n}`).toBe(true);
      expect([k.skbs.used, k.fclones.used, k.shinfos.used], `allocation ${n}`).toEqual([0, 0, 0]);
      expect(pagesInUse(k), 'pages that are not back at their owner').toEqual([]);
      // Whoever finished without a failure finishes with one, unless its loans never come back.
      const lost = result.judgement.verdicts.lost === 'refuted';
      expect(lost ? plain.result.progress : result.progress).toEqual(plain.result.progress);
    }
  });
});

test('where a design holds without a failure it holds with one, on every operation', () => {
  const safe = designs.filter((d) => ['copy-always', 'page-foreign'].includes(d.id));
  expect(safe).toHaveLength(2);
  let held = 0;
  for (const design of safe) {
    // but for what esp_output_tail itself forgot when it found no memory, until commit 2982e599fff6
    const kernels = ['2.6.24', '3.8', '6.1'].map((id) => eraOf(`${id}+espFailureUnrefs`)!);
    for (const era of sample(kernels, 3, 2)) {
      for (const mover of sample(matrixOperations(), 20, 1)) {
        const failed = runMatrixCell(design, mover, era, { faults: true }).verdict === 'refuted';
        // A writer in place spoils copies too: it needs no failure for that.
        const without = failed && runMatrixCell(design, mover, era).verdict === 'refuted';
        expect(failed, `${design.id} under ${mover.id} in ${era.id}`).toBe(without);
        if (!failed) held++;
      }
    }
  }
  expect(held).toBeGreaterThan(LONG ? 80 : 10);
});

// What a workload does beside its producers: no step of it ends a run for want of memory.
test.each([
  ['sendfile-truncate', /truncates the file/],
  ['netback-hostile', /sends its first packet/],
  ['vringfd-reader-stops', /sends its first packet/],
])('%s goes on without memory for what "%s"', (id, says) => {
  const design = designs.find((d) => d.id === 'ian-frag-destructor')!;
  const cell = new Cell({ design, workload: workload(id), era: eraOf('3.8')!, seed: 1 });
  const { k } = cell;
  let failed = 0;
  for (let place = 0; (place = k.agenda.earliest()) >= 0;) {
    const its = says.test(k.agenda.sources[place]!.verbs.join());
    const before = k.allocations;
    if (its) k.failIn = 1;
    cell.clock();
    if (its && k.allocations > before) failed++;
    k.failIn = 0;
    if (failed === 3) break;
  }
  expect(failed).toBeGreaterThan(0);
  expect(cell.judge.findings.filter((f) => f.property === 'lost')).toEqual([]);
});

test('a child that was reset leaves its ports to another: a campaign with failures goes on', () => {
  const args = ['--designs', 'ian-frag-destructor', '--workloads', 'no-sg~2', '--rounds', '20'];
  const ran = answered('campaign', ...args, '--failures', '--json');
  expect([ran.code, ran.stderr.includes('bug of ours')]).toEqual([0, false]);
});
