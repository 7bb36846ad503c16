// What a mutant is tried on: every workload in miniature, every story, and every operation in every order of release. One generator, so that
// another search can take its place.
import { eraOf, type Design, type Era } from '@lastref/kernel';
import {
  existsIn,
  type Operation,
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

/** One run, as far as a reviewer could tell it from another. */
export interface Trial {
  /** The story, or the operation and its situation. */
  readonly cell: string;
  /** Which run of the cell. */
  readonly name: string;
  /** Properties refuted. */
  readonly refuted: readonly string[];
  /** Objects in use at the end, and references on pages. */
  readonly left: string;
  /** When each loan was completed, in turns: releases, or deeds of the story. */
  readonly told: ReadonlyMap<number, number>;
  /** Of the whole run, costs included. */
  readonly digest: string;
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
export function* operationTrials(
  design: Design,
  mover: Operation,
  situation: Situation,
  era: Era,
  retransmissions: boolean,
): Generator<Trial> {
  const input: CellInput = { design, workload: operationWorkload(mover, situation), era, seed: 1 };
  for (const again of retransmissions ? [false, true] : [false]) {
    const runs = orders(input, {
      before(stage) {
        if (again) stage.retransmit();
      },
    });
    for (const { cell, name, findings, told, digest } of runs) {
      yield {
        cell: `${mover.id}, ${situation}`,
        name: again ? `sent again, ${name}` : name,
        refuted: findings.map((f) => f.property),
        left: leftOver(cell),
        told,
        digest: digest(),
      };
    }
  }
}

/** A story of one era; null if this design does not let it be told. */
export function storyTrial(design: Design, story: Story, eraId: string): Trial | null {
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
    cell: `${story.id}, ${eraId}`,
    name: '',
    refuted: judgement.findings.map((f) => f.property),
    left: leftOver(cell),
    told,
    digest,
  };
}

/** A workload by the clock. */
function workloadTrial(design: Design, workload: Workload, era: Era): Trial {
  const cell = new Cell({ design, workload, era, seed: 1 });
  const { judgement, digest, drained } = cell.runByClock();
  return {
    cell: workload.id,
    name: 'by the clock',
    refuted: judgement.findings.map((f) => f.property),
    left: drained ? leftOver(cell) : 'not at rest',
    told: new Map(),
    digest,
  };
}

/** Every cell that is `wanted`, the short runs first. */
export function* trials(
  design: Design,
  era: Era,
  wanted: (cell: string) => boolean = () => true,
): Generator<Trial> {
  for (const workload of WORKLOADS) {
    const small = miniature(workload, MINIATURE_MAX);
    if (lacks(small, era) === null && wanted(small.id)) yield workloadTrial(design, small, era);
  }
  for (const story of STORIES) {
    for (const id of story.eras) {
      if (!wanted(`${story.id}, ${id}`)) continue;
      const trial = storyTrial(design, story, id);
      if (trial !== null) yield trial;
    }
  }
  for (const mover of matrixOperations()) {
    if (!existsIn(mover, era.id)) continue;
    for (const situation of casesOf(mover)) {
      if (wanted(`${mover.id}, ${situation}`))
        yield* operationTrials(design, mover, situation, era, false);
    }
  }
}
