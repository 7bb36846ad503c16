// A story that one can step through, with a switch between the two designs that took its steps.
import type { Mark, Story, StorySide } from '../../story.ts';
import { MARKS } from '../../story.ts';
import { duration } from '../../words.ts';
import { LANE, diagram, glyph, type Diagram, type Draw } from '../diagram.ts';
import { copyButton, h, svg } from './dom.ts';

const MARK_WORDS: Readonly<Record<Mark, string>> = {
  lent: 'lent',
  completed: 'the producer is told',
  rewritten: 'pages written anew',
  read: 'lent bytes read',
  changed: 'changed bytes read',
  found: 'a finding',
};
const LANES_LEFT = 132;

const element: Draw<SVGElement> = (tag, props, ...children) =>
  svg(tag as keyof SVGElementTagNameMap, props, ...children);

export interface StoryView {
  readonly element: HTMLElement;
  /** Call once it stands in the page. */
  fit(): void;
  /** Steps with the arrow keys, wherever the focus is. */
  key(event: KeyboardEvent): void;
}

const SITUATIONS: Readonly<Record<string, string>> = {
  shared: 'shared',
  sole: 'sole owner',
  'first-ordinary': 'the first packet is ordinary',
  'second-ordinary': 'the second packet is ordinary',
};

/** The name that a token gives to a workload, for a reader. */
export function workloadWords(name: string): string {
  const operation = /^operation-(.+)-(shared|sole|first-ordinary|second-ordinary)$/.exec(name);
  if (operation !== null) return `${operation[1]} (${SITUATIONS[operation[2]!]})`;
  return name.startsWith('capture-') ? 'the capture' : name;
}

/** Where a viewer is: the number of the step in its run, and whose side. */
export type Shown = (n: number, design: string) => void;

/** `shown` is told each step that is shown; `beside`: the design whose side is shown first, if it took these steps. */
export function storyView(
  story: Story,
  open: number,
  shown: Shown = () => undefined,
  beside?: string,
): StoryView {
  return new Viewer(story, open, shown, beside);
}

/** The step that a reader wants to see first: number `n` of the run, or the last one before it that was kept. */
export function stepAt(side: StorySide, n: number): number {
  return Math.max(
    0,
    side.steps.findLastIndex((s) => s.n <= n),
  );
}

class Viewer implements StoryView {
  readonly element: HTMLElement;
  private readonly story: Story;
  private readonly shown: Shown;
  private side = 0;
  private at = 0;
  private drawing: Diagram<SVGElement> | null = null;
  private readonly labels = h('div', { class: 'lanes', 'aria-hidden': 'true' });
  private readonly scroller = h('div', {
    class: 'scroll',
    tabindex: 0,
    role: 'region',
    'aria-label': 'diagram',
  });
  private readonly slider: HTMLInputElement;
  private readonly now = h('div', { class: 'now', 'aria-live': 'polite' });
  private readonly list = h('ol', { class: 'steps' });
  private readonly tabs: HTMLButtonElement[];
  private readonly verdictLine = h('p', { class: 'outcome' });

  constructor(story: Story, open: number, shown: Shown, beside?: string) {
    this.story = story;
    this.shown = shown;
    this.slider = h('input', {
      type: 'range',
      min: 0,
      'aria-label': 'step',
      input: () => this.show(Number(this.slider.value)),
    });
    this.tabs = story.sides.map((side, i) =>
      h(
        'button',
        { type: 'button', 'aria-pressed': 'false', click: () => this.choose(i) },
        h('b', {}, side.design),
        h('span', {}, side.findings.length > 0 ? 'fails' : 'passes'),
      ),
    );
    const jump = (by: number) => () => this.show(this.at + by);
    this.element = h(
      'div',
      { class: 'story' },
      h(
        'div',
        { class: 'switch', role: 'group', 'aria-label': 'design' },
        ...this.tabs,
        story.sides.length > 1 ? h('span', { class: 'same' }, 'on the same steps') : null,
      ),
      this.verdictLine,
      h('div', { class: 'stage' }, this.labels, this.scroller),
      h(
        'div',
        { class: 'controls' },
        h('button', { type: 'button', 'aria-label': 'step back', click: jump(-1) }, '◀'),
        this.slider,
        h('button', { type: 'button', 'aria-label': 'step on', click: jump(1) }, '▶'),
      ),
      this.now,
      legend(),
      h('details', {}, h('summary', {}, 'All steps as text'), this.list),
      h(
        'p',
        { class: 'replay' },
        h('code', {}, `./lastref replay ${story.token}`),
        copyButton(`./lastref replay ${story.token}`, 'copy'),
      ),
    );
    this.at = Math.max(0, open);
    const other = story.sides.findIndex((s) => s.design === beside);
    if (other > 0) {
      const { n } = story.sides[0]!.steps[this.at]!;
      this.side = other;
      this.at = stepAt(this.current, n);
    }
    this.render();
  }

  private get current(): StorySide {
    return this.story.sides[this.side]!;
  }

  fit(): void {
    this.render();
  }

  /** The other design, at the same moment. */
  private choose(side: number): void {
    const { n, tick } = this.current.steps[this.at]!;
    this.side = side;
    const { steps } = this.current;
    const same = steps.findLastIndex((s) => s.n <= n && s.tick <= tick);
    this.at = Math.max(0, same);
    this.render();
  }

