// The words that stand in cells, as the page's data brings them.
import type { WordData } from '../data.ts';

let words: ReadonlyMap<string, { readonly rank: number; readonly tone: string }> = new Map();

/** Once, before anything is drawn. */
export function learn(list: readonly WordData[]): void {
  words = new Map(list.map(({ word, tone }, rank) => [word, { rank, tone }]));
}

/** Where a word stands in the order of gravity; what no list has comes last. */
export function rank(word: string): number {
  return words.get(word)?.rank ?? words.size;
}

/** The class that paints it. */
export function tone(word: string): string {
  return words.get(word)?.tone ?? 'broken';
}
