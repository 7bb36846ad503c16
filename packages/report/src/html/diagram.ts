// Space and time: a lane for each holder, a column for each step. Bands are the loan's bytes where they can be
// read; marks are what happened. Whoever draws says what an element is: one of a page, or text for a file.
import type { Holding, Mark, StorySide, StoryStep } from '../story.ts';

export const LANE = 36;
const TOP = 22;
const COUNTS = 58;
/** Below the lanes of a run whose references nobody counted: of a recording. */
const UNCOUNTED = 8;
const COLUMN_MIN = 20;
const COLUMN_MAX = 96;
/** Room for the steps that were left out. */
const GAP = 16;
/** The producer's lane. */
const OWNER = 0;
const BAND_MIN = 7;
const BAND_MAX = 24;

/** What a picture is made of. */
export interface Drawn {
  setAttribute(name: string, value: string): void;
}

/** Makes an element; functions among the props listen to the event of that name. */
export type Draw<E extends Drawn> = (
  tag: string,
  props: Readonly<Record<string, string | number | (() => void)>>,
  ...children: readonly (E | string)[]
) => E;

export interface Diagram<E extends Drawn> {
  readonly element: E;
  readonly width: number;
  readonly height: number;
  /** Shows the run up to the `index`-th step. */
  show(index: number): void;
  /** Left edge of a column. */
  at(index: number): number;
}

export function diagram<E extends Drawn>(
  draw: Draw<E>,
  side: StorySide,
  title: string,
  room: number,
  pick: (index: number) => void,
): Diagram<E> {
  return new Drawing(draw, side, title, room, pick).draw();
}

class Drawing<E extends Drawn> {
  private readonly make: Draw<E>;
  private readonly side: StorySide;
  private readonly title: string;
  private readonly pick: (index: number) => void;
  private readonly column: number;
  private readonly lefts: number[] = [];
  private readonly width: number;
  private readonly lanesEnd: number;
  private readonly height: number;
  private readonly most: number;
  private readonly counted: boolean;

  constructor(
    make: Draw<E>,
    side: StorySide,
    title: string,
    room: number,
    pick: (index: number) => void,
  ) {
    this.make = make;
    this.side = side;
    this.title = title;
    this.pick = pick;
    const { steps, lanes } = side;
    const gaps = steps.filter((s) => s.calm > 0).length * GAP;
    const fit = Math.floor((room - gaps - 8) / Math.max(1, steps.length));
    this.column = Math.max(COLUMN_MIN, Math.min(COLUMN_MAX, fit));
    let x = 4;
    for (const step of steps) {
      if (step.calm > 0) x += GAP;
      this.lefts.push(x);
      x += this.column;
    }
    this.width = x + 4;
    this.lanesEnd = TOP + lanes.length * LANE;
    this.counted = isCounted(side);
    this.height = this.lanesEnd + (this.counted ? COUNTS : UNCOUNTED);
    this.most = Math.max(
      1,
      ...steps.flatMap((s) => s.holdings.map((h) => Math.max(h.refs, h.copies))),
    );
  }

  draw(): Diagram<E> {
    const { side, width, height, make: svg } = this;
    const cursor = svg('rect', { class: 'cursor', y: 0, width: this.column, height, rx: 3 });
    const veil = svg('rect', { class: 'veil', y: TOP, height: height - TOP });
    const element = svg(
      'svg',
      {
        class: 'spacetime',
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
        role: 'img',
        'aria-label': this.title,
      },
      ...patterns(svg),
      ...side.lanes.map((_, lane) =>
        svg('line', {
          class: 'lane',
          x1: 0,
          x2: width,
          y1: this.middle(lane),
          y2: this.middle(lane),
        }),
      ),
      cursor,
      ...this.owner(),
      ...side.steps.flatMap((_, i) => this.bands(i)),
      ...this.moments(),
      ...side.steps.flatMap((_, i) => this.moves(i)),
      ...side.steps.flatMap((_, i) => this.marks(i)),
      ...(this.counted ? this.counts() : []),
      ...side.steps.map((step, i) => this.head(step, i)),
      veil,
      ...side.steps.map((step, i) => this.target(step, i)),
    );
    return {
      element,
      width,
      height,
      at: (index) => this.lefts[index]!,
      show: (index) => {
        const x = this.lefts[index]!;
        cursor.setAttribute('x', String(x));
        veil.setAttribute('x', String(x + this.column));
        veil.setAttribute('width', String(Math.max(0, width - x - this.column)));
      },
    };
  }

