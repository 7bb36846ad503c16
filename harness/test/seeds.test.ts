// A verdict that rests on chance says so: one run of a comparison may miss what refutes a design.
import { existsSync, readFileSync } from 'node:fs';
import { seedsSchema, shareInterval, type SeedsDocument } from '@lastref/report';
import { allDesigns, allWorkloads, bundledCapture, pose, withoutVersions } from '@lastref/runner';
import { question } from '@lastref/runner/seeds';
import { DEFAULT_DRIVER_TICKS } from '@lastref/workloads';
import { beforeAll, describe, expect, test } from 'vitest';
import { house } from '../src/house.ts';

const SEEDS = 20;

describe('own-acks, which waits for an answer of every datagram', () => {
  const ON = ['nfs-udp', 'vringfd'];
  let doc: SeedsDocument;
  beforeAll(async () => {
    const plan = {
      designs: (await allDesigns()).filter((d) => d.design.id === 'own-acks'),
      workloads: allWorkloads().filter((w) => ON.includes(w.id)),
      capture: { file: bundledCapture().file, driverTicks: DEFAULT_DRIVER_TICKS, flows: null },
      era: null,
      seed: 1,
      seeds: SEEDS,
      faults: [],
    };
    doc = await pose(house, question, plan, { here: true });
  }, 60_000);

  test('holds where none was lost; the row says in how many runs one was, and the comparison has the first of them', () => {
    const [row] = doc.rows;
    expect(row!.words.map((w) => w.word)).toEqual(['lost', 'holds']);
    const [lost, holds] = row!.words.map((w) => w.seeds);
    expect(lost! + holds!).toBe(SEEDS);
    expect(row!.properties.find((p) => p.property === 'lost')).toEqual({
      property: 'lost',
      refuted: lost,
      ...shareInterval(lost!, SEEDS),
    });
    expect(row!.token).toBeNull(); // the first seed shows what there is
  });

  test('and where nothing is drawn one seed is enough', () => {
    const { chance, seeds, properties, token } = doc.rows[1]!;
    expect([chance, seeds, properties, token]).toEqual([false, 1, [], null]);
  });

  const kept = new URL('../../results/seeds.json', import.meta.url);
  test.skipIf(!existsSync(kept))('the committed rows are these', () => {
    const committed = seedsSchema.parse(JSON.parse(readFileSync(kept, 'utf8')));
    const known = committed.rows.filter((r) => r.design === 'own-acks' && ON.includes(r.workload));
    const said = (rows: SeedsDocument['rows']) => withoutVersions(JSON.stringify(rows));
    expect(said(doc.rows)).toBe(said(known));
  });
});

test("Wilson's interval: wide with few seeds, and never a point", () => {
  expect(shareInterval(10, 20)).toEqual({ low: 29, high: 71 });
  expect(shareInterval(1, 20)).toEqual({ low: 0, high: 24 });
  expect(shareInterval(19, 20)).toEqual({ low: 76, high: 100 });
});
