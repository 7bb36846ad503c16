// What a bug of history is here: a card, and two versions that differ in what the fix changed.
import type { Harm, Property } from '@lastref/judge';
import type { Design } from '@lastref/kernel';
import type { Bound } from '@lastref/search';
import type { Ground } from './ground.ts';

/** Who does what, and in which kernel. */
export interface Version {
  readonly design: Design;
  /** A release, or one with one change less (`7.2.13-markerCarried`) or more. */
  readonly era: string;
  /** What this version is played on, where it is the program that is wrong and not the design: in place of the bug's. */
  readonly on?: readonly Ground[];
}

/** What goes wrong, as the people who mend it call it. */
export const KINDS = [
  'told too early',
  'told too late or never',
  'told twice',
  'told what is not true',
  'told in a wrong context',
  'given back to the wrong place',
  'used after it was freed',
  'a marker or an owner lost on the way',
  'written while it is lent',
] as const;
export type Kind = (typeof KINDS)[number];

export interface Bug {
  readonly id: string;
  /** One line: what happened. */
  readonly title: string;
  readonly year: number;
  /** The program, and the place in it. */
  readonly where: string;
  /** Commits, advisories, issues: where it can be read. */
  readonly source: string;
  readonly kind: Kind;
  readonly property: Property;
  /** Look for this harm alone: the fixed version has a lesser one left. */
  readonly harm?: Harm;
  /** What both are played on, one after the other; none where each version brings its own. */
  readonly on: readonly Ground[];
  /** Where it differs from the default bound of a search. */
  readonly bound?: Partial<Bound>;
  readonly wrong: Version;
  readonly fixed: Version;
  /** Who held what, who let go of what, in sentences. */
  readonly mechanism: string;
  readonly fix: string;
  /** How it was found then, or how long it took; what finds it here. */
  readonly lesson: string;
  /** What else the fixed version does not protect from. */
  readonly left?: string;
  /** Further words that somebody who has it may type. */
  readonly words: readonly string[];
}
