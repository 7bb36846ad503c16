// The answer of a comparison in a few lines, and tables that follow the width of a terminal.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  answerLines,
  awayRows,
  awayTable,
  compareMarkdown,
  compareSchema,
  costTable,
  eraWord,
  erasSchema,
  faultsOf,
  headline,
  holding,
  sizeRows,
  sizeTable,
  tellingTable,
  verdictTable,
  type CompareDocument,
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

  test('calls no design the cheapest that could not be in the kernel where costs are compared', () => {
    const outside = doc.costs.common.rows.filter((r) => r.outside === true).map((r) => r.design);
    expect(outside).toContain('tx-count');
    const [, cheapest] = /^Cheapest that holds: ([\w-]+),/.exec(answerLines(doc, 10_000)[2]!)!;
    expect(outside).not.toContain(cheapest);
  });

  test('calls nobody one who holds whose run was not over when its time was', () => {
    const [id] = holding(doc);
    const row = doc.rows.find((r) => r.design === id && r.domain && headline(r) === 'holds')!;
    const verdicts = { ...row.verdicts, lost: 'not-judged' as const };
    const rows = doc.rows.map((r) => (r === row ? { ...row, drained: false, verdicts } : r));
    const cut = { ...doc, rows };
    expect(holding(cut)).not.toContain(id);
    const lines = answerLines(cut, 10_000);
    expect(lines.find((line) => line.startsWith('Hold on all'))!.split(/: |, /)).not.toContain(id);
    expect(lines.find((line) => line.startsWith('Not over'))).toContain(`${id} (1 of `);
    const alone = { ...cut, designs: cut.designs.filter((d) => d.id === id) };
    expect(answerLines(alone, 10_000)[0]).toMatch(/not over when its time was: nobody knows/);
  });

  test('takes five lines of 80 columns at most', () => {
    const lines = answerLines(doc, 80);
    expect(lines.length).toBeLessThanOrEqual(5);
    expect(widest(lines.join('\n'))).toBeLessThanOrEqual(80);
  });
});

describe('the answer of a small comparison', () => {
  const { rows, costs } = doc;
  /** The document as if these designs and workloads alone had been asked for. */
  const cut = (designs: readonly string[], workloads: readonly string[]): CompareDocument => ({
    ...doc,
    designs: doc.designs.filter((d) => designs.includes(d.id)),
    workloads: doc.workloads.filter((w) => workloads.includes(w.id)),
    rows: rows.filter((r) => designs.includes(r.design) && workloads.includes(r.workload)),
    costs: {
      ...costs,
      common: {
        ...costs.common,
        rows: costs.common.rows.filter((r) => designs.includes(r.design)),
      },
      own: costs.own.filter((o) => designs.includes(o.design)),
    },
  });
  const answer = (designs: readonly string[], workloads: readonly string[]): string =>
    answerLines(cut(designs, workloads), 10_000).join('\n');

  test.each([
    [['naive-sendpage'], ['nfs-odirect'], /^naive-sendpage breaks on nfs-odirect: delivered\.$/],
    [
      ['naive-sendpage'],
      ['nfs-odirect', 'bulk-loss'],
      /^naive-sendpage breaks on 2 of 2 workloads, at worst: delivered\.$/,
    ],
    [
      ['ian-frag-destructor'],
      ['nfs-odirect', 'bulk-loss'],
      /^ian-frag-destructor holds on all 2 workloads that it was made for, in these runs\.\nian-frag-destructor costs est\. \d+/,
    ],
    [
      ['ian-frag-destructor'],
      ['nfs-odirect'],
      /^ian-frag-destructor holds on nfs-odirect, in this/,
    ],
    [
      ['copy-always'],
      ['nfs-odirect', 'bulk-loss'],
      /^copy-always lends nothing on these 2 workloads: only copies are in the stack\.$/,
    ],
    [['rpc-reply'], ['bulk-loss'], /^rpc-reply was made for none of these workloads/],
    [
      ['ian-frag-destructor', 'naive-sendpage'],
      ['nfs-odirect'],
      /\(1 of 2\): ian-frag-destructor\nBreak \(1\).*\nian-frag-destructor costs est/,
    ],
    [['copy-always', 'rpc-reply'], ['bulk-loss'], /^None of them has a lent page in the stack/],
  ])('%j on %j', (designs, workloads, says) => {
    const text = answer(designs, workloads);
    expect(text).toMatch(says);
    if (designs.length > 1) return;
    expect(text).not.toMatch(/none of them|Cheapest/);
    expect(costTable(cut(designs, workloads))).not.toContain('The order');
  });
});

