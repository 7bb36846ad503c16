// One verdict: a word on its colour, and a button where there is a story to open.
import { h } from './dom.ts';
import { tone } from './vocabulary.ts';

export type OpenStory = (story: number) => void;

/** `what` names the cell for those who do not see its row and column; `domain`: was the design made for it? */
export function verdict(
  word: string,
  story: number,
  what: string,
  open: OpenStory,
  domain = true,
): HTMLElement {
  const painted = `verdict ${tone(word)}`;
  const shown = domain ? word : `(${word})`;
  if (story < 0) return h('span', { class: painted }, shown);
  return h(
    'button',
    {
      type: 'button',
      class: `cell ${painted}`,
      tabindex: -1,
      'aria-label': `${what}: ${shown}, open its story`,
      'aria-haspopup': 'dialog',
      click: () => open(story),
    },
    shown,
  );
}
