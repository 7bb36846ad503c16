// Memory for machines that live one after the other in an isolate. What a system gives afresh it gives page by page, and
// a machine that outgrows its memory copies it: for most runs that is more work than the run.
import type { Judge } from '@lastref/judge';
import type { Kernel } from '@lastref/kernel';
import { Cell, type CellInput } from '@lastref/search';

/** Bytes for a run of which nothing is known yet. */
const FIRST = 4 << 20;

/** The largest so far, as long as nobody lives there, and how much of it somebody may have written to. */
let spare = new ArrayBuffer(4 * FIRST);
let written = 0;
/** Where those who live now began: the cell, and what it was given. */
const lent = new WeakMap<Cell, ArrayBuffer>();
/** The most bytes that runs of a workload came to need, by kind of judge: other runs have other judges. */
const needed = new Map<string, number>();

const nameOf = ({ judge, input }: Pick<Cell, 'judge' | 'input'>): string =>
  `${judge.constructor.name} ${input.workload.id}`;

/** A cell whose machine lives where an earlier one did, among zeroes. `leave` it when it is over. */
export function cellInMemory(input: CellInput, judge: Judge): Cell {
  const bytes = Math.min(needed.get(nameOf({ judge, input })) ?? FIRST, spare.byteLength);
  if (bytes === 0 || input.mem !== undefined) return new Cell(input, judge);
  const buffer = spare;
  new Uint8Array(buffer, 0, written).fill(0);
  const cell = new Cell({ ...input, mem: new Uint8Array(buffer, 0, bytes) }, judge);
  spare = new ArrayBuffer(0);
  lent.set(cell, buffer);
  return cell;
}

/** What is done with the rest of a machine. */
const heirs = new WeakMap<Kernel, () => void>();

/** When somebody leaves the machine, `inherit` may have what it had for the next one. */
export function whenLeft(k: Kernel, inherit: () => void): void {
  heirs.set(k, inherit);
}

/** Nobody looks at the cell's machine any more. */
export function leave(cell: Cell): void {
  heirs.get(cell.k)?.();
  const { mem } = cell.k;
  const name = nameOf(cell);
  needed.set(name, Math.max(mem.length, needed.get(name) ?? 0));
  const now = mem.buffer as ArrayBuffer;
  const began = lent.get(cell) ?? now;
  if (began.byteLength > spare.byteLength) [spare, written] = [began, began.byteLength];
  if (now.byteLength >= spare.byteLength) [spare, written] = [now, cell.k.reached];
}