describe('a candidate that was stopped on one workload', () => {
  const designs = doc.designs.filter((d) => /^(ian-frag-destructor|copy-always)$/.test(d.id));
  const workloads = doc.workloads.filter((w) => /^(nfs-odirect|bulk-loss)$/.test(w.id));
  const among = (ids: readonly { id: string }[], id: string): boolean =>
    ids.some((one) => one.id === id);
  const stopped: CompareDocument = {
    ...doc,
    designs,
    workloads,
    rows: doc.rows.filter(
      (r) =>
        among(designs, r.design) &&
        among(workloads, r.workload) &&
        !(r.design === 'ian-frag-destructor' && r.workload === 'bulk-loss'),
    ),
  };
  const only: CompareDocument = {
    ...stopped,
    designs: designs.filter((d) => d.id === 'ian-frag-destructor'),
    rows: stopped.rows.filter((r) => r.design === 'ian-frag-destructor'),
  };

  test('does not hold, whatever the others say of it', () => {
    const lines = answerLines(stopped, 10_000).join('\n');
    expect(lines).not.toMatch(/[Hh]olds? on all that they were.*ian-frag-destructor|costs est/);
    expect(lines).toContain(
      'Stopped (1), as a rule of the seam was broken, workloads: ian-frag-destructor (1 of 2)',
    );
    expect(holding(stopped)).toEqual([]);
    expect(answerLines(only, 10_000)).toEqual([
      'ian-frag-destructor broke a rule of the seam on 1 workload, where no verdict is: nobody knows whether it holds.',
    ]);
  });

  test('has a word and a letter of its own, and they stand in the legends', () => {
    const legend = 'a rule of the seam was broken: no verdict';
    expect(verdictTable(stopped, plain, 400)).toMatch(
      new RegExp(`ian-frag-destructor .*stopped[\\s\\S]*stopped    ${legend}`),
    );
    const all = { ...doc, rows: doc.rows.filter((r) => r.workload !== 'bulk-loss') };
    const narrow = verdictTable(all, plain, 80);
    expect(narrow).toMatch(/^naive-sendpage .* ! /m);
    expect(narrow).toContain(`!    ${legend}`);
    expect(verdictTable(doc, plain, 80)).not.toContain(legend);
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

describe('what a message costs by its size', () => {
  const row = (design: string, bytes: number, ns: number, nsHigh: number) => ({
    design,
    bytes,
    ns,
    nsHigh,
    copiedBytes: 0,
  });
  const bySize = {
    era: '3.8',
    sizes: [4096, 1 << 20],
    rows: [
      row('copy-always', 4096, 690, 1640),
      row('copy-always', 1 << 20, 175_000, 418_000),
      row('ian-frag-destructor', 4096, 260, 590),
      row('ian-frag-destructor', 1 << 20, 61_700, 125_000),
      row('no-clone', 4096, 700, 1500), // cheaper at one end alone
      row('no-clone', 1 << 20, 166_000, 389_000),
      row('naive-sendpage', 4096, 100, 200),
      row('naive-sendpage', 1 << 20, 175_000, 418_000),
    ],
  };
  const sized: CompareDocument = { ...doc, costs: { ...doc.costs, bySize } };

  test('and from which on it pays, at both ends and for all larger ones', () => {
    const of = (id: string) => sizeRows(sized).find((r) => r.design === id)!;
    expect(of('ian-frag-destructor')).toEqual({
      design: 'ian-frag-destructor',
      cells: ['0.26–0.59', '61.7–125'],
      pays: '4 KiB',
    });
    expect(of('no-clone').pays).toBe('1 MiB');
    expect(of('naive-sendpage').pays).toBe('never');
    expect(of('copy-always').pays).toBe('');
    expect(sizeRows(sized).map((r) => r.design)).not.toContain('skb-cb');
  });

  test('stands in the terminal, on the page of Markdown and in the text; or nowhere', () => {
    expect(sizeTable(sized)).toMatch(/ian-frag-destructor │ 0\.26–0\.59 │ 61\.7–125/);
    expect(widest(sizeTable(sized, 72))).toBeLessThanOrEqual(72);
    const page = '### By the size of a message';
    expect(compareMarkdown(sized, '')).toContain(page);
    const { bySize: _, ...rest } = doc.costs;
    const without = { ...doc, costs: rest };
    expect(sizeTable(without)).toBe('');
    expect(compareMarkdown(without, '')).not.toContain(page);
  });
});

test('the most pages away at once are those of the fullest workload', () => {
  const rows = doc.rows.map((r) => ({ ...r, peakPages: r.workload === 'bulk-loss' ? 77 : 5 }));
  const peaked = { ...doc, rows };
  const ian = awayRows(peaked).find((a) => a.design === 'ian-frag-destructor')!;
  expect(ian.peak).toEqual({ pages: 77, on: 'bulk-loss' });
  expect(awayTable(peaked, 80)).toMatch(/ian-frag-destructor .* 77 │/);
  expect(compareMarkdown(peaked, '')).toContain('### The most pages away at once');
  for (const { design } of awayRows(peaked).filter((a) => a.times === null))
    expect(awayTable(peaked)).toMatch(new RegExp(`${design} .* never`));
});

test('what does not fit is said', () => {
  expect(costTable(doc, 80)).toMatch(/Too wide for here: [\s\S]*ordinary/);
  expect(costTable(doc)).not.toContain('Too wide');
});

test('over the releases, one workload that copies does not hide those on which a design was judged', () => {
  const eras = erasSchema.parse(read('eras'));
  const words = (era: string) =>
    eras.rows.filter((r) => r.design === 'ian-frag-destructor' && r.era === era).map((r) => r.word);
  expect(words('7.2.13')).toEqual(expect.arrayContaining(['copied', 'holds']));
  expect(eraWord(eras, 'ian-frag-destructor', '7.2.13')).toBe('holds');
  expect(eraWord(eras, 'copy-always', '7.2.13')).toBe('copied');
});

describe('over the releases, a candidate that was stopped on one workload', () => {
  const eras = erasSchema.parse(read('eras'));
  const [workload, other] = eras.workloads as [string, string];
  const cut = (design: string) => ({
    ...eras,
    workloads: [workload, other],
    rows: eras.rows.filter((r) => r.design === design && r.workload === workload),
  });

  test('holds in none, and what was found elsewhere stands', () => {
    expect(eraWord(eras, 'ian-frag-destructor', '3.8')).toBe('holds');
    expect(eraWord(cut('ian-frag-destructor'), 'ian-frag-destructor', '3.8')).toBe('stopped');
    expect(eraWord(cut('naive-sendpage'), 'naive-sendpage', '3.8')).toBe('delivered');
  });
});
