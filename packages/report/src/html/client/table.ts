// A table whose columns sort and filter. The cells of a heat map are buttons that the arrow keys walk over.
import { h } from './dom.ts';
import { rank } from './vocabulary.ts';

export interface Column<Row> {
  readonly title: string;
  /** For who looks closer. */
  readonly hint?: string;
  readonly kind: 'text' | 'number' | 'verdict';
  /** What sorts and filters. */
  readonly value: (row: Row) => string | number;
  /** What is shown; default: the value. */
  readonly show?: (row: Row) => Node | string;
  /** The title runs downwards. */
  readonly upright?: boolean;
}

export interface TableOptions<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** Rows that stay last whatever the order. */
  readonly footer?: readonly Row[];
  readonly class?: string;
  /** A box that leaves only these. */
  readonly only?: { readonly label: string; readonly keep: (row: Row) => boolean };
}

/** '>5', '<=3', '4' for numbers; part of the word for others; '!word' for all but those. */
export function matches(filter: string, value: string | number): boolean {
  const wanted = filter.trim().toLowerCase();
  if (wanted === '') return true;
  const bound = /^([<>]=?|=)\s*(-?[\d.]+)$/.exec(wanted);
  if (bound !== null && typeof value === 'number') {
    const limit = Number(bound[2]);
    switch (bound[1]) {
      case '<':
        return value < limit;
      case '<=':
        return value <= limit;
      case '>':
        return value > limit;
      case '>=':
        return value >= limit;
      default:
        return value === limit;
    }
  }
  const text = String(value).toLowerCase();
  return wanted.startsWith('!') ? !text.includes(wanted.slice(1)) : text.includes(wanted);
}

function compare(a: string | number, b: string | number, kind: string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (kind === 'verdict') return rank(String(a)) - rank(String(b));
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}

export function dataTable<Row>(options: TableOptions<Row>): HTMLElement {
  const { columns, rows } = options;
  const filters = columns.map(() => '');
  let sorted = -1;
  let descending = false;
  let only = false;
  let kept = false;
  const body = h('tbody');
  const count = h('p', { class: 'count', role: 'status' });
  const heads = columns.map((column, i) => {
    const button = h(
      'button',
      { type: 'button', title: column.hint ?? null, click: () => sortBy(i) },
      h('span', {}, column.title),
    );
    return h(
      'th',
      {
        scope: 'col',
        class: `${column.kind}${column.upright ? ' upright' : ''}`,
        'aria-sort': 'none',
      },
      button,
    );
  });
  const inputs = columns.map((column, i) =>
    h('input', {
      type: 'search',
      placeholder: column.kind === 'number' ? '>0' : 'filter',
      'aria-label': `filter ${column.title}`,
      input: (event: Event) => {
        filters[i] = (event.target as HTMLInputElement).value;
        draw();
      },
    }),
  );

  const sortBy = (i: number): void => {
    // Figures are mostly looked at from the largest, words and verdicts from the first.
    if (sorted === i) descending = !descending;
    else descending = columns[i]!.kind === 'number';
    sorted = i;
    heads.forEach((th, j) =>
      th.setAttribute('aria-sort', j !== i ? 'none' : descending ? 'descending' : 'ascending'),
    );
    draw();
  };

  const draw = (): void => {
    keepWidths();
    const shown = rows.filter(
      (row) =>
        (!only || options.only!.keep(row)) &&
        columns.every((column, i) => matches(filters[i]!, column.value(row))),
    );
    if (sorted >= 0) {
      const { value, kind } = columns[sorted]!;
      shown.sort((a, b) => compare(value(a), value(b), kind) * (descending ? -1 : 1));
    }
    body.replaceChildren(...shown.map(rowOf), ...(options.footer ?? []).map(rowOf));
    count.textContent =
      shown.length === rows.length ? '' : `${shown.length} of ${rows.length} rows`;
    if (shown.length === 0)
      body.append(
        h(
          'tr',
          { class: 'none' },
          h('td', { colspan: columns.length }, 'no row is left: loosen a filter'),
        ),
      );
    const first = body.querySelector<HTMLElement>('button.cell');
    if (first !== null) first.tabIndex = 0;
  };

  /** Columns stay as wide as they were with all rows, whatever a filter leaves. */
  const keepWidths = (): void => {
    if (kept || !heads[0]!.isConnected || heads[0]!.offsetWidth === 0) return;
    kept = true;
    const widths = heads.map((th) => th.offsetWidth);
    heads.forEach((th, i) => (th.style.minWidth = `${widths[i]}px`));
  };

  const rowOf = (row: Row): HTMLTableRowElement => {
    const tr = h('tr');
    columns.forEach((column, i) => {
      const shown = column.show === undefined ? String(column.value(row)) : column.show(row);
      tr.append(
        i === 0
          ? h('th', { scope: 'row', class: column.kind }, shown)
          : h('td', { class: column.kind }, shown),
      );
    });
    return tr;
  };

  const table = h(
    'table',
    { class: options.class ?? null },
    h('caption', {}, options.caption),
    h(
      'thead',
      {},
      h('tr', {}, ...heads),
      h('tr', { class: 'filters' }, ...inputs.map((input) => h('td', {}, input))),
    ),
    body,
  );
  body.addEventListener('keydown', walk);
  draw();
  return h(
    'div',
    { class: 'table' },
    options.only === undefined
      ? null
      : h(
          'label',
          { class: 'only' },
          h('input', {
            type: 'checkbox',
            change: (event: Event) => {
              only = (event.target as HTMLInputElement).checked;
              draw();
            },
          }),
          ` ${options.only.label}`,
        ),
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': options.caption },
      table,
    ),
    count,
  );
}

const WALKS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Arrow keys go from one button to the next that way; one of them all is in the tab order. */
function walk(event: KeyboardEvent): void {
  const move = WALKS[event.key];
  const from = (event.target as Element).closest<HTMLElement>('button.cell');
  if (move === undefined || from === null) return;
  event.preventDefault();
  const body = event.currentTarget as HTMLTableSectionElement;
  let cell = from.closest<HTMLTableCellElement>('td, th')!;
  for (;;) {
    const tr = cell.parentElement as HTMLTableRowElement;
    const next = body.rows[tr.sectionRowIndex + move[1]]?.cells[cell.cellIndex + move[0]];
    if (next === undefined) return;
    cell = next;
    const button = next.querySelector<HTMLElement>('button.cell');
    if (button === null) continue;
    from.tabIndex = -1;
    button.tabIndex = 0;
    button.focus();
    return;
  }
}
