// From the words of somebody who has a problem to what is known of such problems.
import type { Design } from '@lastref/kernel';
import { OPERATIONS } from '@lastref/operations';
import { allWorkloads } from '@lastref/runner';
import { BUGS } from './catalog/index.ts';

/** Something that can be found, and the command that shows it. */
export interface Entry {
  readonly kind: 'bug' | 'operation' | 'workload' | 'design';
  readonly id: string;
  readonly title: string;
  readonly command: string;
  /** What it is about: a word that is met here counts most. */
  readonly words: readonly string[];
  /** All else that is said of it. */
  readonly text: string;
}

/** All that there is, `designs` among it. `hint`: how these words are typed after the program's name. */
export function entriesOf(
  designs: readonly Design[],
  hint: (...words: readonly string[]) => string,
): Entry[] {
  return [
    ...BUGS.map((b): Entry => ({
      kind: 'bug',
      id: b.id,
      title: b.title,
      command: hint('bugs', b.id),
      words: [...b.words, b.where, b.source, b.kind],
      text: `${b.mechanism} ${b.fix} ${b.lesson} ${b.left ?? ''}`,
    })),
    ...OPERATIONS.map((o): Entry => ({
      kind: 'operation',
      id: o.id,
      title: o.file,
      command: hint('movers', '--newest'),
      words: [],
      text: o.refs,
    })),
    ...allWorkloads().map((w): Entry => ({
      kind: 'workload',
      id: w.id,
      title: w.title,
      command: hint('compare', '--workloads', w.id),
      words: [],
      text: w.story,
    })),
    ...designs.map((d): Entry => ({
      kind: 'design',
      id: d.id,
      title: d.title,
      command: hint('compare', '--designs', d.id),
      words: [d.source],
      text: `${d.summary} ${d.reading ?? ''}`,
    })),
  ];
}

/** How much a word counts by where it is met. */
const BY_NAME = 4;
const BY_TEXT = 1;
/** A word that begins like the one that was asked for is the same: `retransmit` and `retransmission`. */
const STEM_MIN = 5;
const STEM_SHARE = 0.65;
/** What has a number has no other form; it may be cut, as commits are: `CVE-2022-0847` and `CVE-2022-49093` are two. */
const NUMBER = /\d/;

/** Entries in which some of `words` are met, the best first; in the order given where they are alike. */
export function found(entries: readonly Entry[], words: readonly string[]): readonly Entry[] {
  const asked = words.flatMap(wordsIn);
  const looked = entries.map((entry) => ({
    entry,
    names: wordsIn([entry.id, entry.title, ...entry.words].join(' ')),
    text: wordsIn(entry.text),
  }));
  /** A word that is everywhere says little. */
  const rarity = asked.map((word) => {
    const met = looked.filter(({ names, text }) => has(names, word) || has(text, word)).length;
    return Math.log(1 + entries.length / Math.max(1, met));
  });
  return looked
    .map(({ entry, names, text }, order) => {
      const weights = asked.map((word) =>
        has(names, word) ? BY_NAME : has(text, word) ? BY_TEXT : 0,
      );
      const met = weights.filter((weight) => weight > 0).length;
      const score = weights.reduce<number>((sum, weight, i) => sum + weight * rarity[i]!, 0);
      return { entry, met, score, order };
    })
    .filter(({ met }) => met > 0)
    .sort((a, b) => b.met - a.met || b.score - a.score || a.order - b.order)
    .map(({ entry }) => entry);
}

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}_-]*/gu) ?? [];
}

function has(words: readonly string[], word: string): boolean {
  return words.some((w) => w === word || alike(w, word));
}

function alike(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length);
  let n = 0;
  while (n < shorter && a[n] === b[n]) n++;
  const enough = NUMBER.test(a) || NUMBER.test(b) ? shorter : STEM_SHARE * shorter;
  return n >= STEM_MIN && n >= enough;
}
