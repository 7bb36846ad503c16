// A story in a window of its own; its address can be passed on.
import type { ReportData } from '../data.ts';
import { unpackStory } from '../pack.ts';
import { h } from './dom.ts';
import { addressOf, readAddress, type Address } from './address.ts';
import { stepAt, storyView, workloadWords, type StoryView } from './story.ts';

export class StoryDialog {
  readonly element: HTMLDialogElement;
  private readonly data: ReportData;
  private readonly title = h('h2', { id: 'story-title' });
  private readonly room = h('div', {});
  /** Stands in the page where an address leads nowhere. */
  readonly notice = h('div', { role: 'alert' });
  private view: StoryView | null = null;

  constructor(data: ReportData) {
    this.data = data;
    this.element = h(
      'dialog',
      {
        id: 'story',
        'aria-labelledby': 'story-title',
        keydown: (event: KeyboardEvent) => this.view?.key(event),
        close: () => this.closed(),
      },
      h(
        'header',
        {},
        this.title,
        h(
          'button',
          {
            type: 'button',
            class: 'close',
            'aria-label': 'close',
            click: () => this.element.close(),
          },
          '✕',
        ),
      ),
      this.room,
    );
    addEventListener('hashchange', () => this.follow());
  }

  readonly open = (index: number, at: Pick<Address, 'step' | 'beside'> = {}): void => {
    const story = unpackStory(this.data.stories, index);
    const { token, loan, sides } = story;
    const [first] = sides;
    const { design, findings, steps } = first!;
    const last = findings.at(-1)?.step ?? 0;
    this.title.textContent = `${design} on ${workloadWords(story.workload)}, loan ${loan}`;
    const shown = (step: number, of: string): void => {
      const beside = of === design ? undefined : of;
      if (this.element.open)
        history.replaceState(null, '', addressOf({ token, loan, step, beside }));
    };
    if (!this.element.open) this.element.showModal();
    const open =
      at.step === undefined ? steps.findIndex((s) => s.n >= last) : stepAt(first!, at.step);
    this.view = storyView(story, open, shown, at.beside);
    this.room.replaceChildren(this.view.element);
    this.view.fit();
  };

  private closed(): void {
    this.room.replaceChildren();
    this.view = null;
    history.replaceState(null, '', '#verdicts');
  }

  /** Opens the story that the address names, if it names one; says so where this page has not got it. */
  follow(): void {
    const address = readAddress(location.hash);
    this.notice.replaceChildren();
    if (address === null) return;
    const wrong = typeof address === 'string' ? address : this.find(address);
    if (wrong === null) return;
    if (this.element.open) this.element.close();
    this.notice.append(h('p', { class: 'stale' }, `This link leads nowhere here: ${wrong}.`));
  }

  /** null: it is open now. */
  private find(address: Address): string | null {
    const { stories } = this.data.stories;
    const { token, loan, beside } = address;
    const index = stories.findIndex(
      (s) => s.token === token && (loan === undefined || s.loan === loan),
    );
    if (index < 0)
      return stories.some((s) => s.token === token)
        ? `the story of its token has no loan ${loan}`
        : 'this report has no story of its token; lastref replay plays it all the same';
    const { sides } = unpackStory(this.data.stories, index);
    if (beside !== undefined && !sides.some((s) => s.design === beside))
      return `nobody took these steps under ${beside}; lastref replay --diff ${beside} does`;
    this.open(index, address);
    return null;
  }
}
