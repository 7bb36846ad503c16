// One document, one number: what stands under a name in one output stands under it in every other.
import { readFileSync } from 'node:fs';
import {
  compareMarkdown,
  compareSchema,
  costTable,
  reportData,
  reportMarkdown,
  reportText,
  type Figures,
  type ReportInput,
} from '@lastref/report';
import { expect, test } from 'vitest';

const committed = new URL('../../../results/compare.json', import.meta.url);
const doc = compareSchema.parse(JSON.parse(readFileSync(committed, 'utf8')));
const input: ReportInput = {
  compare: doc,
  movers: null,
  layout: null,
  claims: null,
  stories: [],
  lab: null,
  featured: null,
  stale: false,
  tool: 'lastref 0',
  commands: [],
};

/** Names in the first of `rows`, and by design what stands under each. */
type Printed = Map<string, Record<string, string>>;

function printedIn(head: readonly string[], rows: readonly (readonly string[])[]): Printed {
  const of = (row: readonly string[]): Record<string, string> =>
    Object.fromEntries(head.map((name, i) => [name, row[i]!]));
  return new Map(rows.map((row) => [bare(row[0]!), of(row)]));
}

/** Without the brackets of who is out of its time. */
function bare(name: string): string {
  return name.replace(/^\((.*)\)$/, '$1');
}

const cellsOf = (line: string, bar: string): string[] =>
  line
    .split(bar)
    .slice(1, -1)
    .map((cell) => cell.trim());

/** Of a table for a terminal, whose head has several lines. */
function inTerminal(text: string): Printed {
  const lines = text.split('\n').filter((l) => l.startsWith('│'));
  const rows = lines.map((l) => cellsOf(l, '│'));
  const first = rows.findIndex((row) => row[0] !== '');
  const head = rows[0]!.map((_, i) =>
    rows
      .slice(0, first)
      .map((row) => row[i])
      .join(' ')
      .trim(),
  );
  return printedIn(head, rows.slice(first));
}

/** Of the table with costs on a Markdown page. */
function inMarkdown(page: string): Printed {
  const lines = page.split('\n');
  const from = lines.findIndex((l) => l.includes('ordinary est. ns'));
  const rows = lines.slice(from + 2, lines.indexOf('', from)).map((l) => cellsOf(l, '|'));
  return printedIn(cellsOf(lines[from]!, '|'), rows);
}

/** Of the table with costs in a text: every column ends where its name ends. */
function inText(text: string): Printed {
  const lines = text.split('\n');
  const from = lines.findIndex((l) => /^ +ref +design/.test(l));
  const ends = [
    22,
    ...[...lines[from + 1]!.matchAll(/est\. ns|\S+/g)].map((m) => m.index + m[0].length),
  ];
  const cut = (line: string): string[] =>
    ends.map((end, i) => line.slice(i === 0 ? 0 : ends[i - 1], end).trim());
  const under = cut(lines[from + 1]!);
  const head = cut(lines[from]!).map((name, i) => `${name} ${under[i]}`.trim());
  const to = lines.findIndex((l, i) => i > from && (l === '' || l.startsWith('The order')));
  const rows = lines.slice(from + 2, to);
  const long = (line: string | undefined): boolean => /^\S{22,}$/.test(line ?? '');
  return printedIn(
    head,
    rows.flatMap((line, i) => {
      if (long(line)) return [];
      const cells = cut(line);
      return [long(rows[i - 1]) ? [rows[i - 1]!, ...cells.slice(1)] : cells]; // its name stands above
    }),
  );
}

/** What the page shows, by the names that it shows it under (html/client/costs.ts). */
const PAGE: Readonly<Record<string, readonly ['lent' | 'ordinary', keyof Omit<Figures, 'parts'>]>> =
  {
    'ref atomics': ['lent', 'refAtomics'],
    'design atomics': ['lent', 'designAtomics'],
    'est. ns': ['lent', 'ns'],
    'ordinary est. ns': ['ordinary', 'ns'],
  };
const onPage = reportData(input).costs;

const outputs: Readonly<Record<string, Printed>> = {
  'compare.md': inMarkdown(compareMarkdown(doc, './lastref compare')),
  'report.md': inMarkdown(reportMarkdown(input)),
  'report.txt': inText(reportText(input)),
};

test.each(Object.keys(PAGE))('%s is one number everywhere', (name) => {
  const terminal = inTerminal(costTable(doc));
  expect(terminal.size).toBe(doc.designs.length);
  const [side, figure] = PAGE[name]!;
  for (const { id } of doc.designs) {
    const said = terminal.get(id)![name]!;
    expect(said, id).toMatch(/^(-|\d+(\.\d+)?(–\d+)?)$/);
    for (const [output, printed] of Object.entries(outputs))
      expect(printed.get(id)![name], `${id} in ${output}`).toBe(said);
    const page = onPage.find((c) => bare(c.design) === id)!;
    const shown = page[side];
    const digits = said.split('.')[1]?.length ?? 0;
    const number = shown === null ? '-' : shown[figure].toFixed(digits);
    const ns = side === 'lent' ? page.lentNs : page.ordinaryNs;
    expect(figure === 'ns' ? ns : number, `${id} in report.html`).toBe(said);
  }
});

test('who could not be in the kernel where costs are compared stands in brackets everywhere', () => {
  const names = (printed: Printed): string[] =>
    [...printed.values()].map((v) => Object.values(v)[0]!);
  const wanted = doc.costs.common.rows.map((r) =>
    r.outside === true ? `(${r.design})` : r.design,
  );
  expect(wanted).toContain('(tx-count)');
  expect(names(inTerminal(costTable(doc)))).toEqual(wanted);
  for (const [output, printed] of Object.entries(outputs))
    expect(names(printed), output).toEqual(wanted);
  expect(onPage.map((c) => c.design)).toEqual(wanted);
});
