// Every story under a design: scripted situations, some of which no workload by the clock comes to (a callback with
// interrupts off, an owner who is gone, pages of a slab).
import { inDomain, type Design, type Era } from '@lastref/kernel';
import { PROPERTIES } from '@lastref/judge';
import type { StoriesDocument, StoryCell } from '@lastref/report';
import { Cell } from '@lastref/search';
import { STORIES, play, type Story } from '@lastref/workloads';
import type { Fault } from '../candidates/rules.ts';
import { sourceOf, trustedIn, type Source } from '../candidates/source.ts';
import { digestOfDocument } from '../digest.ts';
import type { Question } from '../question.ts';
import { findEra, type DesignFile } from '../registry.ts';
import { tokenOf } from '../token.ts';

export interface StoriesPlan {
  readonly designs: readonly DesignFile[];
  /** null: each story in the newest kernel that it is told for. */
  readonly era: string | null;
  readonly faults: readonly Fault[];
}

export interface StoriesAsk {
  readonly source: Source;
  readonly era: string | null;
}

export const question: Question<StoriesPlan, StoriesAsk, StoryCell, StoriesDocument> = {
  kind: 'stories',
  brief: true,
  asks: ({ designs, era }) => designs.map((d) => ({ source: sourceOf(d), era })),
  sources: (ask) => [ask.source],
  cells: () => STORIES.map((s) => s.id),
  when: () => '',
  about: ({ design, story }) => `${design} in ${story}`,
  async answer({ source, era }, cell, isolate) {
    const story = STORIES[cell]!;
    return perform(story, await isolate.design(source), findEra(era ?? story.eras.at(-1)!));
  },
  merge({ designs, faults }, answers) {
    const ids = designs.map((d) => d.design.id);
    const cells = answers.toSorted(
      (a, b) => ids.indexOf(a.design) - ids.indexOf(b.design) || orderOf(a) - orderOf(b),
    );
    const content = {
      schema: 'lastref.stories/1' as const,
      designs: ids.filter((id) => cells.some((c) => c.design === id)),
      stories: STORIES.map(({ id, title, why }) => ({ id, title, why })),
      cells,
      ...(faults.length === 0 ? {} : { stopped: [...faults] }),
      ...trustedIn(designs),
    };
    return { ...content, digest: digestOfDocument(content) };
  },
};

function orderOf({ story }: StoryCell): number {
  return STORIES.findIndex((s) => s.id === story);
}

function perform(story: Story, design: Design, era: Era): StoryCell {
  const input = { design, workload: story.workload, era, seed: 1 };
  const cell = new Cell(input);
  const { k, judge, recorder } = cell;
  const stage = play(story.script, k, recorder, () => judge.afterStep());
  const { verdicts, findings } = cell.over();
  return {
    design: design.id,
    story: story.id,
    era: era.id,
    domain: inDomain(design.domain, story.workload.lends, era),
    verdicts: Object.fromEntries(PROPERTIES.map((p) => [p, verdicts[p]])) as StoryCell['verdicts'],
    findings: findings.map(({ property, harm, where, text }) => ({ property, harm, where, text })),
    token: findings.length === 0 ? null : tokenOf(input, recorder.upTo(stage.steps)),
  };
}
