// Who plays the steps of a search: what follows by itself is taken at once, but where something may be armed for a step it is one
// that is looked at; a step whose failure cannot be armed is none; and what is found is what was asked for.
import { workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { choicesWithin } from '../src/exhaustive/choices.ts';
import { edgeOf, withArm, type Edge } from '../src/exhaustive/edges.ts';
import { Player } from '../src/exhaustive/player.ts';
import { Selector } from '../src/exhaustive/selection.ts';
import { DEFAULT_BOUND, Start, explore, type Bound } from '../src/index.ts';
import { inputOf } from './cells.ts';

const QUIET: Bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };

/** A machine at the start, and who plays on it; nobody tells hosts apart. */
function playing(bound: Bound, selector = new Selector(bound, true, null), whole = false) {
  const input = inputOf(ian, 'bulk-loss');
  const workload = whole ? workloadCalled('bulk-loss')! : input.workload;
  const start = new Start({ ...input, workload }, true, true);
  const player = new Player(start, { bound }, selector);
  const cell = start.machine();
  const first = edgeOf(choicesWithin(bound, cell.k.agenda, 0).rows, 0);
  return { start, player, cell, first };
}

/** How many steps were taken with each of the first few that are possible. */
function stepsEach(more: Partial<Bound>): number[] {
  const bound = { ...QUIET, ...more };
  const { player, cell } = playing(bound);
  const steps: number[] = [];
  for (let n = 0; n < 8 && !cell.k.agenda.atRest; n++) {
    const { rows } = choicesWithin(bound, cell.k.agenda, player.spent);
    expect(player.take(cell, edgeOf(rows, 0))).toBe(true);
    steps.push(player.steps);
  }
  return steps;
}

test('steps without a choice follow by themselves, unless something may be armed for each of them', () => {
  expect(Math.max(...stepsEach({}))).toBeGreaterThan(1);
  expect(new Set(stepsEach({ failures: 1 }))).toEqual(new Set([1]));
});

test('so many follow and no more: a run in which nothing is ever left to choose is looked at now and then', () => {
  const none = new Selector(QUIET, true, null);
  const all = none.in.bind(none);
  none.in = (...of) => ({ ...all(...of), taken: [0] }); // whatever else could be taken
  const { player, cell, first } = playing(QUIET, none, true);
  player.take(cell, first);
  expect(cell.k.agenda.atRest).toBe(false);
  expect([player.steps, player.selection]).toEqual([1 + 64, null]);
});

test('where a failure cannot be armed the step is not taken', () => {
  const { player, cell, first } = playing(QUIET);
  const before = cell.judge.step;
  const arms = (arm: Partial<Edge>): Edge => withArm(first, { ...first, ...arm }, 0);
  expect(player.take(cell, arms({ place: 999 }))).toBe(false);
  expect(cell.judge.step).toBe(before);
});

test('what stands beside the word is found by a search for it, and by no other', () => {
  const input = inputOf(msgZerocopy, 'bulk-loss');
  const found = explore(input, { bound: QUIET, property: 'late' });
  expect([found.result, found.finding?.property]).toEqual(['refuted', 'late']);
  expect(explore(input, { bound: QUIET }).finding?.property).not.toBe('late');
});

test('a harm is searched for past others of the same property', () => {
  const input = inputOf(naive, 'loopback-slow-reader');
  const harmOf = (more: object) => explore(input, { bound: QUIET, ...more }).finding?.harm;
  expect([harmOf({}), harmOf({ property: 'corrupt', harm: 'delivered' })]).toEqual([
    'hazard',
    'delivered',
  ]);
});
