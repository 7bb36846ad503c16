// One process of the benchmark: measures one cell, prints what it found as one line of JSON.
//   child.ts measure CELL full|quick
//   child.ts heap CELL CYCLES
import { FULL, QUICK, cellCalled } from './cells.ts';
import { designNamed, heapGrowth, measure } from './measure.ts';

const [task, id, amount] = process.argv.slice(2);
const cell = cellCalled(id ?? '');
if (cell === undefined || cell.kind === 'race') throw new Error(`no cell '${id}'`);
const design = await designNamed(cell.design);
if (task === 'heap' && cell.kind === 'cycle') {
  process.stdout.write(`${JSON.stringify(heapGrowth(design, cell.frags, Number(amount)))}\n`);
} else {
  const plan = amount === 'quick' ? QUICK : FULL;
  process.stdout.write(`${JSON.stringify(measure(cell, design, plan))}\n`);
}
