// Whole runs of a machine whose processors take their time.
import { ENDS, eraOf, type Design } from '@lastref/kernel';
import { workloadCalled } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { Cell } from '../src/index.ts';

function cell(design: Design, workload = 'bulk-loss'): Cell {
  return new Cell({ design, workload: workloadCalled(workload)!, era: eraOf('3.8')!, seed: 1 });
}

describe('a run whose processors take time', () => {
  test.each(ENDS)('%s: comes to its end', (end) => {
    const slow = cell(ian).runByProcessors(end);
    expect(slow.progress).toEqual(cell(ian).runByClock().progress);
    expect(slow.drained).toBe(true);
  });

  test('is the same every time, and is what its trace plays', () => {
    const [once, again] = [
      cell(naive).runByProcessors('high'),
      cell(naive).runByProcessors('high'),
    ];
    expect(again.digest).toBe(once.digest);
    const at = once.judgement.findings[0]!;
    const played = cell(naive).play(once.traces[0]!).judgement.findings.at(-1)!;
    expect([played.property, played.where, played.step]).toEqual([at.property, at.where, at.step]);
  });
});
