// Complete runs at random, before many states are visited: depth may be long in one corner before it comes to a finding that
// one run in a thousand shows.
import { Prng } from '@lastref/workloads';
import { Arm, Row, choicesWithin } from './choices.ts';
import { edgeOf, type Edge } from './edges.ts';
import type { ExploreOptions } from './explore.ts';
import type { Found } from './found.ts';
import { Player } from './player.ts';
import type { Start } from './start.ts';

/** Steps of all runs together: two seconds, more or less. */
const STEPS_MAX = 1 << 18;
/** Runs after which somebody may say stop. */
const ASKED_EVERY = 64;

/** The run that shows a finding first; null: none of them does, or `isStopped`, asked now and then. The same runs each time. */
export function byChance(
  options: ExploreOptions,
  start: Start,
  isStopped: () => boolean,
): Found | null {
  const player = new Player(start, options, null);
  const prng = new Prng(1);
  for (let runs = 1; player.played < STEPS_MAX; runs++) {
    const found = oneRun(player, options, prng);
    if (found !== null) return found;
    if (runs % ASKED_EVERY === 0 && isStopped()) return null;
  }
  return null;
}

/** Each step that is possible is as likely as any other; nothing is armed for one. */
function oneRun(player: Player, { bound }: ExploreOptions, prng: Prng): Found | null {
  const cell = player.behind([]);
  player.played++; // one that cannot begin ends nothing
  const path: Edge[] = [];
  let spent = 0;
  while (path.length < bound.steps) {
    const { rows, timerCut } = choicesWithin(bound, cell.k.agenda, spent);
    const steps: number[] = [];
    for (let at = 0; at < rows.length; at += Row.WORDS)
      if (rows[at + Row.ARM] === Arm.NOTHING) steps.push(at);
    const atEnd = steps.length === 0;
    if (atEnd) {
      if (timerCut) return null;
      cell.over();
    } else {
      const edge = edgeOf(rows, steps[prng.below(steps.length)]!);
      if (!player.take(cell, edge) || player.isFull(cell)) return null;
      path.push(edge);
      spent = edge.spent;
    }
    const finding = player.foundIn(cell);
    if (finding !== null) return { finding, path, steps: path.length, atEnd };
    if (atEnd) return null;
  }
  return null;
}
