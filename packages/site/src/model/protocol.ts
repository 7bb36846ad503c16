// What the page asks of a worker with the model, and what comes back. Plain data: it passes two borders.
import type { GoOn } from '@lastref/runner/chosen';
import type { PageSource } from './isolate.ts';
import type { Property } from '@lastref/judge';
import type { CompareRow, ExploreDocument, Story } from '@lastref/report';
import type { Bound, Choice } from '@lastref/search';

/** A design: one of the repository by its id, or a candidate that was compiled. */
export type Subject = { readonly id: string } | PageSource;

export type Ask =
  /** The verdicts of a design on a share of the workloads of the catalog; era null: its own. */
  | {
      readonly kind: 'row';
      readonly design: Subject;
      readonly era: string | null;
      /** The workloads whose place in the catalog is `at` modulo `of`. */
      readonly share: { readonly at: number; readonly of: number };
      /** Only the words, which come soon: who could put a completion off is asked later. */
      readonly words: boolean;
      /** In miniature: a fraction of a second, and only what is found is said. */
      readonly small: boolean;
    }
  /** The story of a token under `design`, and beside it under `beside`, if any. */
  | {
      readonly kind: 'story';
      readonly design: Subject;
      readonly token: string;
      readonly beside: string | null;
    }
  | {
      readonly kind: 'check';
      readonly design: Subject;
      readonly workload: string;
      readonly era: string | null;
      readonly bound: Partial<Bound>;
      readonly property: Property | null;
    }
  /** Where a list of steps leads, and what may come next. */
  | {
      readonly kind: 'explore';
      readonly design: Subject;
      readonly workload: string;
      readonly operations: number;
      readonly era: string | null;
      readonly picks: readonly Choice[];
      readonly goOn: GoOn;
      /** The diagram as a file is wanted, too. */
      readonly picture: boolean;
    };

/** One cell, as a table shows it. */
export interface CellSaid {
  readonly workload: string;
  readonly title: string;
  readonly word: string;
  /** The word as a cell shows it, with letters and brackets. */
  readonly shown: string;
  readonly tone: string;
  readonly domain: boolean;
  /** Letters of what stands beside the word. */
  readonly beside: string;
  /** Found in miniature: the whole run follows. */
  readonly small: boolean;
  readonly row: CompareRow | null;
  /** What a candidate did that ended the cell; '': nothing. */
  readonly fault: string;
}

export interface CheckSaid {
  readonly result: string;
  readonly reason: string;
  /** What was searched, in words. */
  readonly scope: string;
  readonly states: number;
  readonly executions: number;
  readonly depth: number;
  /** How often it was searched: what stands here is of the last time. */
  readonly passes: number;
  readonly property: string | null;
  readonly text: string | null;
  readonly token: string | null;
  readonly steps: number;
}

export interface ExploreSaid {
  readonly doc: ExploreDocument;
  /** The steps, with what came by the clock or a search; those that do not apply are left out. */
  readonly picks: readonly Choice[];
  /** In the order of the document. */
  readonly choices: readonly Choice[];
  /** null: nothing was lent yet. */
  readonly story: Story | null;
  /** An SVG that stands alone. */
  readonly picture: string | null;
}

export type Answer =
  /** `runtime`: it is a program above a socket, which has workloads of its own. */
  | { readonly kind: 'card'; readonly id: string; readonly era: string; readonly runtime: boolean }
  | { readonly kind: 'cell'; readonly cell: CellSaid }
  | { readonly kind: 'story'; readonly story: Story | null; readonly same: boolean }
  | { readonly kind: 'check'; readonly check: CheckSaid }
  | { readonly kind: 'explore'; readonly said: ExploreSaid }
  /** A search says how far it is. */
  | { readonly kind: 'progress'; readonly text: string }
  /** Nothing more comes. `fault`: a candidate did not load, or what else went wrong; '': all is well. */
  | { readonly kind: 'end'; readonly fault: string };
