// One verdict: a word on its colour, and a button where there is a story to open.
import { h } from './dom.ts';

/** Words that share a colour. */
const TONES: Readonly<Record<string, string>> = {
  holds: 'good',
  proven: 'good',
  confirmed: 'good',
  copied: 'copied',
  early: 'hazard',
  qualified: 'hazard',
  wire: 'wire',
  delivered: 'delivered',
  refuted: 'delivered',
  'n/a': 'none',
  '-': 'none',
  'not-settled': 'none',
};

export type OpenStory = (story: number) => void;

/** `what` names the cell for those who do not see its row and column. */
export function verdict(word: string, story: number, what: string, open: OpenStory): HTMLElement {
  const tone = TONES[word] ?? 'broken';
  if (story < 0) return h('span', { class: `verdict ${tone}` }, word);
  return h(
    'button',
    {
      type: 'button',
      class: `cell verdict ${tone}`,
      tabindex: -1,
      'aria-label': `${what}: ${word}, open its story`,
      'aria-haspopup': 'dialog',
      click: () => open(story),
    },
    word,
  );
}
