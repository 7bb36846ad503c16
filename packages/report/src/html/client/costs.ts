// What a data segment costs, by kind of cost: bars in estimated nanoseconds.
import type { SizeRow } from '../../sizes.ts';
import type { DesignCosts, Figures, ReportData } from '../data.ts';
import { h, room, section, svg } from './dom.ts';
import { dataTable, type Column } from './table.ts';

const ROW = 24;
const WIDTH = 860;

export function costSection(data: ReportData): HTMLElement {
  const lent = data.costs.filter((c) => c.lent !== null);
  const ordinary = data.costs.filter((c) => c.ordinary !== null);
  const figure = (
    title: string,
    value: (f: Figures) => number,
    side: 'lent' | 'ordinary' = 'lent',
  ): Column<DesignCosts> => ({
    title,
    kind: 'number',
    value: (c) => (c[side] === null ? 0 : value(c[side])),
    show: (c) => (c[side] === null ? '-' : value(c[side]).toFixed(2)),
  });
  const estimate = (title: string, side: 'lent' | 'ordinary'): Column<DesignCosts> => ({
    title,
    hint: 'one processor, and two on two sockets',
    kind: 'number',
    value: (c) => c[side]?.ns ?? 0,
    show: (c) => (side === 'lent' ? c.lentNs : c.ordinaryNs),
  });
  const times = (title: string, value: (c: DesignCosts) => string): Column<DesignCosts> => ({
    title,
    hint: 'estimated nanoseconds of lent traffic, as a multiple in the same kernel',
    kind: 'number',
    value: (c) => Number.parseFloat(value(c)) || 0,
    show: value,
  });
  return section(
    'costs',
    'Costs',
    'Counted, not timed: the same on every machine. The nanoseconds weigh the counts with published coefficients and only put designs in order, from one processor that does everything (the bars) to two on two sockets.',
    h('h3', {}, 'A data segment of traffic that lends pages'),
    h('p', {}, data.costHead),
    bars(
      data,
      lent,
      (c) => c.lent!,
      (c) => c.lentNs,
    ),
    h('h3', {}, 'A data segment of ordinary traffic'),
    bars(
      data,
      ordinary,
      (c) => c.ordinary!,
      (c) => c.ordinaryNs,
    ),
    legend(data),
    ...bySize(data),
    h(
      'details',
      {},
      h('summary', {}, 'The figures'),
      dataTable({
        caption: data.costHead,
        rows: data.costs,
        columns: [
          { title: 'design', kind: 'text', value: (c) => c.design },
          figure('ref atomics', (f) => f.refAtomics),
          figure('design atomics', (f) => f.designAtomics),
          figure('on a shared count', (f) => f.away),
          figure('allocs', (f) => f.allocations),
          figure('head bytes', (f) => f.headBytes),
          figure('payload copied', (f) => f.copied),
          figure('cache lines', (f) => f.cacheLines),
          estimate('est. ns', 'lent'),
          figure('ordinary atomics', (f) => f.atomics, 'ordinary'),
          estimate('ordinary est. ns', 'ordinary'),
          { title: 'own kernel', kind: 'text', value: (c) => c.era },
          times('× naive there', (c) => c.timesNaive),
          times('× copy there', (c) => c.timesCopy),
        ],
      }),
    ),
    h(
      'details',
      {},
      h('summary', {}, 'Where the coefficients come from'),
      h(
        'ul',
        {},
        ...data.coefficients.map((c) =>
          h(
            'li',
            {},
            `${c.label}: ${c.ns === c.nsHigh ? c.ns : `${c.ns} to ${c.nsHigh.toFixed(1)}`} ns each. ${c.source}.`,
          ),
        ),
      ),
    ),
  );
}

function bySize({ bySize: sizes }: ReportData): HTMLElement[] {
  if (sizes === null) return [];
  const cell = (title: string, i: number): Column<SizeRow> => ({
    title,
    kind: 'number',
    value: (r) => Number.parseFloat(r.cells[i]!) || 0,
    show: (r) => r.cells[i]!,
  });
  return [
    h('h3', {}, 'By the size of a message'),
    h('p', {}, `${sizes.head}. ${sizes.words}`),
    dataTable({
      caption: sizes.head,
      rows: sizes.rows,
      columns: [
        { title: 'design', kind: 'text', value: (r) => r.design },
        ...sizes.sizes.map(cell),
        { title: 'pays from', kind: 'text', value: (r) => r.pays },
      ],
    }),
  ];
}

function bars(
  data: ReportData,
  costs: readonly DesignCosts[],
  figures: (c: DesignCosts) => Figures,
  shown: (c: DesignCosts) => string,
): HTMLElement {
  const most = Math.max(1, ...costs.map((c) => figures(c).ns));
  const height = costs.length * ROW + 4;
  const left = room(costs.map((c) => c.design)) + 8;
  const right = room(costs.map((c) => `${shown(c)} ns`)) + 6;
  const picture = svg('svg', {
    class: 'bars',
    viewBox: `0 0 ${WIDTH} ${height}`,
    role: 'img',
    'aria-label': `Estimated nanoseconds per segment: ${costs.map((c) => `${c.design} ${Math.round(figures(c).ns)}`).join(', ')}`,
  });
  costs.forEach((c, i) => {
    const y = i * ROW + 4;
    const { parts } = figures(c);
    picture.append(svg('text', { class: 'label', x: left - 8, y: y + 14 }, c.design));
    let x = left;
    parts.forEach((part, p) => {
      const width = (part / most) * (WIDTH - left - right);
      if (width <= 0) return;
      picture.append(
        svg(
          'rect',
          { class: `part p${p}`, x, y, width: Math.max(0.5, width), height: ROW - 7 },
          svg('title', {}, `${data.coefficients[p]!.label}: ${part.toFixed(1)} ns`),
        ),
      );
      x += width;
    });
    picture.append(svg('text', { class: 'figure', x: x + 6, y: y + 14 }, `${shown(c)} ns`));
  });
  return h('div', { class: 'plot' }, picture);
}

function legend(data: ReportData): HTMLElement {
  return h(
    'ul',
    { class: 'legend' },
    ...data.coefficients.map((c, p) =>
      h(
        'li',
        {},
        svg(
          'svg',
          { width: 14, height: 14, 'aria-hidden': 'true' },
          svg('rect', { class: `part p${p}`, width: 14, height: 14 }),
        ),
        c.label,
      ),
    ),
  );
}
