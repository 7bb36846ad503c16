// Light or dark: as the system says, until the reader says otherwise.
import { h } from './dom.ts';

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const;
type Theme = keyof typeof NEXT;

export function themeButton(): HTMLButtonElement {
  let theme: Theme = 'auto';
  const button = h(
    'button',
    { type: 'button', class: 'theme', click: () => turn(NEXT[theme]) },
    'theme: auto',
  );
  const turn = (to: Theme): void => {
    theme = to;
    button.textContent = `theme: ${to}`;
    if (to === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = to;
  };
  return button;
}