  private middle(lane: number): number {
    return TOP + lane * LANE + LANE / 2;
  }

  private center(i: number): number {
    return this.lefts[i]! + this.column / 2;
  }

  /** Where the state that step `i` left ends: at the next step. */
  private end(i: number): number {
    return i + 1 < this.lefts.length ? this.center(i + 1) : this.width;
  }

  private thickness(n: number): number {
    return BAND_MIN + ((BAND_MAX - BAND_MIN) * Math.sqrt(n)) / Math.sqrt(this.most);
  }

  private bands(i: number): E[] {
    const x = this.center(i);
    const width = this.end(i) - x;
    const band = (lane: number, thick: number, kind: string): E =>
      this.band(lane, thick, kind, x, width + 0.5);
    return this.side.steps[i]!.holdings.flatMap((h: Holding) => {
      const changed = h.changed ? ' changed' : '';
      const parts: E[] = [];
      if (h.refs > 0) parts.push(band(h.lane, this.thickness(h.refs), `band refs${changed}`));
      if (h.copies > 0)
        parts.push(
          band(h.lane, h.refs > 0 ? 5 : this.thickness(h.copies), `band copies${changed}`),
        );
      return parts;
    });
  }

  private band(lane: number, thick: number, kind: string, x: number, width: number): E {
    const y = this.middle(lane) - thick / 2;
    return this.make('rect', { class: kind, x, y, width, height: thick });
  }

  /** The producer's lane: lent out, then its own again. */
  private owner(): E[] {
    const lent = this.first('lent');
    if (lent < 0) return [];
    const told = this.first('completed');
    const from = this.center(lent);
    const to = told < 0 ? this.width : this.center(told);
    const own = told < 0 ? [] : [this.band(0, 10, 'band own', to, this.width - to)];
    return [this.band(0, 8, 'band lent', from, to - from), ...own];
  }

  private first(mark: Mark, lane: number | null = OWNER): number {
    return this.side.steps.findIndex((s) =>
      s.marks.some((m) => m.mark === mark && (lane === null || m.lane === lane)),
    );
  }

  /** From the lane that lost to the lane below that gained. */
  private moves(i: number): E[] {
    const before = this.side.steps[i - 1]?.holdings ?? [];
    const { holdings, marks } = this.side.steps[i]!;
    const amount = (list: readonly Holding[], lane: number): number => {
      const h = list.find((g) => g.lane === lane);
      return h === undefined ? 0 : h.refs + h.copies;
    };
    const lanes = this.side.lanes.map((_, lane) => lane);
    const gained = lanes.filter((l) => amount(holdings, l) > amount(before, l));
    const lost = lanes.filter((l) => amount(holdings, l) < amount(before, l));
    const held = before.map((h) => h.lane);
    for (const { lane, mark } of marks)
      if ((mark === 'read' || mark === 'changed') && !gained.includes(lane)) gained.push(lane);
    return gained.flatMap((to) => {
      const lent = marks.some((m) => m.mark === 'lent') ? [0] : [];
      const above = [lost, lent, held].map((list) => list.filter((l) => l < to));
      const from = above.find((list) => list.length > 0)?.reduce((a, b) => Math.max(a, b));
      if (from === undefined) return [];
      const x = this.center(i);
      const end = this.middle(to);
      return [
        this.make('path', { class: 'move', d: `M${x} ${this.middle(from)}V${end - 6}` }),
        this.make('path', { class: 'arrow', d: `M${x - 3.5} ${end - 9}l3.5 7l3.5 -7z` }),
      ];
    });
  }

  private marks(i: number): E[] {
    const x = this.center(i);
    const { marks, holdings } = this.side.steps[i]!;
    const order: readonly Mark[] = ['read', 'lent', 'rewritten', 'completed', 'changed', 'found'];
    const drawn = [...marks]
      .sort((a, b) => order.indexOf(a.mark) - order.indexOf(b.mark))
      .map(({ lane, mark }) => glyph(this.make, mark, x, this.middle(lane)));
    // A step in which nothing is marked still shows where it took place.
    const before = this.side.steps[i - 1]?.holdings ?? [];
    if (marks.length === 0) {
      const moved = this.side.lanes.findLastIndex((_, lane) => {
        const now = holdings.find((h) => h.lane === lane);
        const was = before.find((h) => h.lane === lane);
        return now?.refs !== was?.refs || now?.copies !== was?.copies;
      });
      if (moved >= 0)
        drawn.push(this.make('circle', { class: 'dot', cx: x, cy: this.middle(moved), r: 3 }));
    }
    return drawn;
  }

