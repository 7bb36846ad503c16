// The panel of the explorer: the reader chooses what happens next. The steps are a list; whatever is done to it, the model
// is asked anew where it leads, so an edited design is shown on the steps that were chosen before.
import { copyButton, h } from '@lastref/report/client/dom';
import { storyView } from '@lastref/report/client/story';
import { Chosen, type GoOn } from '@lastref/runner/chosen';
import type { Choice } from '@lastref/search';
import type { Ask, ExploreSaid } from '../model/protocol.ts';
import { offer, type Listed } from './listed.ts';
import { download, png } from './picture.ts';
import { many } from '@lastref/report/words';

/** What a link keeps of it. */
export interface Way {
  readonly workload: string;
  readonly operations: number;
  readonly picks: readonly Choice[];
}

type Wish = Omit<Ask & { kind: 'explore' }, 'kind' | 'design' | 'era'>;
/** Asks the model about the design of the editor; null: it said nothing, and the page says why. */
export type AskExplore = (wish: Wish) => Promise<ExploreSaid | null>;

const OPERATIONS_MAX = 4;
/** How many of the steps that were taken are shown: the last. */
const SHOWN_MAX = 200;

export class Exploring {
  readonly element: HTMLElement;
  private readonly ask: AskExplore;
  private readonly workloads: readonly Listed[];
  private readonly workload = h('select', { id: 'explore-workload' });
  private readonly operations = h('input', {
    type: 'number',
    id: 'explore-operations',
    min: 1,
    max: OPERATIONS_MAX,
    value: 1,
  });
  private readonly said = h('p', { class: 'checked', role: 'status' });
  private readonly room = h('div', { class: 'explored' });
  private readonly onward: HTMLButtonElement[];
  private readonly stopping: HTMLButtonElement;
  /** null: nobody explores. */
  private on: Omit<Way, 'picks'> | null = null;
  private readonly chosen = new Chosen();
  private turn = 0;

  constructor(workloads: readonly Listed[], ask: AskExplore, stop: () => void) {
    this.ask = ask;
    this.workloads = workloads;
    offer(this.workload, workloads, false);
    const button = (text: string, click: () => void, title = '') =>
      h('button', { type: 'button', disabled: true, title, click }, text);
    this.onward = [
      button('Undo', () => this.jump(this.chosen.picks.length - 1)),
      button('Search from here', () => void this.go('search'), 'every order of what may follow'),
      button('Play to the end', () => void this.go('clock'), 'what is due first, again and again'),
      button('SVG', () => void this.draw('svg')),
      button('PNG', () => void this.draw('png')),
    ];
    this.stopping = button('Stop', stop);
    const field = (id: string, label: string, input: HTMLElement) =>
      h('div', { class: 'field' }, h('label', { for: id }, label), input);
    const begin = () => void this.begin();
    this.element = h(
      'section',
      { class: 'checking exploring', 'aria-labelledby': 'exploring-title' },
      h('h2', { id: 'exploring-title' }, 'You choose what happens next'),
      h(
        'p',
        {},
        'The clock stands still just before the first page is lent. Whatever may come next is a list: take one, see who can still read, go back, or let a search finish. When the source changes, the design takes the same steps.',
      ),
      h(
        'div',
        { class: 'bar' },
        field('explore-workload', 'workload', this.workload),
        field('explore-operations', 'operations', this.operations),
        h('button', { type: 'button', class: 'go', click: begin }, 'Begin'),
        ...this.onward,
        this.stopping,
      ),
      this.said,
      this.room,
    );
  }

  /** null: nobody explores. */
  get where(): Way | null {
    return this.on && { ...this.on, picks: this.chosen.picks };
  }

  /** Goes where a link says, or, without one, stays where it is under the design as it is now. */
  async follow(way?: Way): Promise<void> {
    if (way !== undefined) {
      const { picks, ...on } = way;
      this.workload.value = on.workload;
      this.operations.value = String(on.operations);
      this.on = on;
      this.chosen.begin(picks);
    }
    await this.go('look');
  }

  /** What is explored with a design says nothing of a runtime, and the other way round. */
  suit(runtime: boolean): void {
    offer(this.workload, this.workloads, runtime);
    const { on } = this;
    if (this.workloads.find((w) => w.id === on?.workload)?.runtime !== !runtime) return;
    this.turn++;
    this.on = null;
    this.room.replaceChildren();
    this.complain('');
  }

  private async begin(): Promise<void> {
    const asked = Math.floor(this.operations.valueAsNumber);
    const operations = Number.isNaN(asked) ? 1 : Math.max(1, Math.min(OPERATIONS_MAX, asked));
    this.operations.value = String(operations);
    this.on = { workload: this.workload.value, operations };
    this.chosen.begin();
    await this.go('look');
  }

