// The page: reads its data, draws its sections.
import type { ReportData } from '../data.ts';
import { unpackStory } from '../pack.ts';
import { costSection } from './costs.ts';
import { StoryDialog } from './dialog.ts';
import { copyButton, h, section } from './dom.ts';
import { claimSection, findingSection } from './findings.ts';
import { holdSection } from './holds.ts';
import { labSection } from './lab.ts';
import { layoutSection } from './layouts.ts';
import { operationSection } from './operations.ts';
import { storyView, workloadWords, type StoryView } from './story.ts';
import { themeButton } from './theme.ts';
import { verdictSection } from './verdicts.ts';
import { learn } from './vocabulary.ts';
import { many } from '../../words.ts';

const data = JSON.parse(document.getElementById('data')!.textContent) as ReportData;
learn(data.words);
const dialog = new StoryDialog(data);
const featured = data.featured < 0 ? null : featuredStory();

const sections = [
  verdictSection(data, dialog.open),
  featured?.element ?? null,
  data.matrix === null ? null : operationSection(data.matrix, dialog.open),
  costSection(data),
  holdSection(data),
  data.structs.length === 0 ? null : layoutSection(data),
  data.lab === null ? null : labSection(data.lab),
  data.claims.length === 0 ? null : claimSection(data, dialog.open),
  findingSection(data, dialog.open),
].filter((s) => s !== null);

document
  .getElementById('page')!
  .replaceWith(
    header(),
    dialog.notice,
    h(
      'nav',
      { 'aria-label': 'sections' },
      ...sections.map((s) => h('a', { href: `#${s.id}` }, s.querySelector('h2')!.textContent)),
    ),
    h('main', {}, ...sections),
    footer(),
    dialog.element,
  );
featured?.view.fit();
printWhole();
dialog.follow();

/** Paper has nothing to click on: what is folded away is printed too. */
function printWhole(): void {
  let folded: HTMLDetailsElement[] = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll<HTMLDetailsElement>('details:not([open])')];
    for (const one of folded) one.open = true;
  });
  addEventListener('afterprint', () => {
    for (const one of folded) one.open = false;
  });
}

function header(): HTMLElement {
  const capture = data.capture === null ? '' : `, capture ${data.capture}`;
  return h(
    'header',
    { class: 'top' },
    h('h1', {}, data.title),
    h(
      'p',
      {},
      `${many(data.designs.length, 'design')}, ${many(data.workloads.length, 'workload')}, ${data.era}, ${data.seeds}${capture}`,
    ),
    h('p', { class: 'what-is-this' }, data.about),
    data.stale
      ? h(
          'p',
          { class: 'stale', role: 'note' },
          'Some stories end in another state than their tokens say: the comparison was made by another version of the machine. Run lastref compare again.',
        )
      : null,
    themeButton(),
  );
}

function featuredStory(): { element: HTMLElement; view: StoryView } {
  const story = unpackStory(data.stories, data.featured);
  const { design, steps, findings } = story.sides[0]!;
  const last = findings.at(-1)?.step ?? 0;
  const view = storyView(
    story,
    steps.findIndex((s) => s.n >= last),
  );
  const element = section(
    'featured',
    'A story',
    `${design} on ${workloadWords(story.workload)}: the shortest of the gravest findings about a proposed design. Any coloured cell of this page opens one like it.`,
    view.element,
  );
  return { element, view };
}

function footer(): HTMLElement {
  return h(
    'footer',
    {},
    h('p', {}, `Comparison ${data.digest}. Made by`),
    ...data.commands.map((c) => h('p', {}, h('code', {}, c), copyButton(c, 'copy'))),
    h('p', {}, `The same commands give the same bytes on any machine. ${data.madeBy}`),
  );
}
