// What is written down of a run that was not over when its time was: it passed nothing.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compareSchema, erasSchema, processorsSchema, seedsSchema } from '../src/index.ts';
import {
  cellsOfCompare,
  cellsOfEras,
  cellsOfProcessors,
  cellsOfSeeds,
  exclusionOf,
  isKnownOpen,
} from '../src/ci/index.ts';
import type { JudgedCell } from '../src/ci/judged.ts';

const kept = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../results/${name}.json`, import.meta.url), 'utf8'));
const compare = compareSchema.parse(kept('compare'));
const eras = erasSchema.parse(kept('eras'));
const processors = processorsSchema.parse(kept('processors'));
const seeds = seedsSchema.parse(kept('seeds'));
const NOT_JUDGED = 'not judged';

const open = (cells: readonly JudgedCell[]): JudgedCell[] => cells.filter((c) => c.open === true);

test('is open in every document that has a row for it, and no run of ours is', () => {
  const all = [
    cellsOfCompare(compare),
    cellsOfEras(eras),
    cellsOfProcessors(processors),
    cellsOfSeeds(seeds),
  ];
  expect(all.map((cells) => [open(cells).length, cells.length > 100])).toEqual(
    all.map(() => [0, true]),
  );

  const cut = compare.rows.map((row) =>
    row.domain && row.state === 'judged' && row.findings.length === 0
      ? { ...row, drained: false, verdicts: { ...row.verdicts, lost: 'not-judged' as const } }
      : row,
  );
  const cells = open(cellsOfCompare({ ...compare, rows: cut }));
  expect(cells.length).toBeGreaterThan(10);
  for (const { notJudged } of cells) expect(notJudged).toMatch(/not over when its time was/);

  const [era, timed, chance] = [eras.rows[0]!, processors.rows[0]!, seeds.rows[0]!];
  const later = { ...timed, high: { ...timed.high, word: NOT_JUDGED } };
  const some = { ...chance, words: [...chance.words, { ...chance.words[0]!, word: NOT_JUDGED }] };
  const each = [
    cellsOfEras({ ...eras, rows: [{ ...era, word: NOT_JUDGED }] }),
    cellsOfProcessors({ ...processors, rows: [later] }),
    cellsOfSeeds({ ...seeds, rows: [some] }),
  ];
  expect(each.map((one) => open(one).length)).toEqual([1, 1, 1]);
});

test('of a capture it may be what the capture does not show', () => {
  const row = { ...eras.rows[0]!, workload: 'capture/3c', word: NOT_JUDGED };
  expect(open(cellsOfEras({ ...eras, rows: [row] }))).toEqual([]);
});

test('is known where somebody says so of the cell, and not where he says so of something else', () => {
  const [cell] = cellsOfEras({ ...eras, rows: [{ ...eras.rows[0]!, word: NOT_JUDGED }] });
  const { design, on } = cell!;
  const known = (text: string): boolean => isKnownOpen([exclusionOf(text)!], cell!);
  expect([`${design}`, `${design}/${on}`, `${design}/${on}/lost`].map(known)).toEqual([
    true,
    true,
    true,
  ]);
  expect([`${design}/${on}/early`, `${design}/another`, 'another'].map(known)).toEqual([
    false,
    false,
    false,
  ]);
});
