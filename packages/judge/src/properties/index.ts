// What follows from the cards: the order, the words, and who watches.
import type { Evidence } from '../evidence.ts';
import { HARMS, type Finding } from '../findings.ts';
import type { Card } from './card.ts';
import type { Watch } from './watch.ts';
import * as list from './list.ts';

export type Property = keyof typeof list;

interface PropertyFile<Id extends string> {
  readonly card: Card<Id>;
  readonly watch: (evidence: Evidence) => Watch;
}

/** Fails to compile where a line's name and its card's id differ, or a file lacks one of the two. */
const files: { readonly [Id in Property]: PropertyFile<Id> } = list;

/** Every card, the gravest first. */
export const CARDS: readonly Card<Property>[] = Object.values<PropertyFile<Property>>(files)
  .map((file) => file.card)
  .sort((a, b) => b.gravity - a.gravity);

/** Every id, the gravest first. */
export const PROPERTIES = CARDS.map((card) => card.id) as [Property, ...Property[]];

export function cardOf(property: Property): Card<Property> {
  return files[property].card;
}

/** Those that may show only when a run is over. */
export const FOUND_AT_END: ReadonlySet<Property> = new Set(
  CARDS.filter((card) => card.found === 'at the end').map((card) => card.id),
);

/** Those that the word of a cell speaks of, the gravest first. */
export const IN_THE_WORD: readonly Property[] = CARDS.filter(
  (card) => card.stands === 'in the word',
).map((card) => card.id);

/** Sorts by the one order: the gravest first, of one property the worst harm first. */
export function byGravity(a: Grave, b: Grave): number {
  return (
    PROPERTIES.indexOf(a.property) - PROPERTIES.indexOf(b.property) ||
    HARMS.indexOf(b.harm) - HARMS.indexOf(a.harm)
  );
}
type Grave = Pick<Finding, 'property' | 'harm'>;

/** One watch for each, in the order of gravity. */
export function watches(evidence: Evidence): Watch[] {
  return CARDS.map(({ id }) => files[id].watch(evidence));
}
