// The same figures as a table for a terminal and as Markdown.
import Table from 'cli-table3';
import { PUBLISHED } from './anchors.ts';
import { BASELINE, CALIBRATION } from './cells.ts';
import type { BenchCompareDocument, BenchDocument, CellFigures, TimeRatio } from '@lastref/report';

const TARGET_HEAD = ['target', 'bound', 'figure', 'range', 'beside', ''];

type Row = readonly [cell: string, unit: string, ...figures: string[]];

export const HEAD = [
  'cell',
  'unit',
  'median',
  'min',
  'max',
  'spread',
  'time to naive',
  '95 %',
  'anchor',
  'ratio',
  'range',
];

/** Half the width of an interval, in percent, from which on a machine is called noisy. */
const NOISE_MAX = 5;

/** Three significant digits, or whole numbers with thin groups. */
export function figure(n: number): string {
  if (n >= 1000) return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ' ');
  return n.toPrecision(3);
}

/** A cell's row; a row more for each further anchor. */
function rowsOf(doc: BenchDocument, cell: CellFigures): Row[] {
  const { unit } = cell;
  const spread = `${cell.spreadPct.toFixed(0)} %`;
  const base = doc.baseline?.find((r) => r.cell === cell.id);
  const figures = [
    figure(cell.median),
    figure(cell.min),
    figure(cell.max),
    spread,
    ...(base === undefined ? ['-', '-'] : [times(base), interval(base)]),
  ];
  const anchors = doc.ratios.filter((r) => r.cell === cell.id).map((r) => beside(doc, r));
  const [first = ['-', '-', '-'], ...others] = anchors;
  const empty = figures.map(() => '');
  return [
    [cell.id, unit, ...figures, ...first],
    ...others.map((other): Row => ['', '', ...empty, ...other]),
  ];
}

function beside(doc: BenchDocument, ratio: BenchDocument['ratios'][number]): string[] {
  const anchor = doc.anchors.find((a) => a.id === ratio.anchor)!;
  return [
    `${anchor.id} ${figure(anchor.median)}`,
    `${ratio.median.toFixed(2)} x`,
    `${ratio.min.toFixed(2)} .. ${ratio.max.toFixed(2)}`,
  ];
}

function times({ ratio }: TimeRatio): string {
  return `${ratio.toFixed(2)} x`;
}

/** An interval that holds 1 tells nothing apart. */
function interval({ low, high, apart }: TimeRatio): string {
  return `${low.toFixed(2)} .. ${high.toFixed(2)}${apart ? '' : ' (same?)'}`;
}

/** What a noisy machine can not tell; null: it is quiet enough. */
export function noiseWarning({ noisePct, cells }: BenchDocument): string | null {
  const rounds = cells[0]?.rounds.length ?? 0;
  if (rounds < 3 && noisePct !== null && noisePct !== undefined)
    return `${rounds} rounds say little of how times drift: take more of them (--rounds) before you believe an interval`;
  if (noisePct === null || noisePct === undefined || noisePct <= NOISE_MAX) return null;
  return `this machine is too noisy to tell designs apart that differ by less than ${noisePct.toFixed(0)} %: take more --rounds, or a quieter machine`;
}

/** Notes under a table. */
function notes(doc: BenchDocument): string[] {
  const lines = [
    'Median, min and max are over the medians of the rounds; each round of a cell is a process of its own.',
    'cycle/N: alloc_skb, N pages lent, skb_clone, both freed; fewer ns are better. bulk/L: one TCP flow, 1 Gbit/s,',
    '5 ms, MTU 1500, L lost, real bytes, ledger and judge on; more segments are better. race/S: exhaustive search of',
    'the race of zero-copy transmission in two sizes: states a second without reduction; milliseconds to the verdict',
    'with it, from the start of the process to its end, and of the search alone; milliseconds to a shortest failing',
    'order of an unsafe rule, from start to end. command/C: one of ours, from the start of its process to its end. A',
    'ratio is the cell to its anchor, within a round; a target is undecided where its bound lies within the range.',
    `Time to naive: how much more time the same scenario takes than under ${BASELINE}, in the same rounds, with an`,
    'interval of 95 % by bootstrap over rounds and samples; (same?): the two were not told apart.',
    ...doc.missing,
  ];
  if (doc.missing.some((m) => m.includes('not installed'))) {
    lines.push('For orientation only, measured elsewhere on another machine:');
    for (const line of PUBLISHED) lines.push(`  ${line}`);
  }
  return lines;
}

