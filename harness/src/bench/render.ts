// The same figures as a table for a terminal and as Markdown.
import Table from 'cli-table3';
import { PUBLISHED } from './anchors.ts';
import type { BenchDocument, CellFigures } from './document.ts';

type Row = readonly [cell: string, unit: string, ...figures: string[]];

const HEAD = ['cell', 'unit', 'median', 'min', 'max', 'spread', 'against', 'ratio', 'range'];

/** Three significant digits, or whole numbers with thin groups. */
export function figure(n: number): string {
  if (n >= 1000) return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ' ');
  return n.toPrecision(3);
}

function row(doc: BenchDocument, cell: CellFigures): Row {
  const { unit } = cell;
  const spread = `${cell.spreadPct.toFixed(0)} %`;
  const figures = [figure(cell.median), figure(cell.min), figure(cell.max), spread];
  const ratio = doc.ratios.find((r) => r.cell === cell.id);
  if (ratio === undefined) return [cell.id, unit, ...figures, '-', '-', '-'];
  const anchor = doc.anchors.find((a) => a.id === ratio.anchor)!;
  const against = `${anchor.id} ${figure(anchor.median)}`;
  const range = `${ratio.min.toFixed(2)} .. ${ratio.max.toFixed(2)}`;
  return [cell.id, unit, ...figures, against, `${ratio.median.toFixed(2)} x`, range];
}

/** Notes under a table. */
function notes(doc: BenchDocument): string[] {
  const lines = [
    'Median, min and max are over the medians of the rounds; each round of a cell is a process of its own.',
    'cycle/N: alloc_skb, N pages lent, skb_clone, both freed; fewer ns are better. bulk/L: one TCP flow, 1 Gbit/s,',
    '5 ms, MTU 1500, L lost, real bytes, ledger and judge on; more segments are better. race/S: exhaustive search of',
    'the race of zero-copy transmission in two sizes: states a second without reduction; milliseconds to the verdict',
    'with it, from the start of the process to its end, and of the search alone; milliseconds to a shortest failing',
    'order of an unsafe rule, from start to end. A ratio is the cell to its anchor, within a round.',
    ...doc.missing,
  ];
  if (doc.missing.length > 0) {
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

export function terminalText(doc: BenchDocument): string {
  const table = new Table({
    head: HEAD,
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const cell of doc.cells) table.push([...row(doc, cell)]);
  return [where(doc), table.toString(), ...notes(doc), ''].join('\n');
}

export function markdown(doc: BenchDocument): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    '# Benchmark',
    '',
    'Written by `pnpm bench`; raw samples are in `bench.json`.',
    '',
    `${where(doc)}; ${doc.date}`,
    '',
    line(HEAD),
    '|---|---|--:|--:|--:|--:|---|--:|--:|',
    ...doc.cells.map((cell) => line(row(doc, cell))),
    '',
    notes(doc)
      .map((n) => (n.startsWith('  ') ? `\n- ${n.trim()}` : n))
      .join('\n'),
    '',
  ].join('\n');
}
