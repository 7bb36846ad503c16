// Tables for a terminal.
import Table from 'cli-table3';
import {
  changesPlaces,
  costName,
  estimate,
  figure,
  figures,
  ordinaryMore,
  times,
} from './costs.ts';
import type { CompareDocument } from './document.ts';
import { shares, stretchers } from './perdesign.ts';
import { sizeRows, sizeText } from './sizes.ts';
import { besideLetters, cellWord, headline } from './verdicts.ts';
import { BESIDE_WORDS, COMPARE_WORDS, legendLines, toneOf, type Word } from './vocabulary.ts';
import { letterBlocks, numbered, type LetterRow } from './letters.ts';
import { OUTSIDE, STOPPED, STOPPED_LEGEND, STOPPED_LETTER, duration, wrapped } from './words.ts';

/** Colours, or none: picocolors' shape. */
export interface Paint {
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

const asItIs = (text: string): string => text;

/** As a width is measured. */
export const UNPAINTED: Paint = {
  red: asItIs,
  green: asItIs,
  yellow: asItIs,
  dim: asItIs,
  bold: asItIs,
};

/** No colours of its own, and no line between rows. */
export const PLAIN = {
  style: { head: [], border: [] },
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
};

/** The word in its colour. */
export function painted(word: string, paint: Paint): string {
  switch (toneOf(word)) {
    case 'good':
      return paint.green(word);
    case 'copied':
    case 'none':
      return paint.dim(word);
    case 'hazard':
      return paint.yellow(word);
    default:
      return paint.red(word);
  }
}

/** Columns that a table may take where nobody says how wide a terminal is. */
export const WIDTH = 112;
/** With more tables than these, one below the other, nobody sees a design as a whole: letters do. */
const TABLES_MAX = 2;

/** Designs down, workloads across, one word a cell; letters, where that would be more than two tables. Below it the legend. */
export function verdictTable(doc: CompareDocument, paint: Paint, width = WIDTH): string {
  const tables = inWidth(doc, width);
  if (tables.length <= TABLES_MAX)
    return [
      ...tables.map((workloads) => verdictsOn(doc, workloads, paint)),
      verdictLegend(doc, width),
    ].join('\n');
  const name = Math.max(...doc.designs.map((d) => d.id.length)) + 2;
  return [
    ...letterBlocks(compareLetters(doc), doc.workloads.length, { columns: width, name }).slice(1),
    '',
    ...numbered(
      doc.workloads.map((w) => w.id),
      width,
    ),
    '',
    ...legendLines(shown(doc), (w) => w.letter, width),
    `( )  ${OUTSIDE}`,
    ...(hasStopped(doc) ? [`${STOPPED_LETTER}    ${STOPPED_LEGEND}`] : []),
  ].join('\n');
}

type Workloads = CompareDocument['workloads'];

/** The workloads, cut into the fewest lists of about equal length whose columns fit. */
function inWidth(doc: CompareDocument, width: number): Workloads[] {
  const { workloads } = doc;
  const first = Math.max(...doc.designs.map((d) => named(doc, d).length)) + 4;
  const widths = workloads.map((w) => {
    const words = doc.rows.filter((r) => r.workload === w.id).map((r) => cellWord(r));
    return 3 + Math.max(...[...w.id.split('-'), ...words].map((word) => word.length));
  });
  for (let lists = 1; ; lists++) {
    const size = Math.ceil(workloads.length / lists);
    const cut = Array.from({ length: lists }, (_, i) => workloads.slice(i * size, (i + 1) * size));
    const wide = (i: number): number =>
      widths.slice(i * size, (i + 1) * size).reduce((n, w) => n + w, first);
    if (size <= 1 || cut.every((_, i) => wide(i) <= width)) return cut.filter((c) => c.length > 0);
  }
}

function verdictsOn(doc: CompareDocument, workloads: Workloads, paint: Paint): string {
  const table = new Table({
    head: ['', ...workloads.map((w) => w.id.replace(/-/g, '\n'))],
    ...PLAIN,
  });
  for (const design of doc.designs) {
    const cells = workloads.map((workload) => {
      const row = doc.rows.find((r) => r.design === design.id && r.workload === workload.id);
      if (row === undefined) return painted(STOPPED, paint);
      return cellWord(row, painted(headline(row), paint));
    });
    table.push([named(doc, design), ...cells]);
  }
  return table.toString();
}

const LETTERS = new Map(COMPARE_WORDS.map((w) => [w.word, w.letter]));

/** Designs down, workloads across; in brackets what a design was not made for. */
export function compareLetters({ designs, workloads, rows }: CompareDocument): LetterRow[] {
  return designs.map(({ id }) => ({
    name: id,
    letters: workloads.map((w) => {
      const row = rows.find((r) => r.design === id && r.workload === w.id);
      const letter = row === undefined ? STOPPED_LETTER : LETTERS.get(headline(row))!;
      return row?.domain === false && row.state !== 'n/a' ? `(${letter})` : ` ${letter} `;
    }),
  }));
}

/** A design's id, and the kernel that it runs in where not all run in one. */
export function named(
  { era }: CompareDocument,
  design: CompareDocument['designs'][number],
): string {
  return era === null ? `${design.id} ${design.era}` : design.id;
}

/** The kernel of a comparison, for a head. */
export function eraWords({ era }: CompareDocument): string {
  return era === null ? 'each design in its own kernel' : `era ${era}`;
}

/** Has some cell no verdict? */
export function hasStopped({ designs, workloads, rows }: CompareDocument): boolean {
  return rows.length < designs.length * workloads.length;
}

/** Words that some cell shows: of the others nobody asks. */
function shown(doc: CompareDocument): Word[] {
  const words = new Set(doc.rows.map((r) => headline(r)));
  return COMPARE_WORDS.filter((w) => words.has(w.word));
}

/** What the words in the table mean, those alone that stand in it. */
function verdictLegend(doc: CompareDocument, width: number): string {
  const beside = BESIDE_WORDS.filter((w) =>
    doc.rows.some((r) => besideLetters(r).includes(w.letter)),
  );
  const outside = doc.rows.some((r) => !r.domain);
  return [
    ...legendLines(shown(doc), (w) => w.word, width),
    ...(outside ? [`(word)     ${OUTSIDE}`] : []),
    ...(hasStopped(doc) ? [`${STOPPED}    ${STOPPED_LEGEND}`] : []),
    ...beside.map((w) => `word ${w.letter.padEnd(5)} ${w.word}: ${w.legend}`),
  ].join('\n');
}

export const VERDICT_LEGEND = [
  ...legendLines(COMPARE_WORDS, (w) => w.word),
  `(word)     ${OUTSIDE}`,
  ...BESIDE_WORDS.map((w) => `word ${w.letter.padEnd(5)} ${w.word}: ${w.legend}`),
].join('\n');

/** Columns of the costs, the one that is given up last first; their heads as they stand. */
const COST_KEEP = [0, 8, 14, 1, 2, 6, 10, 13, 12, 9, 11, 4, 7, 5, 3];

/** What a data segment costs: all designs in one kernel, and each in its own as a multiple of two baselines there. */
export function costTable({ costs }: CompareDocument, width = Infinity): string {
  const head = [
    '',
    'ref\natomics',
    'design\natomics',
    'on a shared\ncount',
    'allocs',
    'head\nbytes',
    'payload\ncopied',
    'cache\nlines',
    'est.\nns',
    'ordinary\natomics',
    'ordinary\nest. ns',
    'more than\nnaive',
    'own\nkernel',
    '× naive\nthere',
    '× copy\nthere',
  ];
  const rows = costs.common.rows.map((row, i) => {
    const own = costs.own[i]!;
    const lent = figures(row.lent);
    const ordinary = figures(row.ordinary);
    return [
      costName(row),
      figure(lent, 'refAtomics', 2),
      figure(lent, 'designAtomics', 2),
      figure(lent, 'away', 2),
      figure(lent, 'allocations', 2),
      figure(lent, 'headBytes', 0),
      figure(lent, 'copied', 0),
      figure(lent, 'cacheLines', 1),
      estimate(lent),
      figure(ordinary, 'atomics', 2),
      estimate(ordinary),
      ordinaryMore(row, costs.common.rows),
      own.era,
      times(own.timesNaive, own.timesNaiveHigh),
      times(own.timesCopy, own.timesCopyHigh),
    ];
  });
  const table = fitted(head, rows, { keep: COST_KEEP, left: [0], width });
  const places = changesPlaces(costs.common.rows);
  return [table, ...(places === '' ? [] : wrapped(places, width))].join('\n');
}

interface Fit {
  /** Columns, the one that is given up last first. */
  readonly keep: readonly number[];
  /** Those that begin at the left. */
  readonly left: readonly number[];
  readonly width: number;
}

/** A table within `width`: columns are left out until it fits, and a line says which. */
export function fitted(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { keep, left, width }: Fit,
): string {
  const wide = (i: number): number =>
    3 + Math.max(...[head, ...rows].flatMap((r) => r[i]!.split('\n').map((l) => l.length)));
  const kept = [...keep];
  while (kept.length > 2 && 1 + kept.reduce((n, i) => n + wide(i), 0) > width) kept.pop();
  const columns = head.map((_, i) => i).filter((i) => kept.includes(i));
  const table = new Table({
    head: columns.map((i) => head[i]!),
    colAligns: columns.map((i) => (left.includes(i) ? 'left' : 'right')),
    ...PLAIN,
  });
  for (const row of rows) table.push(columns.map((i) => row[i]!));
  const out = head.filter((_, i) => !kept.includes(i)).map((h) => h.replace('\n', ' '));
  const said = out.length === 0 ? [] : wrapped(`Too wide for here: ${out.join(', ')}.`, width);
  return [table.toString(), ...said].join('\n');
}

/** What the cost table shows, in a line. */
export function costHead({ costs }: CompareDocument): string {
  const head = `Per data segment of ${costs.workloads.join(', ')}: all in ${costs.common.era}`;
  const beside = costs.own.some((o) => o.timesNaive !== null || o.timesCopy !== null);
  return beside ? `${head}, and each beside the baselines in its own kernel` : head;
}

/** In which context producers are told, how late, and who could have put it off. */
export function tellingTable(doc: CompareDocument, width = Infinity): string {
  const head = [
    '',
    'process',
    'softirq',
    'hardirq',
    'irqs off',
    'told late\np50',
    'told late\nmax',
    'who can put it off',
  ];
  const rows = doc.summary.map(({ design, contexts, stretchedBy }) => {
    const holds = doc.rows
      .filter((r) => r.design === design && r.holdTicks.samples > 0)
      .map((r) => r.holdTicks);
    return [
      design,
      ...shares(contexts),
      duration(middle(holds.map((h) => h.p50))),
      duration(Math.max(0, ...holds.map((h) => h.max))),
      stretchers(stretchedBy),
    ];
  });
  return fitted(head, rows, { keep: [0, 7, 6, 5, 4, 3, 2, 1], left: [0, 7], width });
}

/** Of one design over the workloads that lend: how long its pages are away, and how many. */
export interface Away {
  readonly design: string;
  /** Ticks, and where the longest was; null: nobody was told of anything. */
  readonly times: { readonly middle: number; readonly worst: number; readonly on: string } | null;
  readonly pageSeconds: number;
  /** Pages away at once at most, and where; null: the document does not say. */
  readonly peak: { readonly pages: number; readonly on: string } | null;
  /** Pages that came back in a second; null: none did. */
  readonly backPerSecond: number | null;
}

/** A row for each design that lends. */
export function awayRows({ designs, rows }: Pick<CompareDocument, 'designs' | 'rows'>): Away[] {
  return designs.flatMap(({ id }) => {
    const lending = rows.filter((r) => r.design === id && r.loans > 0);
    const told = lending.filter((r) => r.lentTicks.samples > 0);
    if (lending.length === 0) return [];
    const longest = lending.reduce((a, b) => (b.lentTicks.max > a.lentTicks.max ? b : a));
    const fullest = lending.reduce((a, b) => ((b.peakPages ?? 0) > (a.peakPages ?? 0) ? b : a));
    const back = lending.flatMap((r) => r.pagesPerSecond ?? []);
    return [
      {
        design: id,
        times:
          told.length === 0
            ? null
            : {
                middle: middle(told.map((r) => r.lentTicks.p50)),
                worst: longest.lentTicks.max,
                on: longest.workload,
              },
        pageSeconds: lending.reduce((n, r) => n + (r.pinnedPageSeconds ?? 0), 0),
        peak:
          fullest.peakPages === undefined
            ? null
            : { pages: fullest.peakPages, on: fullest.workload },
        backPerSecond: back.length === 0 ? null : middle(back),
      },
    ];
  });
}

/** Half of the times and at worst, in words. */
export function awayTimes({ times: of }: Away): readonly [string, string] {
  return of === null ? ['never', 'never'] : [duration(of.middle), duration(of.worst)];
}

/** How long buffers are away, and how much is tied up meanwhile: by design, over the workloads that lend. */
export function awayTable(doc: CompareDocument, width = Infinity): string {
  const head = [
    '',
    'away\np50',
    'away\nworst',
    'longest\non',
    'page-seconds\ntied up',
    'most pages\nat once',
    'at once\non',
    'pages back\na second',
  ];
  const rows = awayRows(doc).map((a) => [
    a.design,
    ...awayTimes(a),
    a.times?.on ?? '-',
    a.pageSeconds.toFixed(2),
    String(a.peak?.pages ?? '-'),
    a.peak?.on ?? '-',
    a.backPerSecond?.toFixed(0) ?? '-',
  ]);
  return rows.length === 0
    ? 'No page was lent.'
    : fitted(head, rows, { keep: [0, 1, 2, 5, 4, 7, 3, 6], left: [0, 3, 6], width });
}

/** What a message costs by its size; '' where nobody asked. */
export function sizeTable(doc: CompareDocument, width = Infinity): string {
  const rows = sizeRows(doc);
  const { bySize } = doc.costs;
  if (rows.length === 0 || bySize === undefined) return '';
  const head = ['', ...bySize.sizes.map(sizeText), 'pays\nfrom'];
  const last = head.length - 1;
  const keep = [0, last, 1, last - 1, ...head.map((_, i) => i).slice(2, -2)];
  const cells = rows.map((r) => [r.design, ...r.cells, r.pays]);
  return fitted(head, cells, { keep, left: [0], width });
}

/** The upper one of the two in the middle, if there are two. */
function middle(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0;
}
