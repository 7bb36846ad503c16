// The stage of an operation is a machine like any other: a search sees all of its state, whatever the operation made.
import { eraOf } from '@lastref/kernel';
import { Cell, MachineFingerprint } from '@lastref/search';
import { expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { existsIn, operationWorkloads } from '../src/index.ts';

test.each(['2.6.24', '3.8', '6.1'])('in %s no operation leaves anything undeclared', (name) => {
  const era = eraOf(name)!;
  const print = new MachineFingerprint();
  let acted = 0;
  for (const workload of operationWorkloads()) {
    if (!existsIn(workload.operation, era.id)) continue;
    const cell = new Cell({ design: ian, workload, era, seed: 1 });
    while (cell.k.agenda.earliest() >= 0) {
      cell.clock();
      print.inspect(cell);
    }
    acted++;
  }
  expect(acted).toBeGreaterThan(60);
});
