// A recorded run is shrunk from where its first page is lent: whatever was done before that is done again, in every kind of
// step that a record has.
import { TracePicker } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { Cell, MachineFingerprint, RunStart, drain, shrink } from '../src/index.ts';
import { inputOf } from './cells.ts';

const input = inputOf(ian, 'tap-slow-reader');

function looksOf(cell: Cell): unknown[] {
  const print = new MachineFingerprint();
  print.of(cell, 0);
  const { now, stopped, withholding } = cell.k.agenda;
  return [print.hi, print.lo, now, stopped, withholding, cell.judge.step];
}

/** By the clock, a step that somebody chose, and again; then what `stops` stops, and the steps behind it. */
function recorded(stops: (cell: Cell) => void): Cell {
  const cell = new Cell(input);
  const { agenda } = cell.k;
  cell.clock();
  const place = agenda.earliest();
  cell.take(place, 0, agenda.sources[place]!.item());
  while (cell.judge.lentPages().length === 0) cell.clock();
  cell.clock();
  stops(cell);
  drain(cell, []);
  return cell;
}

test.each<[string, (cell: Cell) => void]>([
  ['nothing', () => {}],
  ['the clock', (cell) => cell.stopClock()],
  ['programs', (cell) => cell.stopPrograms()],
  [
    'the clock and then programs',
    (cell) => {
      cell.stopClock();
      cell.clock();
      cell.stopPrograms();
    },
  ],
  [
    'programs and then the clock',
    (cell) => {
      cell.stopPrograms();
      cell.clock();
      cell.stopClock();
    },
  ],
])('where %s stopped, its beginning and its list are the run', (_, stops) => {
  const run = recorded(stops);
  const trace = run.recorder.upTo(run.judge.step);
  const start = new RunStart(input, trace);
  const cell = start.machine();
  // at the beginning it is where the record was, too
  const again = new Cell(input);
  const picker = new TracePicker(trace);
  while (again.judge.step < cell.judge.step && picker.step(again.k.agenda)) again.judge.afterStep();
  expect(looksOf(cell)).toEqual(looksOf(again));
  const steps = cell.judge.step - 1;
  expect(cell.recorder.upTo(steps)).toEqual(run.recorder.upTo(steps)); // the clock's own steps too
  for (const { place, verb, item } of start.list) expect(cell.take(place, verb, item)).toBe(true);
  cell.finish();
  expect(looksOf(cell)).toEqual(looksOf(run));
});

test('of a run whose very first step lends there is nothing before it', () => {
  const cell = new Cell(inputOf(ian, 'nfs-udp'));
  const writer = cell.k.agenda.sources.find(({ name }) => name === 'nfs writer 0')!;
  const first = { place: writer.place, verb: 0, item: writer.item() };
  expect(cell.take(first.place, first.verb, first.item)).toBe(true);
  expect(cell.judge.lentPages().length).toBeGreaterThan(0);
  const start = new RunStart(cell.input, cell.recorder.upTo(1));
  expect(start.list).toMatchObject([first]);
  expect(start.machine().judge.step).toBe(1);
});

test('that somebody waits for ever for a program is shown again by the record of a run in which programs stopped', () => {
  const { besideTraces, judgement } = new Cell(input).runWithheld()!;
  const at = judgement.beside.findIndex((f) => f.property === 'unbounded');
  const start = new RunStart(input, besideTraces[at]!);
  const shrunk = shrink(start, start.list, judgement.beside[at]!)!;
  expect(shrunk.played.findings[0]!.text).toBe(judgement.beside[at]!.text);
  expect(shrunk.played.cell.k.agenda.withholding).toBe(true);
});
