// One verdict: a word on its colour, and a button where there is a story to open.
import { h } from './dom.ts';
import { tone } from './vocabulary.ts';

export type OpenStory = (story: number) => void;

/** What stands around a word: is this what the design was made for, and letters of what stands beside it. */
export interface Around {
  readonly domain: boolean;
  readonly beside: string;
}

/** `what` names the cell for those who do not see its row and column. */
export function verdict(
  word: string,
  story: number,
  what: string,
  open: OpenStory,
  { domain, beside }: Around = { domain: true, beside: '' },
): HTMLElement {
  const painted = `verdict ${tone(word)}`;
  const whole = beside === '' ? word : `${word} ${beside}`;
  const shown = domain ? whole : `(${whole})`;
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
