// One process of the benchmark: measures one cell, prints what it found as one line of JSON.
//   child.ts measure CELL full|quick
//   child.ts heap CELL CYCLES
import { FULL, QUICK, cellCalled } from './cells.ts';
import { designNamed, heapGrowth, measure } from './measure.ts';

/** What the process prints when it could not: the parent says it, as it says its own failures. */
export interface ChildFailed {
  readonly failed: string;
  readonly stack: string;
}

async function answer([task, id, amount]: readonly string[]): Promise<unknown> {
  const cell = cellCalled(id ?? '');
  if (cell === undefined || cell.kind === 'race' || cell.kind === 'command')
    throw new Error(`no cell '${id}'`);
  const design = await designNamed(cell.design);
  if (task === 'heap' && cell.kind === 'cycle')
    return heapGrowth(design, cell.frags, Number(amount));
  return measure(cell, design, amount === 'quick' ? QUICK : FULL);
}

try {
  process.stdout.write(`${JSON.stringify(await answer(process.argv.slice(2)))}\n`);
} catch (error) {
  const { name, message, stack } = error as Error;
  const said: ChildFailed = { failed: `${name}: ${message}`, stack: stack ?? '' };
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
