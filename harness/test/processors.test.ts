// The document about processors that take time: what is committed is what this version finds, in a sample of cells.
import { readFileSync } from 'node:fs';
import { processorsSchema } from '@lastref/report';
import { allDesigns, allWorkloads, bundledCapture, pose } from '@lastref/runner';
import { question } from '@lastref/runner/processors';
import { DEFAULT_DRIVER_TICKS } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { house } from '../src/house.ts';

const SAMPLE = ['naive-sendpage', 'ian-frag-destructor'];
const ON = ['bulk-loss', 'tap-slow-reader', 'no-sg'];

test('the committed rows are what this version finds', async () => {
  const file = new URL('../../results/processors.json', import.meta.url);
  const committed = processorsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const designs = (await allDesigns()).filter(({ design }) => SAMPLE.includes(design.id));
  const plan = {
    designs,
    workloads: allWorkloads().filter((w) => ON.includes(w.id)),
    capture: { file: bundledCapture().file, driverTicks: DEFAULT_DRIVER_TICKS, flows: null },
    era: null,
    seed: 1,
    faults: [],
  };
  const doc = await pose(house, question, plan, { here: true });
  expect(doc.rows).toHaveLength(SAMPLE.length * ON.length);
  const known = committed.rows.filter((r) => SAMPLE.includes(r.design) && ON.includes(r.workload));
  expect(doc.rows).toEqual(known);
});