  private choose(choice: Choice): void {
    this.chosen.choose(choice);
    void this.go('look');
  }

  /** To where `n` steps were chosen. */
  private jump(n: number): void {
    this.chosen.jump(n);
    void this.go('look');
  }

  private async go(goOn: GoOn): Promise<void> {
    const turn = ++this.turn;
    const { where } = this;
    if (where === null) return;
    this.busy(goOn === 'search' ? 'searching…' : '');
    const said = await this.ask({ ...where, goOn, picture: false });
    if (turn !== this.turn) return;
    for (const b of this.onward) b.disabled = said === null;
    this.stopping.disabled = true;
    if (said === null) return;
    this.chosen.arrived(said.picks, goOn);
    this.onward[0]!.disabled = said.picks.length === 0;
    this.show(said);
  }

  private busy(text: string): void {
    for (const b of this.onward) b.disabled = true;
    this.stopping.disabled = false;
    if (text !== '') this.said.textContent = text;
  }

  /** What went wrong. */
  complain(text: string): void {
    this.said.textContent = text;
  }

  private show({ doc, picks, choices, story }: ExploreSaid): void {
    this.said.textContent = sentence(doc);
    const first = doc.before + 1; // the step with which the clock stands still
    const taken = doc.steps.slice(first).slice(0, picks.length);
    const hidden = Math.max(0, taken.length - SHOWN_MAX);
    const back = this.chosen.count - picks.length;
    const pick = (text: string, click: () => void) => h('button', { type: 'button', click }, text);
    this.room.replaceChildren(
      h(
        'div',
        { class: 'columns' },
        h(
          'div',
          {},
          h('h3', {}, 'What may happen next'),
          doc.choices.length === 0 ? h('p', {}, 'Nothing is left to do.') : null,
          h(
            'ol',
            { class: 'choices' },
            ...doc.choices.map(({ text, what }, i) =>
              h(
                'li',
                {},
                pick(text, () => this.choose(choices[i]!)),
                what === null ? null : h('span', { class: 'what' }, ` ${what}`),
              ),
            ),
          ),
        ),
        h(
          'div',
          {},
          h('h3', {}, 'Who could still read'),
          doc.readers.length === 0 ? h('p', {}, 'Nobody: no loan is open.') : null,
          h(
            'ul',
            { class: 'readers' },
            ...doc.readers.map(({ loan, text }) =>
              h('li', {}, h('b', {}, `loan ${loan}`), ` ${text}`),
            ),
          ),
          h('h3', {}, 'Taken'),
          h(
            'ol',
            { class: 'taken', start: hidden + 1 },
            ...taken.slice(hidden).map((s, i) =>
              h(
                'li',
                {},
                pick(s.text, () => this.jump(hidden + i + 1)),
              ),
            ),
          ),
          back === 0 ? null : pick(`Forward again (${back})`, () => this.jump(this.chosen.count)),
          h(
            'p',
            { class: 'replay' },
            h('code', {}, doc.token),
            copyButton(doc.token, 'copy token'),
          ),
        ),
      ),
      ...this.diagram(story),
    );
    this.fit?.();
  }

  private fit: (() => void) | undefined;

  private diagram(story: ExploreSaid['story']): HTMLElement[] {
    this.fit = undefined;
    if (story === null) return [];
    const view = storyView(story, story.sides[0]!.steps.length - 1);
    this.fit = () => view.fit();
    return [view.element];
  }

  private async draw(kind: 'svg' | 'png'): Promise<void> {
    const said = await this.ask({ ...this.where!, goOn: 'look', picture: true });
    if (said === null) return;
    if (said.picture === null) {
      this.complain('No page was lent yet: there is nothing to draw.');
      return;
    }
    const svg = new Blob([said.picture], { type: 'image/svg+xml' });
    const { design, workload } = said.doc;
    download(kind === 'svg' ? svg : await png(said.picture), `${design}-${workload}.${kind}`);
  }
}

/** What was found so far, and what a search came to. */
function sentence({ findings, search, over }: ExploreSaid['doc']): string {
  const [found] = findings;
  const here =
    found === undefined
      ? ''
      : `Found at step ${found.step}: ${found.property} (${found.harm}), ${found.where}: ${found.text}.`;
  if (search === null) return here || (over ? 'Nothing was found in this run.' : '');
  const work = `${many(search.states, 'state')}, ${many(search.executions, 'step')}`;
  switch (search.result) {
    case 'refuted':
      return `The search went this way (${work}). ${here}`;
    case 'exhausted':
      return `From here no order within the bound shows a finding (${work}).`;
    case 'bound-reached':
      return `Nothing found in ${work}: the bound was reached.`;
    case 'not-a-proof':
      return `Nothing found in ${work}, and not a proof: ${search.reason}.`;
  }
}
