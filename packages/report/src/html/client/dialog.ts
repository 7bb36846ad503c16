// A story in a window of its own; its address can be passed on.
import type { ReportData } from '../data.ts';
import { unpackStory } from '../pack.ts';
import { h } from './dom.ts';
import { storyView, workloadWords, type StoryView } from './story.ts';

export class StoryDialog {
  readonly element: HTMLDialogElement;
  private readonly data: ReportData;
  private readonly title = h('h2', { id: 'story-title' });
  private readonly room = h('div', {});
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

  readonly open = (index: number): void => {
    const story = unpackStory(this.data.stories, index);
    const { design, findings, steps } = story.sides[0]!;
    const last = findings.at(-1)?.step ?? 0;
    this.title.textContent = `${design} on ${workloadWords(story.workload)}, loan ${story.loan}`;
    this.view = storyView(
      story,
      steps.findIndex((s) => s.n >= last),
    );
    this.room.replaceChildren(this.view.element);
    if (!this.element.open) this.element.showModal();
    this.view.fit();
    history.replaceState(null, '', `#story=${index}`);
  };

  private closed(): void {
    this.room.replaceChildren();
    this.view = null;
    history.replaceState(null, '', '#verdicts');
  }

  /** Opens the story that the address names, if it names one. */
  follow(): void {
    const match = /^#story=(\d{1,6})$/.exec(location.hash);
    if (match === null) return;
    const index = Number(match[1]);
    if (index < this.data.stories.stories.length) this.open(index);
  }
}
