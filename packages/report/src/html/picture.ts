// A space-time diagram as a file: an SVG that stands alone, with its lanes named and its colours resolved, as programs
// that are no browser know neither variables nor light-dark().
import type { StorySide } from '../story.ts';
import { sheet } from './assets.ts';
import { LANE, diagram, isCounted, type Draw, type Drawn } from './diagram.ts';

/** Room for the names of lanes, at least. */
const LANES_LEFT = 132;
const HEAD = 34;
const FOOT = 15;
/** Width of a letter: of a small sans-serif. */
const LETTER = 7.4;
/** Room for the columns: a page of a talk or a mail. */
const ROOM = 960;

/** An element as text. */
class Markup implements Drawn {
  private readonly tag: string;
  private readonly props: Map<string, string>;
  private readonly children: readonly (Markup | string)[];

  constructor(tag: string, props: Map<string, string>, children: readonly (Markup | string)[]) {
    this.tag = tag;
    this.props = props;
    this.children = children;
  }

  setAttribute(name: string, value: string): void {
    this.props.set(name, value);
  }

  toString(): string {
    const props = [...this.props].map(([name, value]) => ` ${name}="${escaped(value)}"`).join('');
    const inner = this.children.map((c) => (typeof c === 'string' ? escaped(c) : String(c)));
    return inner.length === 0
      ? `<${this.tag}${props}/>`
      : `<${this.tag}${props}>${inner.join('')}</${this.tag}>`;
  }
}

const markup: Draw<Markup> = (tag, props, ...children) => {
  const said = Object.entries(props).filter(([, value]) => typeof value !== 'function');
  return new Markup(tag, new Map(said.map(([name, value]) => [name, String(value)])), children);
};

/** `title` stands above, `foot` below: what it is, and where it comes from. */
export function storyPicture(side: StorySide, title: string, foot: string): string {
  const drawing = diagram(markup, side, title, ROOM, () => undefined);
  const { element, height, width } = drawing;
  const left = Math.max(LANES_LEFT, ...side.lanes.map((l) => Math.ceil(l.length * LETTER) + 12));
  element.setAttribute('x', String(left));
  element.setAttribute('y', String(HEAD));
  const across = Math.max(left + width, Math.ceil(title.length * LETTER) + 16);
  const feet = foot.match(new RegExp(`.{1,${Math.floor((across - 16) / LETTER)}}`, 'g')) ?? [];
  const below = HEAD + height + FOOT;
  const whole = { width: across, height: below + feet.length * FOOT };
  const lanes = side.lanes.map((lane, i) =>
    markup('text', { class: 'name', x: left - 8, y: HEAD + 26 + (i + 0.5) * LANE }, lane),
  );
  const top = HEAD + 22 + side.lanes.length * LANE;
  const picture = markup(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      ...whole,
      viewBox: `0 0 ${whole.width} ${whole.height}`,
    },
    markup('title', {}, title),
    new Markup('style', new Map(), [`${style()}`]),
    markup('rect', { class: 'ground', ...whole }),
    markup('text', { class: 'head', x: 8, y: 22 }, title),
    ...lanes,
    ...(isCounted(side) ? countNames(top, left - 8) : []),
    element,
    ...feet.map((line, i) => markup('text', { class: 'foot', x: 8, y: below + i * FOOT }, line)),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${String(picture)}\n`;
}

function countNames(top: number, x: number): Markup[] {
  return [
    markup('text', { class: 'name pages', x, y: top + 26 }, 'page references'),
    markup('text', { class: 'name loan', x, y: top + 42 }, "the design's count"),
  ];
}

const OWN = `
text { font: 12px system-ui, sans-serif; fill: var(--ink) }
.ground { fill: var(--ground) }
.lane { stroke: var(--line) }
.target { fill: none }
.cursor, .veil { display: none }
.head { font-weight: 650 }
.name { text-anchor: end }
.name.pages { fill: var(--refs) }
.name.loan { fill: var(--told) }
.foot { font-size: 10.5px; fill: var(--quiet) }
`;

/** The light theme: a file goes into a paper or a mail. */
function style(): string {
  const colours = new Map(
    [...sheet('style').matchAll(/(--[\w-]+): light-dark\((#\w+), #\w+\)/g)].map((m) => [
      m[1]!,
      m[2]!,
    ]),
  );
  return `${sheet('diagram')}${OWN}`
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/var\((--[\w-]+)\)/g, (whole, name: string) => colours.get(name) ?? whole);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
