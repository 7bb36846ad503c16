// replay --trace: a run for the tools that people have.
import { writePcapng } from '@lastref/capture';
import { Judge } from '@lastref/judge';
import { Cell, type CellInput } from '@lastref/search';
import { TracePicker, type Trace } from '@lastref/workloads';
import { tryDirectory, writeTogether } from '../../files.ts';
import { recordSide } from '../../story/record.ts';
import { LentBytes } from './lent.ts';
import { perfettoTrace } from './perfetto.ts';
import { Wire } from './wire.ts';

/**
 * Writes trace.json (the loan's holders, for Perfetto) and wire.pcapng (every packet, for Wireshark) to `dir`; a
 * run whose packets meet no device has no second file. Returns the names of the files. `dir` null: it plays, and writes
 * nothing.
 */
export function writeTrace(
  dir: string | null,
  input: CellInput,
  trace: Trace,
  loan: number,
): string[] {
  if (dir !== null) tryDirectory(dir);
  const files: { name: string; data: string | Uint8Array }[] = [
    { name: 'trace.json', data: story(input, trace, loan) },
  ];
  const wire = record(input, trace);
  if (wire.packets.length > 0)
    files.push({ name: 'wire.pcapng', data: writePcapng(wire.names, wire.packets) });
  if (dir !== null) writeTogether(dir, files);
  return files.map((f) => f.name);
}

function story(input: CellInput, trace: Trace, loan: number): string {
  const side = recordSide(input, trace, {
    loan,
    until: Infinity,
    beyond: false,
    keep: [],
    whole: true,
  });
  return `${JSON.stringify(perfettoTrace(side, loan))}\n`;
}

function record(input: CellInput, trace: Trace): Wire {
  const lent = new LentBytes();
  const cell = new Cell(input, new Judge(), lent);
  lent.attach(cell.k);
  cell.prepare(trace);
  const wire = new Wire(cell.k, lent);
  const picker = new TracePicker(trace);
  for (;;) {
    wire.before();
    if (!picker.step(cell.k.agenda)) return wire;
    wire.after();
    lent.step++;
  }
}
