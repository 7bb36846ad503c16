// The comparison: designs down, workloads across; and every row with its figures.
import type { ReportData, RowData } from '../data.ts';
import { OUTSIDE, STOPPED, duration, many } from '../../words.ts';
import { h, section } from './dom.ts';
import { dataTable, type Column } from './table.ts';
import { verdict, type OpenStory } from './verdict.ts';
import { tone } from './vocabulary.ts';

interface DesignRow {
  readonly id: string;
  readonly title: string;
  readonly year: number;
  /** The kernel that it runs in. */
  readonly era: string;
  readonly cells: ReadonlyMap<string, RowData>;
  readonly holds: number;
  readonly fails: boolean;
}

export function verdictSection(data: ReportData, open: OpenStory): HTMLElement {
  const rows: DesignRow[] = data.designs.map((d) => {
    const cells = new Map(data.rows.filter((r) => r.design === d.id).map((r) => [r.workload, r]));
    const holds = [...cells.values()].filter((r) => r.domain && r.word === 'holds').length;
    const fails = [...cells.values()].some(isWrong);
    return { ...d, cells, holds, fails };
  });
  const columns: Column<DesignRow>[] = [
    { title: 'design', kind: 'text', value: (d) => d.id, show: (d) => designName(d) },
    {
      title: 'holds',
      hint: 'workloads that it was made for, without a finding',
      kind: 'number',
      value: (d) => d.holds,
    },
    { title: 'kernel', kind: 'text', value: (d) => d.era },
    { title: 'year', kind: 'number', value: (d) => d.year },
    ...data.workloads.map((w): Column<DesignRow> => ({
      title: w.id,
      hint: `${w.title}. ${w.story}`,
      kind: 'verdict',
      value: (d) => d.cells.get(w.id)?.word ?? STOPPED,
      show: (d) => {
        const row = d.cells.get(w.id);
        return row === undefined
          ? STOPPED
          : verdict(row.word, row.story, `${d.id} on ${w.id}`, open, row);
      },
    })),
  ];
  return section(
    'verdicts',
    'Verdicts',
    'One word a cell: the gravest thing that was found in these runs. A coloured cell opens its story.',
    dataTable({
      caption: `Verdicts of ${many(data.designs.length, 'design')} on ${many(data.workloads.length, 'workload')}`,
      columns,
      rows,
      class: 'heat',
      only: { label: 'failing only', keep: (d) => d.fails },
    }),
    h(
      'ul',
      { class: 'key' },
      ...data.key.map(({ word, legend }) => h('li', {}, verdict(word, -1, '', open), legend)),
      h('li', {}, verdict('word', -1, '', open, { domain: false, beside: '' }), OUTSIDE),
      ...data.beside.map(({ word, legend }) =>
        h('li', {}, verdict('word', -1, '', open, { domain: true, beside: word }), legend),
      ),
    ),
    h('details', {}, h('summary', {}, 'Every cell with its figures'), figuresTable(data, open)),
    h(
      'details',
      {},
      h('summary', {}, 'The workloads'),
      h(
        'dl',
        {},
        ...data.workloads.flatMap((w) => [
          h('dt', {}, w.id, ' ', h('small', {}, w.title)),
          h('dd', {}, w.story),
        ]),
      ),
    ),
  );
}

/** Is what stands in its word a fault? */
function isWrong({ word }: RowData): boolean {
  return !['good', 'copied', 'none'].includes(tone(word));
}

function designName(d: { id: string; title: string; year: number }): HTMLElement {
  return h('span', { class: 'design' }, h('b', {}, d.id), h('small', {}, d.title));
}

function figuresTable(data: ReportData, open: OpenStory): HTMLElement {
  const time = (title: string, hint: string, value: (r: RowData) => number): Column<RowData> => ({
    title,
    hint,
    kind: 'number',
    value,
    show: (r) => duration(value(r)),
  });
  const figure = (title: string, value: (r: RowData) => number | undefined): Column<RowData> => ({
    title,
    kind: 'number',
    value: (r) => value(r) ?? 0,
    show: (r) => value(r)?.toFixed(2) ?? '-',
  });
  return dataTable({
    caption: 'Every design on every workload; times in µs when filtering',
    rows: data.rows,
    only: { label: 'failing only', keep: isWrong },
    columns: [
      { title: 'design', kind: 'text', value: (r) => r.design },
      { title: 'workload', kind: 'text', value: (r) => r.workload },
      { title: 'kernel', kind: 'text', value: (r) => r.era },
      {
        title: 'verdict',
        kind: 'verdict',
        value: (r) => r.word,
        show: (r) => verdict(r.word, r.story, `${r.design} on ${r.workload}`, open, r),
      },
      { title: 'refuted', kind: 'text', value: (r) => r.refuted },
      { title: 'loans', kind: 'number', value: (r) => r.loans },
      { title: 'told', kind: 'number', hint: 'completions', value: (r) => r.completions },
      time('late p50', 'from the last reader to the completion', (r) => r.hold.p50),
      time('late p99', 'from the last reader to the completion', (r) => r.hold.p99),
      time('late max', 'from the last reader to the completion', (r) => r.hold.max),
      figure('ref atomics', (r) => r.figures?.refAtomics),
      figure('design atomics', (r) => r.figures?.designAtomics),
      figure('allocs', (r) => r.figures?.allocations),
      figure('copied', (r) => r.figures?.copied),
      figure('est. ns', (r) => r.figures?.ns),
    ],
  });
}