  /** Lines through all lanes: the completion, the first read of changed bytes, the end of the token's steps. */
  private moments(): E[] {
    const { steps, played } = this.side;
    const line = (i: number, kind: string): E[] =>
      i < 0
        ? []
        : [
            this.make('line', {
              class: `moment ${kind}`,
              x1: this.center(i),
              x2: this.center(i),
              y1: TOP - 2,
              y2: this.height - 4,
            }),
          ];
    const beyond = steps.findIndex((s) => s.n > played);
    const end =
      beyond <= 0
        ? []
        : [
            this.make('line', {
              class: 'moment end',
              x1: this.lefts[beyond]! - 1,
              x2: this.lefts[beyond]! - 1,
              y1: 0,
              y2: this.height,
            }),
          ];
    return [
      ...line(this.first('completed'), 'told'),
      ...line(this.first('changed', null), 'fatal'),
      ...end,
    ];
  }

  /** Reference counts below the lanes. */
  private counts(): E[] {
    const { steps } = this.side;
    const most = Math.max(1, ...steps.map((s) => Math.max(s.pageRefs, s.loanRefs)));
    const base = this.height - 8;
    const scale = (COUNTS - 22) / most;
    const path = (of: (s: StoryStep) => number): string =>
      steps
        .map((s, i) => {
          const y = base - of(s) * scale;
          return `${i === 0 ? `M${this.center(0)} ${y}` : `V${y}`}H${this.end(i)}`;
        })
        .join('');
    return [
      this.make('line', { class: 'lane', x1: 0, x2: this.width, y1: base, y2: base }),
      this.make('path', { class: 'count pages', d: path((s) => s.pageRefs) }),
      this.make('path', { class: 'count loan', d: path((s) => s.loanRefs) }),
    ];
  }

  private head(step: StoryStep, i: number): E {
    const number =
      this.column >= 26 || i % 2 === 0
        ? [this.make('text', { class: 'n', x: this.center(i), y: 14 }, String(step.n))]
        : [];
    const gap =
      step.calm > 0
        ? [this.make('text', { class: 'calm', x: this.lefts[i]! - GAP / 2, y: 14 }, '⋯')]
        : [];
    return this.make('g', {}, ...number, ...gap);
  }

  /** What the mouse finds: the whole column. */
  private target(step: StoryStep, i: number): E {
    return this.make(
      'rect',
      {
        class: 'target',
        x: this.lefts[i]!,
        y: 0,
        width: this.column,
        height: this.height,
        click: () => this.pick(i),
      },
      this.make('title', {}, `step ${step.n}: ${step.text}`),
    );
  }
}

/** A lent page has a reference at least; without any, references were not looked at. */
export function isCounted({ steps }: StorySide): boolean {
  return steps.some((s) => s.pageRefs > 0);
}

/** The mark of what happened, around (x, y). */
export function glyph<E extends Drawn>(svg: Draw<E>, mark: Mark, x: number, y: number): E {
  switch (mark) {
    case 'lent':
      return svg('path', { class: 'glyph lent', d: `M${x - 6} ${y - 6}l12 6l-12 6z` });
    case 'completed':
      return svg('path', { class: 'glyph completed', d: `M${x} ${y - 8}l8 8l-8 8l-8 -8z` });
    case 'rewritten':
      return svg('rect', {
        class: 'glyph rewritten',
        x: x - 5.5,
        y: y - 5.5,
        width: 11,
        height: 11,
      });
    case 'read':
      return svg('circle', { class: 'glyph read', cx: x, cy: y, r: 4 });
    case 'changed':
      return svg('path', {
        class: 'glyph changed',
        d: `M${x - 6} ${y - 6}l12 12M${x + 6} ${y - 6}l-12 12`,
      });
    case 'found':
      return svg('circle', { class: 'glyph found', cx: x, cy: y, r: 11 });
  }
}

/** Changed bytes are hatched, so that colour is not all that tells them. */
function patterns<E extends Drawn>(svg: Draw<E>): E[] {
  return [
    svg(
      'defs',
      {},
      svg(
        'pattern',
        {
          id: 'hatch',
          width: 6,
          height: 6,
          patternUnits: 'userSpaceOnUse',
          patternTransform: 'rotate(45)',
        },
        svg('rect', { class: 'hatch-ground', width: 6, height: 6 }),
        svg('rect', { class: 'hatch-line', width: 2.2, height: 6 }),
      ),
    ),
  ];
}
