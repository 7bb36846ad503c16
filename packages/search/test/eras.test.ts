// No workload or story runs what the kernel of its era has not got: what it needs is declared, an era
// without it is not applicable, and the machine itself stops at whatever was not declared.
import { CHANGES, ERAS, NotInEra, eraOf, type Era } from '@lastref/kernel';
import { STORIES, WORKLOADS, lacks, miniature, type Workload } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design } from '../../../strategies/naive-sendpage.ts';
import { Cell } from '../src/index.ts';

const cell = (workload: Workload, era: Era): Cell => new Cell({ design, workload, era, seed: 1 });

/** Runs it by the clock; true: the cell was refused. What the machine itself stops at is thrown. */
function isRefused(workload: Workload, era: Era): boolean {
  let made: Cell;
  try {
    made = cell(workload, era);
  } catch (error) {
    if (error instanceof NotInEra) return true;
    throw error;
  }
  made.runByClock();
  return false;
}

test.each(WORKLOADS.map((w) => [w.id, w] as const))('%s, in every era', (_, workload) => {
  const small = miniature(workload, 2);
  const absent = ERAS.filter((era) => lacks(small, era) !== null);
  expect(ERAS.filter((era) => isRefused(small, era))).toEqual(absent);
});

test('a story is told in eras that have what it needs', () => {
  const wrong = STORIES.flatMap((story) =>
    story.eras.filter((id) => lacks(story.workload, eraOf(id)!) !== null),
  );
  expect(wrong).toEqual([]);
});

describe('splice from a socket came in 2.6.25', () => {
  const proxy = WORKLOADS.find((w) => w.id === 'splice-proxy')!;

  test('so the proxy is not applicable before, and says why', () => {
    expect(ERAS.filter((era) => lacks(proxy, era) !== null).map((era) => era.id)).toEqual([
      '2.6.24',
    ]);
    expect(lacks(proxy, eraOf('2.6.24')!)).toBe('tcp_splice_read is there from 2.6.25 on');
    expect(lacks(miniature(proxy, 1), eraOf('2.6.24')!)).not.toBe(null);
  });

  test('and a workload that does not say so is stopped by the machine', () => {
    const silent = { ...miniature(proxy, 1), needs: [] };
    expect(() => cell(silent, eraOf('2.6.24')!).runByClock()).toThrow(
      'tcp_splice_read in 2.6.24: it is there from 2.6.25 on',
    );
    expect(CHANGES.spliceClones.mainline).toBe('2.6.25');
  });
});
