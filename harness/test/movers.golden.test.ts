// The matrix of operations and designs, as a golden file whose diff a reviewer can read.
import { readFileSync } from 'node:fs';
import { OPERATIONS, runMatrixCell } from '@lastref/operations';
import { allDesigns, ownEra } from '@lastref/runner';
import { PROPERTIES } from '@lastref/judge';
import {
  headRows,
  matrixWord,
  moversSchema,
  replaySchema,
  type MatrixRow,
  type MoversDocument,
} from '@lastref/report';
import { describe, expect, test, beforeAll } from 'vitest';
import { lastref } from './run-cli.ts';
import { printed } from './house/reference.ts';
import { LONG, sample } from '../../scripts/tier.ts';

/** What is asked of below, and some more. */
const ASKED = ['rusty-shinfo-orig', 'ian-frag-destructor', 'page-foreign'];
const designs = (await allDesigns()).map((file) => file.design);
const some = new Set([...ASKED, ...sample(designs, 10).map((d) => d.id)]);
const asked = designs.map((d) => d.id).filter((id) => LONG || some.has(id));

const TABLE = new URL('../../results/verdicts/movers.txt', import.meta.url).pathname;

describe('the matrix', () => {
  let doc: MoversDocument;
  let heads: MatrixRow[];

  beforeAll(() => {
    const some = LONG ? [] : ['--designs', asked.join()];
    doc = moversSchema.parse(JSON.parse(printed('movers', '--newest', ...some, '--json')));
    heads = headRows(doc);
  }, 600_000);

  test('has a row for every operation, a column for every design, and no empty cell', () => {
    const all = ['control', ...OPERATIONS.map((m) => m.id), 'unconverted code'];
    expect(heads.map((r) => r.mover).sort()).toEqual(all.sort());
    expect(doc.rows[0]).toMatchObject({ mover: 'control', era: '7.2.13' });
    for (const row of doc.rows) {
      expect(Object.keys(row.cells)).toEqual(doc.designs);
      for (const cell of Object.values(row.cells)) {
        expect(cell.runs > 0).toBe(cell.verdict !== 'n/a');
        expect(cell.token !== null).toBe(cell.verdict === 'refuted');
      }
    }
  });

  /** The table of `heads`. */
  const text = (): string => `${heads.map(lineOf).join('\n')}\n`;
  const lineOf = (row: MatrixRow): string => {
    const width = Math.max(...OPERATIONS.map((m) => m.id.length)) + 2;
    return doc.designs
      .map((d) => `${row.mover.padEnd(width)}${row.era.padEnd(17)}${d.padEnd(28)}${words(row, d)}`)
      .join('\n');
  };

  test.runIf(LONG)('is the committed table', async () => {
    await expect(text()).toMatchFileSnapshot(TABLE);
  });

  test.skipIf(LONG)('of some designs is what the committed table says of them', () => {
    const of = (whole: string): string[] =>
      whole.split('\n').filter((l) => asked.some((id) => l.includes(` ${id} `)));
    expect(of(text())).toEqual(of(readFileSync(TABLE, 'utf8')));
  });

  test('every refuted cell of a design replays', () => {
    const refuted = heads.filter((row) => row.cells['rusty-shinfo-orig']!.token !== null);
    expect(refuted.length).toBeGreaterThan(5);
    for (const row of sample(refuted, 12)) {
      const cell = row.cells['rusty-shinfo-orig']!;
      const story = replaySchema.parse(JSON.parse(lastref('replay', cell.token!, '--json').stdout));
      expect(story.same, row.mover).toBe(true);
      expect(story.findings.map((f) => f.property)).toContain(cell.property);
    }
  });

  test('a page flag survives everything that counts pages, and a chain breaks where nobody hooked it', () => {
    const verdict = (mover: string, design: string): string =>
      heads.find((r) => r.mover === mover)!.cells[design]!.verdict;
    for (const { mover, cells } of heads) {
      const { verdict: word, verdicts } = cells['page-foreign']!;
      if (verdicts.unmarked === 'refuted') continue; // a marker for writers in place is no part of it
      expect(word, mover).not.toBe('refuted');
    }
    for (const id of ['pskb_copy', 'pskb_expand_head', 'skb_split', 'skb_segment'])
      expect(inItsTime('rusty-shinfo-orig', id), id).toBe('proven');
    for (const id of ['skb_shift', 'skb_try_coalesce', 'skb_zerocopy']) {
      expect(verdict(id, 'rusty-shinfo-orig')).toBe('refuted');
      expect(verdict(id, 'ian-frag-destructor')).not.toBe('refuted');
    }
  });
});

/** An operation under a design in the kernel that its patch was made for. */
function inItsTime(id: string, mover: string): string {
  const design = designs.find((d) => d.id === id)!;
  return runMatrixCell(
    design,
    OPERATIONS.find((m) => m.id === mover)!,
    ownEra(design),
  ).verdict;
}

function words(row: MatrixRow, design: string): string {
  const cell = row.cells[design]!;
  const refuted = PROPERTIES.filter((p) => cell.verdicts[p] === 'refuted');
  const inWord = refuted.length === 1 && cell.property === refuted[0];
  const more = refuted.length === 0 || inWord ? '' : ` (${refuted.join(', ')})`;
  return `${matrixWord(cell).padEnd(10)}${String(cell.runs).padStart(6)} runs${more}`;
}
