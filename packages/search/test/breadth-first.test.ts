// The shortest run to a finding is told, whatever is armed on the way: what is armed counts as a step, so who is first at a state
// need not have come by the shortest way, and who is first to show something need not be the one to tell of.
import type { Finding } from '@lastref/judge';
import { expect, test, vi } from 'vitest';
import { design as copyAlways } from '../../../strategies/copy-always.ts';
import { design as rpcReply } from '../../../strategies/rpc-reply.ts';
import { BreadthFirst } from '../src/exhaustive/breadth-first.ts';
import { Arm, Row, choicesWithin } from '../src/exhaustive/choices.ts';
import { armed, edgeOf, type Edge } from '../src/exhaustive/edges.ts';
import { Player } from '../src/exhaustive/player.ts';
import {
  DEFAULT_BOUND,
  MachineFingerprint,
  Start,
  type Bound,
  type ExploreOptions,
} from '../src/index.ts';
import { inputOf } from './cells.ts';

const QUIET: Bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };
const bound: Bound = { ...QUIET, failures: 1 };

const stepsOf = (path: readonly Edge[]): number =>
  path.reduce((sum, { arms }) => sum + 1 + arms.length, 0);

function searching(more: Partial<ExploreOptions> = {}) {
  const start = new Start(inputOf(copyAlways, 'sendfile-locked'), true, true);
  return { start, search: new BreadthFirst({ bound, ...more }, start) };
}

/** By state: the fewest steps that lead there, of all ways of at most so many steps, each played from the start. */
function byAllWays(start: Start, most: number): Map<string, number> {
  const player = new Player(start, { bound }, null);
  const print = new MachineFingerprint();
  const fewest = new Map<string, number>();
  const go = (path: readonly Edge[]): void => {
    const steps = stepsOf(path);
    if (steps > most) return;
    const cell = player.behind(path);
    const { spent } = player;
    print.of(cell, spent);
    const state = `${print.hi} ${print.lo}`;
    fewest.set(state, Math.min(steps, fewest.get(state) ?? Infinity));
    const { rows } = choicesWithin(bound, cell.k.agenda, spent);
    const edges: Edge[] = [];
    for (let at = 0; at < rows.length; at += Row.WORDS)
      if (rows[at + Row.ARM] === Arm.NOTHING) edges.push(edgeOf(rows, at));
    for (const edge of edges) {
      const there = player.behind(path);
      if (!player.measure(there, edge)) continue;
      edges.push(...armed(there.k.agenda.sources, bound, rows, edge, player.passed));
      go([...path, edge]);
    }
  };
  go([]);
  return fewest;
}

test('to each state leads the shortest of all ways, with what is armed on it', () => {
  const most = 4;
  const { start, search } = searching();
  expect(search.search(most, 1000)).toBeNull();
  const { states } = search;
  const met = new Map<string, number>();
  for (let state = 0; state < states.size; state++) {
    const steps = stepsOf(states.pathTo(state));
    if (steps <= most) met.set(`${states.hiOf(state)} ${states.loOf(state)}`, steps);
  }
  expect(met.size).toBeGreaterThan(10);
  expect(Object.fromEntries(met)).toEqual(Object.fromEntries(byAllWays(start, most)));
});

/** A search in which something shows whenever it looks for the `nth` time, for each of these; and how often it looked. */
function showing(...nth: readonly number[]) {
  const { search } = searching();
  let looks = 0;
  const found = { property: 'early', harm: 'hazard', where: 'here', step: 0 } as Finding;
  vi.spyOn(search.player, 'foundIn').mockImplementation(() =>
    nth.includes(looks++) ? found : null,
  );
  return { run: search.search(2, 1000), looks };
}

test('of two runs the shorter is told, whichever shows first, and of two that are as long the first', () => {
  const { looks } = showing();
  const alone = Array.from({ length: looks }, (_, nth) => showing(nth).run!);
  const steps = alone.map((run) => run.steps);
  expect(steps[0]).toBe(0);
  const at = steps.indexOf(3); // one that is armed for its second step
  expect(alone[at]!.path.at(-1)!.arms).toHaveLength(1);
  const later = steps.slice(at + 1);
  expect([later.includes(2), later.includes(3)]).toEqual([true, true]);
  for (const [i, n] of later.entries()) {
    const other = at + 1 + i;
    const { run } = showing(at, other);
    expect([run!.steps, run!.path]).toEqual(n < 3 ? [n, alone[other]!.path] : [3, alone[at]!.path]);
  }
});

test('where no machine is ever set back it tells the same run, and comes to each state by the way that it knows', () => {
  const input = inputOf(rpcReply, 'sendfile-locked');
  const [again, anew] = [true, false].map((reuse) => {
    const search = new BreadthFirst({ bound: QUIET }, new Start(input, false, reuse));
    const run = search.search(20, 1000);
    return { path: run?.path, steps: run?.steps, states: search.states.size };
  });
  expect(again!.steps).toBeGreaterThan(5);
  expect(anew).toEqual(again);
});
