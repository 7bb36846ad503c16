// What a mutant is tried on: every workload in miniature, every story, and every operation in every order of release. One generator, so that
// another search can take its place.
import { eraOf, type Design, type Era } from '@lastref/kernel';
import {
  existsIn,
  type Manner,
  type Operation,
  type OperationStage,
  type Situation,
  operationWorkload,
  casesOf,
  matrixOperations,
  orders,
} from '@lastref/operations';
import { Cell, type CellInput } from '@lastref/search';
import {
  MINIATURE_MAX,
  lacks,
  STORIES,
  WORKLOADS,
  miniature,
  play,
  type Story,
  type Workload,
} from '@lastref/workloads';

/** One run, as far as a reviewer could tell it from another; it is over when the next is asked for. */
export interface Trial {
  /** Which run of its cell. */
  readonly name: string;
  /** An order of release that was given up where another had come to the same. */
  readonly joined: boolean;
  /** Properties refuted. */
  readonly refuted: readonly string[];
  /** Objects in use at the end, and references on pages. */
  readonly left: string;
  /** When each loan was completed, in turns: releases, or deeds of the story. */
  readonly told: ReadonlyMap<number, number>;
  /** Of the whole run, costs included. */
  readonly digest: () => string;
}

/** Runs that belong together: of a workload, a story in one era, an operation in one situation. */
export interface TrialCell {
  readonly id: string;
  /** `joined`: orders of release that come to the same are followed once. */
  readonly runs: (joined: boolean) => Iterable<Trial>;
}

/** How the cells of operations are called. */
export const OPERATION_CELL = /, (shared|sole owner)$/;

/** What is in use when everybody has let go. */
function leftOver({ k }: Cell): string {
  const references = k.pages.all.reduce((n, page) => n + (page.live ? page.count : 0), 0);
  return `${k.skbs.used} sk_buffs, ${k.fclones.used} pairs, ${k.shinfos.used} data areas, ${k.pages.used} pages with ${references} references`;
}

/**
 * An operation in one situation, in every order of release; then, with `retransmissions`, all of them once more
 * after TCP has sent again what is left in its queue.
 */
export function operationCell(
  design: Design,
  mover: Operation,
  situation: Situation,
  era: Era,
  retransmissions: boolean,
): TrialCell {
  const input: CellInput = { design, workload: operationWorkload(mover, situation), era, seed: 1 };
  return {
    id: `${mover.id}, ${situation}`,
    *runs(joins) {
      yield* ordersOf(input, '', { joins });
      const before = (stage: OperationStage): void => stage.retransmit();
      if (retransmissions) yield* ordersOf(input, 'sent again, ', { joins, before });
    },
  };
}

function* ordersOf(input: CellInput, prefix: string, manner: Manner): Generator<Trial> {
  for (const { cell, name, joined, findings, told, digest } of orders(input, manner)) {
    yield {
      name: `${prefix}${name}`,
      joined,
      refuted: findings.map((f) => f.property),
      left: leftOver(cell),
      told,
      digest,
    };
  }
}

/** A story of one era; without a run if this design does not let it be told. */
function storyCell(design: Design, story: Story, eraId: string): TrialCell {
  return {
    id: `${story.id}, ${eraId}`,
    *runs() {
      const trial = storyTrial(design, story, eraId);
      if (trial !== null) yield trial;
    },
  };
}

/** null: this design does not let it be told. */
function storyTrial(design: Design, story: Story, eraId: string): Trial | null {
  const cell = new Cell({ design, workload: story.workload, era: eraOf(eraId)!, seed: 1 });
  const { k, judge, recorder } = cell;
  let told: Map<number, number>;
  try {
    const stage = play(story.script, k, recorder, () => judge.afterStep());
    told = new Map(stage.told.map((t) => [t.loan, t.deed]));
  } catch (error) {
    if (error instanceof RangeError) return null; // a deed that cannot be done
    throw error;
  }
  const { judgement, digest } = cell.finish();
  return {
    name: '',
    joined: false,
    refuted: judgement.findings.map((f) => f.property),
    left: leftOver(cell),
    told,
    digest: () => digest,
  };
}

/** A workload by the clock. */
function workloadCell(design: Design, workload: Workload, era: Era): TrialCell {
  return {
    id: workload.id,
    *runs() {
      const cell = new Cell({ design, workload, era, seed: 1 });
      const { judgement, digest, drained } = cell.runByClock();
      yield {
        name: 'by the clock',
        joined: false,
        refuted: judgement.findings.map((f) => f.property),
        left: drained ? leftOver(cell) : 'not at rest',
        told: new Map(),
        digest: () => digest,
      };
    },
  };
}

/** Every cell of a design, the short runs first. */
export function trialCells(design: Design, era: Era): TrialCell[] {
  const small = WORKLOADS.map((workload) => miniature(workload, MINIATURE_MAX));
  const there = small.filter((workload) => lacks(workload, era) === null);
  const movers = matrixOperations().filter((mover) => existsIn(mover, era.id));
  return [
    ...there.map((workload) => workloadCell(design, workload, era)),
    ...STORIES.flatMap((story) => story.eras.map((id) => storyCell(design, story, id))),
    ...movers.flatMap((mover) =>
      casesOf(mover).map((situation) => operationCell(design, mover, situation, era, false)),
    ),
  ];
}