  key(event: KeyboardEvent): void {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const target = event.target as Element;
    if (by === undefined || target === this.slider || target === this.scroller) return;
    event.preventDefault();
    this.show(this.at + by);
  }

  private render(): void {
    const { story } = this;
    const side = this.current;
    this.tabs.forEach((tab, i) => tab.setAttribute('aria-pressed', String(i === this.side)));
    this.verdictLine.replaceChildren(...outcome(side, story.loan));
    this.labels.replaceChildren(
      ...side.lanes.map((lane) => h('div', {}, lane)),
      h(
        'div',
        { class: 'counts' },
        h('span', { class: 'pages' }, 'page references'),
        h('span', { class: 'loan' }, "the design's count"),
      ),
    );
    const room = (this.element.clientWidth || 900) - LANES_LEFT - 4;
    const title = `${side.design}: ${side.steps.length} steps, holders ${side.lanes.join(', ')}. The list below says the same in words.`;
    this.drawing = diagram(element, side, title, room, (i) => this.show(i));
    this.scroller.replaceChildren(this.drawing.element);
    this.labels.style.setProperty('--lane', `${LANE}px`);
    this.slider.max = String(side.steps.length - 1);
    this.list.replaceChildren(
      ...side.steps.map((step, i) =>
        h(
          'li',
          { value: step.n },
          h(
            'button',
            { type: 'button', click: () => this.show(i) },
            `${duration(step.tick)}: ${step.text}`,
          ),
          step.says.length > 0 ? ` ${step.says.join(' ')}` : null,
        ),
      ),
    );
    this.show(this.at);
  }

  private show(index: number): void {
    const { steps, lanes } = this.current;
    this.at = Math.max(0, Math.min(steps.length - 1, index));
    const step = steps[this.at];
    if (step === undefined) return;
    this.drawing!.show(this.at);
    this.shown(step.n, this.current.design);
    const { scroller } = this;
    const x = this.drawing!.at(this.at);
    if (x < scroller.scrollLeft || x > scroller.scrollLeft + scroller.clientWidth - 60)
      scroller.scrollLeft = x - scroller.clientWidth / 2;
    this.slider.value = String(this.at);
    const holders = step.holdings.map((g) => {
      const parts = [
        g.refs > 0 ? `${g.refs} by reference` : '',
        g.copies > 0 ? `${g.copies} as copies` : '',
      ].filter((p) => p !== '');
      return h(
        'li',
        { class: g.changed ? 'changed' : null },
        h('b', {}, lanes[g.lane]!),
        ` ${parts.join(', ')}${g.changed ? ', changed' : ''}`,
      );
    });
    const beyond = step.n > this.current.played ? ' · beyond the steps of the finding' : '';
    this.slider.setAttribute('aria-valuetext', `step ${step.n}, ${step.text}`);
    this.now.replaceChildren(
      h(
        'p',
        { class: 'what' },
        h('b', {}, `Step ${step.n}`),
        h('span', { class: 'time' }, `${duration(step.tick)}${beyond}`),
        h('span', {}, step.text),
      ),
      ...step.says.map((text) => h('p', { class: 'says' }, text)),
      h(
        'ul',
        { class: 'holders' },
        ...(holders.length > 0 ? holders : [h('li', {}, 'nobody can reach the bytes of the loan')]),
      ),
      h(
        'p',
        { class: 'refs' },
        `page references ${step.pageRefs} · the design's count ${step.loanRefs}${step.calm > 0 ? ` · before it ${step.calm} steps in which only numbers changed` : ''}`,
      ),
    );
  }
}

function outcome(side: StorySide, loan: number): (HTMLElement | string)[] {
  if (side.findings.length === 0) {
    const told = side.steps.find((s) => s.marks.some((m) => m.mark === 'completed'));
    return [
      told === undefined
        ? `Loan ${loan}: no finding; the producer is not told within these steps.`
        : `Loan ${loan}: no finding; the producer is told at step ${told.n}, when nobody can reach the pages any more.`,
    ];
  }
  return side.findings.flatMap((f) => [
    h('b', { class: 'bad' }, `${f.property} (${f.harm})`),
    ` at step ${f.step}: ${f.text}. `,
  ]);
}

function legend(): HTMLElement {
  const sample = (kind: string): SVGElement =>
    svg(
      'svg',
      { width: 26, height: 14, 'aria-hidden': 'true' },
      svg('rect', { class: kind, y: 1, width: 26, height: 12 }),
    );
  const items: [SVGElement, string][] = [
    [sample('band refs'), 'can read the pages'],
    [sample('band copies'), 'has a copy of the bytes'],
    [sample('band refs changed'), 'what it would read has changed'],
    ...MARKS.map((mark): [SVGElement, string] => [
      svg('svg', { width: 24, height: 24, 'aria-hidden': 'true' }, glyph(element, mark, 12, 12)),
      MARK_WORDS[mark],
    ]),
  ];
  return h(
    'ul',
    { class: 'legend' },
    ...items.map(([picture, text]) => h('li', {}, picture, text)),
  );
}
