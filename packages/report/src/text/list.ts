// What there is, one line each.
import Table from 'cli-table3';
import type { ListDocument } from '../document.ts';

const COLUMNS = {
  chars: {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: ' ',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: ' ',
  },
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
};

/** `ages`: since when each mover is there, in the order of the document: `2.6.17 until 6.5`. */
export function listText(doc: ListDocument, ages: readonly string[]): string {
  const section = (title: string, rows: string[][]): string => {
    const table = new Table(COLUMNS);
    table.push(...rows);
    return `${title}\n${table.toString()}\n`;
  };
  const cards = (all: ListDocument['designs']): string[][] =>
    all.map((d) => [d.id, String(d.year), d.title]);
  const titles = (all: ListDocument['workloads']): string[][] => all.map((w) => [w.id, w.title]);
  return [
    section('Designs', cards(doc.designs)),
    section('Workloads', titles(doc.workloads)),
    section('Runtimes: programs above a socket', cards(doc.runtimes ?? [])),
    section('Workloads for runtimes', titles(doc.runtimeWorkloads ?? [])),
    section(
      'Movers',
      doc.movers.map((m, i) => [m.id, m.file, ages[i]!]),
    ),
    `Eras: ${doc.eras.join(', ')}`,
  ].join('\n');
}
