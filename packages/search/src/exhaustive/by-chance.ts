// Complete runs at random, before many states are visited: depth may be long in one corner before it comes to a finding that
// one run in a thousand shows.
import { Spend } from '@lastref/kernel';
import { Prng } from '@lastref/workloads';
import { spendOne, type Bound } from './bound.ts';
import { Arm, Row, choicesWithin } from './choices.ts';
import { edgeOf, withArm, type Edge } from './edges.ts';
import type { ExploreOptions } from './explore.ts';
import type { Found } from './found.ts';
import type { Player } from './player.ts';

/** Steps of all runs together: two seconds, more or less. */
const STEPS_MAX = 1 << 18;
/** Runs after which somebody may say stop. */
const ASKED_EVERY = 64;
/** Where something may fail, it does so in one step of so many. */
const FAILS_ONE_IN = 16;

/**
 * The run that shows a finding first; null: none of them does, or `isStopped`, asked now and then. The same runs each time.
 * `player`: takes each step by itself.
 */
export function byChance(
  options: ExploreOptions,
  player: Player,
  isStopped: () => boolean,
): Found | null {
  const prng = new Prng(1);
  for (let runs = 1; player.played < STEPS_MAX; runs++) {
    const found = oneRun(player, options, prng);
    if (found !== null) return found;
    if (options.isOver?.() === true || (runs % ASKED_EVERY === 0 && isStopped())) return null;
  }
  return null;
}

/** Each step that is possible is as likely as any other; for one in so many something is armed that fails. */
export function oneRun(player: Player, { bound }: ExploreOptions, prng: Prng): Found | null {
  const cell = player.behind([]);
  player.played++; // one that cannot begin ends nothing
  const path: Edge[] = [];
  let spent = 0;
  let taken = 0;
  while (taken < bound.steps) {
    const { rows, timerCut } = choicesWithin(bound, cell.k.agenda, spent);
    const steps: number[] = [];
    for (let at = 0; at < rows.length; at += Row.WORDS)
      if (rows[at + Row.ARM] === Arm.NOTHING) steps.push(at);
    const atEnd = steps.length === 0;
    if (atEnd) {
      if (timerCut) return null;
      cell.over();
    } else {
      const plain = edgeOf(rows, steps[prng.below(steps.length)]!);
      const fails = bound.failures > 0 && prng.below(FAILS_ONE_IN) === 0;
      const edge = fails ? failing(bound, rows, plain, prng) : plain;
      if (!player.take(cell, edge) || player.isFull(cell)) return null;
      path.push(edge);
      spent = edge.spent;
      taken += player.steps;
    }
    const finding = player.foundIn(cell);
    if (finding !== null) return { finding, path, steps: taken, atEnd };
    if (atEnd) return null;
  }
  return null;
}

/** With one of the failures that can be armed now, as long as the bound allows one; the step as it is if it does not. */
function failing(bound: Bound, rows: Int32Array, edge: Edge, prng: Prng): Edge {
  const spent = spendOne(bound, edge.spent, Spend.FAILURE);
  const failures: number[] = [];
  for (let at = 0; at < rows.length; at += Row.WORDS)
    if (rows[at + Row.SPEND] === Spend.FAILURE) failures.push(at);
  if (spent < 0 || failures.length === 0) return edge;
  return withArm(edge, edgeOf(rows, failures[prng.below(failures.length)]!), spent);
}
