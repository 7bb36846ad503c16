// Memory for machines that live one after the other in an isolate. What a system gives afresh it gives page by page, and
// a machine that outgrows its memory copies it: for most runs that is more work than the run.
import type { Judge } from '@lastref/judge';
import { Cell, type CellInput } from '@lastref/search';

/** Of the largest machine so far, as long as nobody lives there. */
let spare = new ArrayBuffer(0);
/** The most bytes that runs of a workload came to need, by kind of judge: other runs have other judges. */
const needed = new Map<string, number>();

const nameOf = ({ judge, input }: Pick<Cell, 'judge' | 'input'>): string =>
  `${judge.constructor.name} ${input.workload.id}`;

/** A cell whose machine lives where an earlier one did, among zeroes. `leave` it when it is over. */
export function cellInMemory(input: CellInput, judge: Judge): Cell {
  const bytes = needed.get(nameOf({ judge, input })) ?? 0;
  if (bytes === 0 || bytes > spare.byteLength || input.mem !== undefined)
    return new Cell(input, judge);
  const mem = new Uint8Array(spare, 0, bytes).fill(0);
  spare = new ArrayBuffer(0);
  return new Cell({ ...input, mem }, judge);
}

/** Nobody looks at the cell's machine any more. */
export function leave(cell: Cell): void {
  const { mem } = cell.k;
  const name = nameOf(cell);
  needed.set(name, Math.max(mem.length, needed.get(name) ?? 0));
  if (mem.buffer.byteLength > spare.byteLength) spare = mem.buffer as ArrayBuffer;
}
