// Machines that live one after the other in the same memory: none finds what another one left there.
import { Judge } from '@lastref/judge';
import { Cell, type CellInput } from '@lastref/search';
import { WORKLOADS } from '@lastref/workloads';
import { findEra } from '@lastref/runner';
import { design } from '@lastref/strategies/ian-frag-destructor';
import { expect, test } from 'vitest';
import { cellInMemory, leave } from '../src/memory.ts';

const input = (id: string): CellInput => ({
  design,
  workload: WORKLOADS.find((w) => w.id === id)!,
  era: findEra(design.era.id),
  seed: 1,
});

test.each([
  ['as large', 'bulk-loss', 'bulk-loss'],
  ['larger', 'bulk-loss', 'nfs-odirect'],
  ['smaller', 'nfs-odirect', 'bulk-loss'],
])('the next one is %s and begins among zeroes', (_, first, next) => {
  for (let n = 0; n < 2; n++) {
    const before = cellInMemory(input(first), new Judge());
    before.runByClock();
    leave(before);
    const cell = cellInMemory(input(next), new Judge());
    expect(cell.k.mem.length).toBeGreaterThan(0);
    const alone = new Cell(input(next));
    const both = Math.min(cell.k.mem.length, alone.k.mem.length);
    expect(Buffer.compare(cell.k.mem.subarray(0, both), alone.k.mem.subarray(0, both))).toBe(0);
    expect(cell.k.mem.subarray(both).every((byte) => byte === 0)).toBe(true);
    expect(cell.runByClock().digest).toBe(alone.runByClock().digest);
    leave(cell);
  }
});