function where(doc: BenchDocument): string {
  const { cpu, cpus, os, node } = doc.machine;
  const rounds = doc.cells[0]?.rounds.length ?? 0;
  return `${cpu} x${cpus}, ${os}, Node ${node}; commit ${doc.commit}, seed ${doc.seed}, digest ${doc.digest}; ${rounds} rounds${doc.quick ? ', quick' : ''}`;
}

function targetRows(doc: BenchDocument): string[][] {
  return (doc.targets ?? []).map(({ cell, sense, bound, unit, measured }) => {
    const what = [cell, `${sense} ${bound} ${unit}`];
    if (measured === null) return [...what, '-', '-', '-', 'not measured'];
    const range = `${measured.low.toFixed(2)} .. ${measured.high.toFixed(2)}`;
    return [...what, measured.figure.toFixed(2), range, measured.beside, measured.says];
  });
}

export function terminalText(doc: BenchDocument): string {
  const table = new Table({
    head: HEAD,
    colAligns: HEAD.map((_, i) => (i < 2 || i === 8 ? 'left' : 'right')),
    style: { head: [], border: [] },
  });
  for (const cell of doc.cells) for (const row of rowsOf(doc, cell)) table.push([...row]);
  const warning = noiseWarning(doc);
  const noise = warning === null ? [] : [`Warning: ${warning}.`];
  const targets = new Table({
    head: TARGET_HEAD,
    colAligns: ['left', 'left', 'right', 'right', 'left', 'left'],
    style: { head: [], border: [] },
  });
  for (const cells of targetRows(doc)) targets.push(cells);
  const set = targets.length === 0 ? [] : [targets.toString()];
  return [where(doc), table.toString(), ...set, ...noise, ...notes(doc), ''].join('\n');
}

export function markdown(doc: BenchDocument): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    '# Benchmark',
    '',
    'Written by `lastref bench`; raw samples are in `bench.json`.',
    '',
    `${where(doc)}; ${doc.date}`,
    '',
    line(HEAD),
    '|---|---|--:|--:|--:|--:|--:|--:|---|--:|--:|',
    ...doc.cells.flatMap((cell) => rowsOf(doc, cell).map(line)),
    '',
    ...(targetRows(doc).length === 0
      ? []
      : [
          '## What we set ourselves',
          '',
          'Why a target is not met is in [docs/speed.md](../../docs/speed.md).',
          '',
          line(TARGET_HEAD),
          '|---|---|--:|--:|---|---|',
          ...targetRows(doc).map(line),
          '',
        ]),
    ...(noiseWarning(doc) === null ? [] : [`Warning: ${noiseWarning(doc)!}.`, '']),
    notes(doc)
      .map((n) => (n.startsWith('  ') ? `\n- ${n.trim()}` : n))
      .join('\n'),
    '',
  ].join('\n');
}

/** Two runs side by side. */
export function versusText(doc: BenchCompareDocument): string {
  const table = new Table({
    head: ['cell', 'time, new to old', '95 %', ''],
    colAligns: ['left', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const cell of doc.cells) {
    const word = !cell.same
      ? 'does other work than before'
      : !cell.apart
        ? 'no difference to be seen'
        : cell.ratio > 1
          ? 'slower'
          : 'faster';
    table.push([cell.cell, times(cell), `${cell.low.toFixed(2)} .. ${cell.high.toFixed(2)}`, word]);
  }
  const whose = ({ commit, date, machine }: BenchCompareDocument['old']): string =>
    `${commit}, ${date}, ${machine.cpu} x${machine.cpus}, Node ${machine.node}`;
  const { calibration } = doc;
  const clock =
    typeof calibration === 'number'
      ? [`All are divided by what ${CALIBRATION} takes, new to old: ${calibration.toFixed(2)}.`]
      : [];
  return [
    `old: ${whose(doc.old)}`,
    `new: ${whose(doc.new)}`,
    table.toString(),
    ...clock,
    ...doc.warnings.map((w) => `Warning: ${w}.`),
    ...doc.missing,
    '',
  ].join('\n');
}
