// Is the committed comparison what the sources say? One row in so many, played in this process: mutation testing sees here
// what a change of the machine, of the judge or of a picker does to what people read. (Other tests compare the whole of it
// with what commands of the build print.)
import { readFileSync } from 'node:fs';
import { compareSchema } from '@lastref/report';
import { ROOT, allDesigns, bundledCapture, pose, withoutVersions } from '@lastref/runner';
import { question } from '@lastref/runner/compare';
import { WORKLOADS } from '@lastref/workloads';
import { beforeAll, expect, test } from 'vitest';
import { LONG, sample } from '../../scripts/tier.ts';
import { house } from '../src/house.ts';

const designs = await allDesigns();
const capture = bundledCapture();
const committed = compareSchema.parse(
  JSON.parse(readFileSync(`${ROOT}results/compare.json`, 'utf8')),
);

beforeAll(() => {
  house.here = true;
  return () => (house.here = false);
});

test
  .runIf(LONG || process.env['LASTREF_MUTATION_TESTS'] !== undefined)
  .each(WORKLOADS.map((workload, nth) => [workload.id, workload, nth] as const))(
  '%s',
  async (id, workload, nth) => {
    const some = sample(designs, 24, nth);
    const plan = { designs: some, baselines: [], workloads: [workload], capture, era: null };
    const more = { seed: 1, repeat: 1, faults: [] };
    const { rows } = await pose(house, question, { ...plan, ...more });
    const names = some.map((d) => d.design.id);
    const were = committed.rows.filter(
      (r) => r.workload === id && names.includes(r.design) && r.state !== 'n/a',
    );
    const said = (row: (typeof rows)[number]) => {
      const { costs: _, ...rest } = row;
      return JSON.parse(withoutVersions(JSON.stringify(rest))) as unknown;
    };
    expect(rows.map(said)).toEqual(were.map(said));
  },
);
