// The matrix: every operation that moves a fragment, under every design.
import type { MatrixData } from '../data.ts';
import { h, section } from './dom.ts';
import { dataTable, type Column } from './table.ts';
import { verdict, type OpenStory } from './verdict.ts';
import { many } from '../../words.ts';

type Row = MatrixData['rows'][number];

export function operationSection(matrix: MatrixData, open: OpenStory): HTMLElement {
  const columns: Column<Row>[] = [
    {
      title: 'operation',
      kind: 'text',
      value: (r) => `${r.mover} ${r.file}`,
      show: (r) =>
        h(
          'span',
          { class: 'design' },
          h('b', {}, r.mover),
          h('small', {}, `${r.file}, ${r.since}`),
        ),
    },
    ...matrix.designs.map((design, i): Column<Row> => ({
      title: design,
      kind: 'verdict',
      upright: true,
      value: (r) => r.cells[i]!.word,
      show: (r) => {
        const cell = r.cells[i]!;
        const around = { domain: !cell.outside, beside: '' };
        return verdict(cell.word, cell.story, `${design} under ${r.mover}`, open, around);
      },
    })),
    {
      title: 'fails',
      hint: 'designs that this operation refutes',
      kind: 'number',
      value: (r) =>
        r.cells.filter((c) => !c.outside && !['proven', 'copied', 'n/a'].includes(c.word)).length,
    },
  ];
  const faults = matrix.faults
    ? ', without a failure and with each allocation of the operation failing once'
    : '';
  return section(
    'operations',
    'Operations',
    `Every operation that moves a fragment, on two lent packets, under every design, in the newest kernel that has it (${matrix.eras[0]} where nothing else is said). A cell rests on every order in which the holders let go${faults}: ${matrix.runs.toLocaleString('en')} runs. Refuted cells open their story; in brackets: no packet of what the design was made for comes there.`,
    dataTable({
      caption: `${many(matrix.rows.length, 'operation')} under ${many(matrix.designs.length, 'design')}`,
      columns,
      rows: matrix.rows,
      class: 'heat dense',
    }),
    h(
      'details',
      {},
      h('summary', {}, 'Who can stretch the hold'),
      dataTable({
        caption: 'Whose letting go last completed a loan in some order',
        columns: [
          { title: 'design', kind: 'text', value: (r: readonly [string, string]) => r[0] },
          { title: 'stretched by', kind: 'text', value: (r) => r[1] },
        ],
        rows: matrix.designs.map((d, i) => [d, matrix.stretchedBy[i]!] as const),
      }),
    ),
  );
}
