// When producers are told: whole distributions, on a logarithmic axis.
import type { ReportData, RowData, Spread } from '../data.ts';
import type { Away } from '../../tables.ts';
import { duration } from '../../words.ts';
import { h, room, section, svg } from './dom.ts';
import { dataTable } from './table.ts';

const ROW = 27;
const ZERO = 62;
const WIDTH = 960;
const RIGHT = 210;
const BAR = 20;

type Pick = (row: RowData) => Spread;

export function holdSection(data: ReportData): HTMLElement {
  const room = h('div', { class: 'plot' });
  const workload = h(
    'select',
    { 'aria-label': 'workload', change: () => draw() },
    h('option', { value: '' }, 'all workloads together'),
    ...data.workloads.map((w) => h('option', { value: w.id }, w.id)),
  );
  const measure = h(
    'select',
    { 'aria-label': 'time', change: () => draw() },
    h('option', { value: 'hold' }, 'from the last reader to the completion (told late)'),
    h('option', { value: 'lent' }, 'from lending to the completion'),
  );
  const draw = (): void => {
    const pick: Pick = measure.value === 'lent' ? (r) => r.lent : (r) => r.hold;
    const rows = data.rows.filter((r) => workload.value === '' || r.workload === workload.value);
    room.replaceChildren(plot(data, rows, pick));
  };
  draw();
  return section(
    'holds',
    'Hold times',
    'How long pages stay away from their producer. Each row is a whole distribution: the height of a bar is the share of completions in its bucket. What was told too early counts as no time at all, so it is named at the right.',
    h('div', { class: 'toolbar' }, workload, measure),
    room,
    h('details', {}, h('summary', {}, 'How long and how many: the figures'), awayTable(data)),
  );
}

/** Over the workloads that lend. */
function awayTable(data: ReportData): HTMLElement {
  const figure = (title: string, value: (a: Away) => number, show: (a: Away) => string) =>
    ({ title, kind: 'number', value, show }) as const;
  return dataTable({
    caption: 'How long pages are away, and how many at once',
    rows: data.away,
    columns: [
      { title: 'design', kind: 'text', value: (a) => a.design },
      figure(
        'away, p50',
        (a) => a.times?.middle ?? 0,
        (a) => (a.times === null ? 'never' : duration(a.times.middle)),
      ),
      figure(
        'away, worst',
        (a) => a.times?.worst ?? 0,
        (a) => (a.times === null ? 'never' : duration(a.times.worst)),
      ),
      { title: 'longest on', kind: 'text', value: (a) => a.times?.on ?? '-' },
      figure(
        'page-seconds tied up',
        (a) => a.pageSeconds,
        (a) => a.pageSeconds.toFixed(2),
      ),
      figure(
        'most pages at once',
        (a) => a.peak?.pages ?? 0,
        (a) => String(a.peak?.pages ?? '-'),
      ),
      { title: 'at once on', kind: 'text', value: (a) => a.peak?.on ?? '-' },
      figure(
        'pages back a second',
        (a) => a.backPerSecond ?? 0,
        (a) => a.backPerSecond?.toFixed(0) ?? '-',
      ),
    ],
  });
}

/** Buckets of several rows added up. */
function merged(
  rows: readonly RowData[],
  pick: Pick,
): { pairs: [number, number][]; samples: number } {
  const sum = new Map<number, number>();
  let samples = 0;
  for (const row of rows) {
    for (const [from, n] of pick(row).histogram) {
      sum.set(from, (sum.get(from) ?? 0) + n);
      samples += n;
    }
  }
  return { pairs: [...sum].sort((a, b) => a[0] - b[0]), samples };
}

function plot(data: ReportData, rows: readonly RowData[], pick: Pick): SVGElement {
  const spreads = data.designs.map(({ id }) => {
    const own = rows.filter((r) => r.design === id);
    const max = Math.max(0, ...own.map((r) => pick(r).max));
    return { id, ...merged(own, pick), max, early: own.reduce((n, r) => n + r.early, 0) };
  });
  const top = Math.max(10, ...spreads.map((s) => s.max));
  const decades = Math.ceil(Math.log10(top));
  const lanes = room(spreads.map((s) => s.id)) + 8;
  const left = lanes + ZERO;
  const scale = (WIDTH - left - RIGHT) / decades;
  const x = (tick: number): number => left + Math.log10(Math.max(1, tick)) * scale;
  const height = spreads.length * ROW + 26;
  const picture = svg('svg', {
    class: 'spreads',
    viewBox: `0 0 ${WIDTH} ${height}`,
    role: 'img',
    'aria-label': `Distributions by design, longest: ${spreads.map((s) => `${s.id} ${duration(s.max)}`).join(', ')}`,
  });
  for (let d = 0; d <= decades; d++) {
    picture.append(
      svg('line', { class: 'grid', x1: x(10 ** d), x2: x(10 ** d), y1: 0, y2: height - 20 }),
      svg('text', { class: 'axis', x: x(10 ** d), y: height - 6 }, duration(10 ** d)),
    );
  }
  picture.append(
    svg('text', { class: 'axis', x: lanes + ZERO / 2 - 12, y: height - 6 }, 'at once'),
  );
  spreads.forEach((s, i) => {
    const base = (i + 1) * ROW - 4;
    picture.append(
      svg('text', { class: 'label', x: lanes - 8, y: base - 4 }, s.id),
      svg('line', { class: 'lane', x1: lanes, x2: WIDTH - RIGHT, y1: base, y2: base }),
    );
    for (const [from, n] of s.pairs) {
      const share = n / s.samples;
      const tall = Math.max(1.5, Math.sqrt(share) * BAR);
      const to = from === 0 ? 0 : nextBucket(from);
      const at = from === 0 ? lanes + 6 : x(from);
      const wide = from === 0 ? ZERO - 40 : Math.max(2, x(to) - x(from) - 0.5);
      picture.append(
        svg(
          'rect',
          {
            class: from === 0 ? 'bucket zero' : 'bucket',
            x: at,
            y: base - tall,
            width: wide,
            height: tall,
          },
          svg(
            'title',
            {},
            `${s.id}: ${n} of ${s.samples} ${from === 0 ? 'at once' : `from ${duration(from)} to ${duration(to)}`}`,
          ),
        ),
      );
    }
    const note = s.samples === 0 ? 'never told' : `longest ${duration(s.max)}`;
    picture.append(svg('text', { class: 'figure', x: WIDTH - RIGHT + 10, y: base - 4 }, note));
    if (s.early > 0)
      picture.append(
        svg(
          'text',
          { class: 'figure bad', x: WIDTH - RIGHT + 116, y: base - 4 },
          `${s.early} too early`,
        ),
      );
  });
  return picture;
}

/** Lower bound of the bucket behind the one from `from`: four to each power of two, single ticks below 8. */
function nextBucket(from: number): number {
  if (from < 8) return from + 1;
  return from + 2 ** (Math.floor(Math.log2(from)) - 2);
}
