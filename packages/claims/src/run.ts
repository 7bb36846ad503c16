// What an experiment asks to be run, as plain data: it is sent to the isolate of its design, and two experiments that
// ask for the same share one run.
import type { Harm, HoldTimes, Judgement, Property, Verdict } from '@lastref/judge';
import type { Bound, CellResult } from '@lastref/search';
import type { CellVerdict } from '@lastref/operations';
import type { LabFacts, LabName } from './labs/index.ts';

/** A design on a workload under the clock, over `seeds` seeds from 1 on. */
export interface ClockRun {
  readonly kind: 'clock';
  readonly design: string;
  readonly workload: string;
  readonly era: string;
  readonly seeds: number;
}

/** Every order of the steps of a miniature, within a bound. */
export interface SearchRun {
  readonly kind: 'search';
  readonly design: string;
  /** With its number of operations: nfs-odirect~1. */
  readonly workload: string;
  readonly era: string;
  /** This one alone, past findings of others. */
  readonly property: Property | null;
  readonly bound: Partial<Bound>;
}

/** Random runs of a miniature. */
export interface SwarmRun {
  readonly kind: 'swarm';
  readonly design: string;
  readonly workload: string;
  readonly era: string;
  readonly runs: number;
}

/** One buffer operation in both situations and every order of release. */
export interface OperationRun {
  readonly kind: 'operation';
  readonly design: string;
  readonly operation: string;
  readonly era: string;
}

/** A story, told to its end. */
export interface StoryRun {
  readonly kind: 'story';
  readonly design: string;
  readonly story: string;
  readonly era: string;
}

/** The structs with a design's fields, and a receive buffer. */
export interface LayoutRun {
  readonly kind: 'layout';
  readonly design: string;
  readonly era: string;
}

/** An instrument of the laboratory. */
export interface LabRun<N extends LabName = LabName> {
  readonly kind: 'lab';
  readonly lab: N;
  readonly design: string;
  readonly era: string;
}

export type Run = ClockRun | SearchRun | SwarmRun | OperationRun | StoryRun | LayoutRun | LabRun;

/** One cause of a finding, with the way back. */
export interface FoundFact {
  readonly property: Property;
  readonly harm: Harm;
  readonly where: string;
  readonly count: number;
  readonly text: string;
  readonly token: string;
}

export interface ClockFacts {
  readonly verdicts: Readonly<Record<Property, Verdict>>;
  readonly findings: readonly FoundFact[];
  /** Findings that stand beside the word: late, unbounded, written. None of them is a fault of the design. */
  readonly beside: readonly FoundFact[];
  readonly loans: number;
  readonly completions: number;
  readonly contexts: Judgement['contexts'];
  readonly stretchedBy: Judgement['stretchedBy'];
  readonly reads: Judgement['reads'];
  readonly hold: Omit<HoldTimes, 'histogram'>;
  readonly lent: Omit<HoldTimes, 'histogram'>;
  readonly costs: CellResult['costs'];
  /** Pages that producers got back in a second, and page-seconds that they had away. */
  readonly pagesPerSecond: number;
  readonly pinnedPageSeconds: number;
  /** The design was made for what the workload lends. */
  readonly domain: boolean;
  /** Operations that the producers and senders have done, of all that there are. */
  readonly done: number;
  readonly of: number;
  readonly ticks: number;
}

export interface SearchFacts {
  readonly result: 'exhausted' | 'refuted' | 'bound-reached';
  readonly property: Property | null;
  readonly text: string | null;
  readonly steps: number;
  readonly token: string | null;
  readonly states: number;
}

export interface SwarmFacts {
  readonly runs: number;
  readonly steps: number;
  readonly findings: readonly FoundFact[];
}

export interface OperationFacts {
  readonly verdict: CellVerdict;
  readonly properties: readonly Property[];
  readonly token: string | null;
  readonly runs: number;
  readonly heldBy: readonly string[];
}

export interface StoryFacts {
  readonly findings: readonly FoundFact[];
  /** Loans that were completed, by the words of the step in which they were. */
  readonly told: readonly string[];
  /** Null: this design does not let the story be told. */
  readonly deeds: number | null;
}

export interface LayoutFacts {
  readonly structs: readonly {
    readonly struct: string;
    readonly bytes: number;
    readonly growth: number;
    readonly cacheLines: number;
    readonly adds: readonly string[];
  }[];
  readonly buffer: {
    readonly bytes: number;
    readonly sizeClass: number;
    readonly shinfo: number;
    readonly pageFrag: boolean;
  };
}

/** What a run of this kind lets you see. */
export type FactsOf<R> = R extends ClockRun
  ? ClockFacts
  : R extends SearchRun
    ? SearchFacts
    : R extends SwarmRun
      ? SwarmFacts
      : R extends OperationRun
        ? OperationFacts
        : R extends StoryRun
          ? StoryFacts
          : R extends LayoutRun
            ? LayoutFacts
            : R extends LabRun<infer N>
              ? LabFacts<N>
              : never;

export type AnyFacts = FactsOf<Run>;

export function clock(design: string, workload: string, era: string, seeds = 1): ClockRun {
  return { kind: 'clock', design, workload, era, seeds };
}

/** `operations` operations in all, and of what can happen as much as `bound` says. */
export function search(
  design: string,
  workload: string,
  era: string,
  bound: Partial<Bound> = {},
  property: Property | null = null,
): SearchRun {
  const { operations = 1 } = bound;
  return { kind: 'search', design, workload: `${workload}~${operations}`, era, property, bound };
}

export function swarm(design: string, workload: string, era: string, runs: number): SwarmRun {
  return { kind: 'swarm', design, workload, era, runs };
}

export function operation(design: string, mover: string, era: string): OperationRun {
  return { kind: 'operation', design, operation: mover, era };
}

export function story(design: string, id: string, era: string): StoryRun {
  return { kind: 'story', design, story: id, era };
}

export function layout(design: string, era: string): LayoutRun {
  return { kind: 'layout', design, era };
}

export function lab<N extends LabName>(name: N, design: string, era: string): LabRun<N> {
  return { kind: 'lab', lab: name, design, era };
}

/** Two runs with the same key are one. */
export function keyOf(run: Run): string {
  return JSON.stringify(run);
}
