// Elements. Text goes in as text: nothing that a capture or a candidate says is ever read as markup.

export type Child = Node | string | number | null;
type Value = string | number | boolean | null | ((event: never) => void);

function fill(element: Element, props: Readonly<Record<string, Value>>, children: Child[]): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value as EventListener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(
    ...children.filter((c) => c !== null).map((c) => (c instanceof Node ? c : String(c))),
  );
}

/** An HTML element; functions among the props listen to the event of that name. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Readonly<Record<string, Value>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, props, children);
  return element;
}

/** An SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  props: Readonly<Record<string, Value>> = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  fill(element, props, children);
  return element;
}

/** Units of a picture that a letter of its texts takes at most, on the average, in any font. */
const LETTER = 7.2;

/** Units that the longest of `texts` takes in a picture. */
export function room(texts: readonly string[]): number {
  return Math.ceil(LETTER * Math.max(0, ...texts.map((text) => text.length)));
}

/** A section with its heading and a sentence on what it shows. */
export function section(
  id: string,
  title: string,
  lead: string,
  ...children: Child[]
): HTMLElement {
  return h(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    h('h2', { id: `${id}-title` }, title),
    lead === '' ? null : h('p', { class: 'lead' }, lead),
    ...children,
  );
}

/** A button that puts `text` on the clipboard and says so. */
export function copyButton(text: string, label: string): HTMLButtonElement {
  const button = h(
    'button',
    { type: 'button', class: 'copy', title: text, click: () => void copy() },
    label,
  );
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'copied';
    } catch {
      button.textContent = text; // no clipboard from a file: show it, to be copied by hand
    }
    setTimeout(() => (button.textContent = label), 1500);
  };
  return button;
}
