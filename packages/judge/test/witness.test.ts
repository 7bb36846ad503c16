// Between completions the judge looks at one witness for each open loan instead of walking from every root. What it
// says, hold times included, is what a judge says that walks after every step.
import { WORKLOADS } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { Judge, type Judgement } from '../src/index.ts';
import { allDesigns, runByClock } from './machine.ts';
import { sample } from '../../../scripts/tier.ts';

const TOUR = [
  'nfs-odirect',
  'bulk-loss',
  'loopback-slow-reader',
  'tap-slow-reader',
  'no-sg',
  'splice-proxy',
  'netback-bridge',
  'vringfd',
];
/** Told at once, by a reply, at the last reference, before it, after it, and never. */
const DESIGNS = [
  'naive-sendpage',
  'rpc-reply',
  'sock-wfree',
  'ian-frag-destructor',
  'own-acks',
  'evgeniy-partial',
];
const workloads = WORKLOADS.filter((w) => TOUR.includes(w.id));
const designs = (await allDesigns()).filter((d) => DESIGNS.includes(d.id));

test('the tour is whole', () => {
  expect(workloads.map((w) => w.id).sort()).toEqual([...TOUR].sort());
  expect(designs).toHaveLength(DESIGNS.length);
});

function apartFromLate({ holdSamples: _, ...judgement }: Judgement): object {
  const verdicts = { ...judgement.verdicts, late: '' };
  return { ...judgement, verdicts, beside: judgement.beside.filter((f) => f.property !== 'late') };
}

describe.each(workloads)('on $id', (workload) => {
  test.each(sample(designs, 6, workloads.indexOf(workload)))(
    '$id is judged as by walking after every step',
    (design) => {
      const walker = new Judge();
      walker.always = true;
      const watcher = new Judge();
      watcher.watchAll = Number.POSITIVE_INFINITY;
      const truth = runByClock(design, workload, walker);
      expect(runByClock(design, workload, watcher)).toEqual(truth);
      // With many loans open hold times may fall short, and with them what is late; nothing else may.
      const usual = runByClock(design, workload, new Judge());
      expect(apartFromLate(usual)).toEqual(apartFromLate(truth));
      expect([truth.verdicts.late, 'holds', 'not-exercised']).toContain(usual.verdicts.late);
    },
  );
});
