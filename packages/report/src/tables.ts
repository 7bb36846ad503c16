// Tables for a terminal.
import Table from 'cli-table3';
import { changesPlaces, estimate, figure, figures, ordinaryMore, times } from './costs.ts';
import type { CompareDocument } from './document.ts';
import { shares, stretchers } from './perdesign.ts';
import { cellWord, headline } from './verdicts.ts';
import { BESIDE_WORDS, COMPARE_WORDS, legendLines, toneOf } from './vocabulary.ts';
import { OUTSIDE, duration } from './words.ts';

/** Colours, or none: picocolors' shape. */
export interface Paint {
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

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

/** Stands where a candidate broke a rule of the seam, and no verdict is. */
export const STOPPED = 'stopped';

/** Columns of a terminal that a table of verdicts may take. */
const WIDTH = 112;

/** Designs down, workloads across, one word a cell: as many tables as the width of a terminal asks for. */
export function verdictTable(doc: CompareDocument, paint: Paint): string {
  return inWidth(doc)
    .map((workloads) => verdictsOn(doc, workloads, paint))
    .join('\n');
}

type Workloads = CompareDocument['workloads'];

/** The workloads, cut into the fewest lists of about equal length whose columns fit. */
function inWidth(doc: CompareDocument): Workloads[] {
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
    if (size <= 1 || cut.every((_, i) => wide(i) <= WIDTH)) return cut.filter((c) => c.length > 0);
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

export const VERDICT_LEGEND = [
  ...legendLines(COMPARE_WORDS, (w) => w.word),
  `(word)     ${OUTSIDE}`,
  ...BESIDE_WORDS.map((w) => `word ${w.letter.padEnd(5)} ${w.word}: ${w.legend}`),
].join('\n');

/** What a data segment costs: all designs in one kernel, and each in its own as a multiple of two baselines there. */
export function costTable({ costs }: CompareDocument): string {
  const table = new Table({
    head: [
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
    ],
    colAligns: ['left', ...Array.from({ length: 14 }, () => 'right' as const)],
    ...PLAIN,
  });
  costs.common.rows.forEach((row, i) => {
    const own = costs.own[i]!;
    const lent = figures(row.lent);
    const ordinary = figures(row.ordinary);
    table.push([
      row.design,
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
    ]);
  });
  return `${table.toString()}\n${changesPlaces(costs.common.rows)}`;
}

/** What the cost table shows, in a line. */
export function costHead({ costs }: CompareDocument): string {
  const head = `Per data segment of ${costs.workloads.join(', ')}: all in ${costs.common.era}`;
  const beside = costs.own.some((o) => o.timesNaive !== null || o.timesCopy !== null);
  return beside ? `${head}, and each beside the baselines in its own kernel` : head;
}

/** In which context producers are told, how late, and who could have put it off. */
export function tellingTable(doc: CompareDocument): string {
  const table = new Table({
    head: [
      '',
      'process',
      'softirq',
      'hardirq',
      'irqs off',
      'told late\np50',
      'told late\nmax',
      'who can put it off',
    ],
    colAligns: ['left', ...Array.from({ length: 6 }, () => 'right' as const), 'left'],
    ...PLAIN,
  });
  for (const { design, contexts, stretchedBy } of doc.summary) {
    const holds = doc.rows
      .filter((r) => r.design === design && r.holdTicks.samples > 0)
      .map((r) => r.holdTicks);
    const median = holds.map((h) => h.p50).sort((a, b) => a - b)[holds.length >> 1] ?? 0;
    table.push([
      design,
      ...shares(contexts),
      duration(median),
      duration(Math.max(0, ...holds.map((h) => h.max))),
      stretchers(stretchedBy),
    ]);
  }
  return table.toString();
}
