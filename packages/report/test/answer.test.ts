// The answer of a comparison in a few lines, and tables that follow the width of a terminal.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  answerLines,
  awayTable,
  compareSchema,
  costTable,
  faultsOf,
  headline,
  tellingTable,
  verdictTable,
} from '@lastref/report';
import { describe, expect, test } from 'vitest';

const read = (name: string): unknown =>
  JSON.parse(
    readFileSync(fileURLToPath(new URL(`../../../results/${name}.json`, import.meta.url)), 'utf8'),
  );
const doc = compareSchema.parse(read('compare'));
const same = (text: string): string => text;
const plain = { red: same, green: same, yellow: same, dim: same, bold: same };
const widest = (text: string): number => Math.max(...text.split('\n').map((l) => l.length));

describe('the answer', () => {
  test('names as holding exactly who has no fault where its patch was made for it', () => {
    const lines = answerLines(doc, 10_000);
    const hold = /: (.*)$/.exec(lines[0]!)![1]!.split(', ');
    const clean = doc.designs
      .map((d) => d.id)
      .filter((id) => {
        const cells = doc.rows.filter((r) => r.design === id && r.domain && r.state !== 'n/a');
        return (
          cells.every((r) => faultsOf(r).length === 0) && cells.some((r) => headline(r) === 'holds')
        );
      });
    expect(hold.sort()).toEqual(clean.sort());
    for (const id of clean) expect(lines[1]).not.toContain(`${id} (`);
    expect(lines[1]).toMatch(/naive-sendpage \(delivered, \d+ of \d+\)/);
    expect(lines[2]).toMatch(/^Cheapest that holds: [\w-]+, est\. \d+/);
  });

  test('takes five lines of 80 columns at most', () => {
    const lines = answerLines(doc, 80);
    expect(lines.length).toBeLessThanOrEqual(5);
    expect(widest(lines.join('\n'))).toBeLessThanOrEqual(80);
  });
});

test.each([72, 80, 100, 140])('in %d columns no table is wider', (width) => {
  const tables = {
    verdicts: verdictTable(doc, plain, width),
    costs: costTable(doc, width),
    telling: tellingTable(doc, width),
    away: awayTable(doc, width),
  };
  for (const [name, table] of Object.entries(tables)) {
    // the sentence below the costs is a sentence, not a column
    const lines = table.split('\n').filter((l) => !l.startsWith('The order'));
    expect(widest(lines.join('\n')), name).toBeLessThanOrEqual(width);
  }
});

test('every design is there, however narrow', () => {
  for (const table of [verdictTable(doc, plain, 72), costTable(doc, 72), tellingTable(doc, 72)])
    for (const { id } of doc.designs) expect(table).toContain(id);
});

test('letters stand for the words that a wide table has, each in its legend', () => {
  const wide = verdictTable(doc, plain, 400);
  const narrow = verdictTable(doc, plain, 80);
  expect(wide).toContain('delivered');
  const row = narrow.split('\n').find((l) => l.startsWith('naive-sendpage'))!;
  expect(row).toMatch(/naive-sendpage\s+D /);
  for (const letter of new Set(row.replace('naive-sendpage', '').replace(/[ ()]/g, '')))
    expect(narrow).toMatch(new RegExp(`^\\${letter}  |  \\${letter}  `, 'm'));
  for (const { id } of doc.workloads) expect(narrow).toContain(id);
});

test('what does not fit is said', () => {
  expect(costTable(doc, 80)).toMatch(/Too wide for here: [\s\S]*ordinary/);
  expect(costTable(doc)).not.toContain('Too wide');
});
