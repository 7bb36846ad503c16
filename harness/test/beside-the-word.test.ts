// What a right design may have, or no design can help, stands beside the word of a cell: late, unbounded, written. It is
// never the word, never what is most worth looking at, and --fail-on counts it by its own name alone.
import { eraOf } from '@lastref/kernel';
import {
  besideLetters,
  cellWord,
  compareSchema,
  headline,
  mostWorthLooking,
  type CompareRow,
} from '@lastref/report';
import { WORKLOADS } from '@lastref/workloads';
import { Cell, type CellResult } from '@lastref/search';
import { allDesigns } from '@lastref/runner';
import { expect, test } from 'vitest';
import { answered } from './house/reference.ts';

const designs = (await allDesigns()).map((file) => file.design);

function cell(design: string, workload: string, era: string): Cell {
  const input = {
    design: designs.find((d) => d.id === design)!,
    workload: WORKLOADS.find((w) => w.id === workload)!,
    era: eraOf(era)!,
    seed: 1,
  };
  return new Cell(input);
}

const told = ({ judgement }: CellResult): string[] =>
  judgement.beside.map((f) => `${f.property}: ${f.where}`);

test('a tap whose reader does nothing keeps the producer of a counting design waiting, and not that of a copying one', () => {
  const counting = cell('ian-frag-destructor', 'tap-slow-reader', '3.8');
  expect(told(counting.runWithheld()!)).toContain('unbounded: tap');
  expect(told(cell('copy-always', 'tap-slow-reader', '3.8').runWithheld()!)).toEqual([]);
  // orphaning gives the tap a copy
  expect(told(cell('msg-zerocopy', 'tap-slow-reader', '4.14').runWithheld()!)).not.toContain(
    'unbounded: tap',
  );
});

test('a loan of the end of a run that was cut has had no time to be told of: nobody kept it waiting', () => {
  const workload = WORKLOADS.find((w) => w.id === 'tap-slow-reader')!;
  const design = designs.find((d) => d.id === 'tcp-ack-callback')!;
  const cut = { ...workload, horizonTicks: 20_000 };
  const run = new Cell({ design, workload: cut, era: eraOf('3.8')!, seed: 1 }).runWithheld()!;
  expect(run.drained).toBe(false);
  expect(run.judgement.completions).toBeLessThan(run.judgement.loans);
  expect(told(run)).not.toContain('unbounded: write queue');
  expect(run.judgement.verdicts.unbounded).not.toBe('refuted');
});

test('where no program and no guest has a part, nothing can be withheld', () => {
  expect(cell('ian-frag-destructor', 'nfs-odirect', '3.8').runWithheld()).toBeNull();
});

test('told by the reader of another loan is late, by the device that gives a descriptor back is not', () => {
  expect(told(cell('ian-frag-destructor', 'loopback-slow-reader', '3.8').runByClock())).toEqual([
    'late: producer',
  ]);
  expect(told(cell('ian-frag-destructor', 'netback-bridge', '3.8').runByClock())).toEqual([]);
});

test('a writer that asks nobody is no fault of a design', () => {
  const { judgement } = cell('ian-frag-destructor', 'sendfile-writer', '3.8').runByClock();
  expect(judgement.findings).toEqual([]);
  expect(judgement.verdicts).toMatchObject({ corrupt: 'holds', written: 'refuted' });
  const naive = cell('naive-sendpage', 'sendfile-writer', '3.8').runByClock().judgement;
  expect(naive.verdicts.corrupt).toBe('refuted'); // told at once, and then written to
});

test('a copy that the kernel made and nobody read was made: saying so is no lie', () => {
  const { judgement } = cell('msg-zerocopy', 'vringfd', '4.14').runByClock();
  expect(judgement.verdicts.dishonest).toBe('holds');
});

test('letters behind the word, and --fail-on by name alone', () => {
  const args = [
    'compare',
    '--designs',
    'ian-frag-destructor',
    '--workloads',
    'sendfile-writer',
    '--json',
  ];
  const harm = answered(...args, '--fail-on', 'delivered,wire,corrupt');
  expect(harm.code, harm.stderr).toBe(0); // bytes were delivered that were changed, by a writer that asked nobody
  expect(answered(...args, '--fail-on', 'written').code).toBe(1);
  const { rows } = compareSchema.parse(JSON.parse(harm.stdout));
  const row = rows[0] as CompareRow;
  expect([headline(row), besideLetters(row), cellWord(row)]).toEqual(['holds', 'w', 'holds w']);
  expect(row.findings.map((f) => [f.property, f.harm])).toContainEqual(['written', 'delivered']);
  expect(mostWorthLooking(rows, new Set(['ian-frag-destructor']))).toBeNull();
});

test('the token of what is unbounded plays it: programs stop, and the tap has the pages', () => {
  const args = ['--designs', 'ian-frag-destructor', '--workloads', 'tap-slow-reader', '--json'];
  const { rows } = compareSchema.parse(JSON.parse(answered('compare', ...args).stdout));
  const { token } = rows[0]!.findings.find((f) => f.property === 'unbounded')!;
  const { stdout } = answered('replay', token, '--all');
  expect(stdout).toContain('programs that read and guests do nothing any more');
  expect(stdout).toMatch(/Beside that at step \d+: unbounded \(hazard; a stall, by root\), tap/);
  expect(stdout).not.toContain('another version');
});
