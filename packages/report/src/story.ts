// A run as seen from one loan: who could reach its bytes after each step, and what happened to it. What a
// space-time diagram is drawn from.

/** What one holder has of the loan after a step. */
export interface Holding {
  /** Index into the lanes of the side. */
  readonly lane: number;
  /** Fragments that stand on the lent pages themselves. */
  readonly refs: number;
  /** Packets with the loan's stream bytes copied elsewhere: no hold on the pages. */
  readonly copies: number;
  /** Some of the bytes that can be read here are not those that were lent. */
  readonly changed: boolean;
}

export const MARKS = ['lent', 'completed', 'rewritten', 'read', 'changed', 'found'] as const;
/**
 * lent: the producer lends; completed: it is told; rewritten: it (or somebody) writes the pages; read: the bytes
 * lent are read; changed: other bytes are read; found: the judge has a finding.
 */
export type Mark = (typeof MARKS)[number];

export interface StoryStep {
  /** Number in the run, from 1. */
  readonly n: number;
  readonly tick: number;
  /** The step in the field's words. */
  readonly text: string;
  /** What it meant for the loan, one sentence each. */
  readonly says: readonly string[];
  readonly marks: readonly { readonly lane: number; readonly mark: Mark }[];
  readonly holdings: readonly Holding[];
  /** The largest reference count of its pages, and the design's own count. */
  readonly pageRefs: number;
  readonly loanRefs: number;
  /** Steps left out just before it, in which only the counts changed. */
  readonly calm: number;
}

export interface StoryFinding {
  readonly property: string;
  readonly harm: string;
  readonly where: string;
  readonly step: number;
  readonly text: string;
}

/** One design under the steps of a story. */
export interface StorySide {
  readonly design: string;
  /** Holders that ever had something of the loan, from the producer to the peer. */
  readonly lanes: readonly string[];
  /** The steps that touched the loan. */
  readonly steps: readonly StoryStep[];
  /** Findings about this loan. */
  readonly findings: readonly StoryFinding[];
  /** Steps taken from the token; those after it are the clock's. */
  readonly played: number;
}

export interface Story {
  readonly token: string;
  readonly workload: string;
  readonly era: string;
  readonly seed: number;
  readonly loan: number;
  /** The design of the finding, then, if there is one, a design that passes. */
  readonly sides: readonly StorySide[];
}

/** The road of a page, as lanes run: any other holder stands between the write queue and the qdisc. */
const ROAD = [
  'producer',
  'pipe',
  'write queue',
  '',
  'qdisc',
  'gso list',
  'tx ring',
  'tun queue',
  "guest's queue",
  'backlog',
  'wire',
  'out-of-order queue',
  'receive queue',
  'application',
  'tap',
];

/** Lanes in the order of the road; those between stay as they came. */
export function orderLanes(names: readonly string[]): string[] {
  const place = (name: string): number => {
    const at = ROAD.indexOf(name);
    return at < 0 ? ROAD.indexOf('') : at;
  };
  return [...names].sort((a, b) => place(a) - place(b));
}
