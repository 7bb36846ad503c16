// One scope after another: which there are, when the search goes on, and which of them is told of.
import { eraOf } from '@lastref/kernel';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { WORKLOADS, miniature } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_BOUND,
  ROOM,
  explore,
  isWithin,
  scopesOf,
  widening,
  widestEnded,
  type Bound,
  type Exploration,
} from '../src/index.ts';

/** Operations and failures. */
const name = ({ operations, failures }: Bound): string => `${operations}/${failures}`;
const names = (all: readonly { readonly bound: Bound }[]): string[] =>
  all.map(({ bound }) => name(bound));

describe('the scopes', () => {
  test('are the usual one, one with a failure, one with two operations, and both', () => {
    const scopes = scopesOf({});
    expect(scopes.map(name)).toEqual(['1/0', '1/1', '2/0', '2/1']);
    expect(scopes[0]).toEqual(DEFAULT_BOUND);
    expect(scopes.slice(1).map((b) => b.states)).toEqual([
      ROOM.failures,
      ROOM.operations,
      ROOM.failures,
    ]);
  });

  test('all have what else is said', () => {
    for (const bound of scopesOf({ drops: 3, states: 77 }))
      expect([bound.drops, bound.states]).toEqual([3, 77]);
  });

  test.each([
    [{ operations: 1 }, '1/0'],
    [{ operations: 3 }, '3/0'],
    [{ failures: 0 }, '1/0'],
    [{ failures: 2 }, '1/2'],
    [{ preemptions: 1 }, '1/0'],
  ])('are one, with %o', (said, only) => {
    expect(scopesOf(said).map(name)).toEqual([only]);
  });

  test('are within one another but for the two in the middle', () => {
    const within = (a: number, b: number): boolean => isWithin(scopesOf({})[a]!, scopesOf({})[b]!);
    expect([within(0, 1), within(0, 2), within(1, 3), within(2, 3)]).toEqual(Array(4).fill(true));
    expect([within(1, 2), within(2, 1), within(3, 2)]).toEqual(Array(3).fill(false));
  });
});

describe('a search that widens', () => {
  const came = (results: Record<string, Exploration['result']>) =>
    widening(scopesOf({}), (bound) => {
      const result = results[name(bound)] ?? 'exhausted';
      return { result } as Exploration;
    });

  test('goes on as long as nothing is found, and tells of the widest', () => {
    const all = came({});
    expect(names(all)).toEqual(['1/0', '1/1', '2/0', '2/1']);
    expect(name(widestEnded(all).bound)).toBe('2/1');
  });

  test.each(['refuted', 'not-a-proof'] as const)('ends with the first that is %s', (result) => {
    const all = came({ '1/1': result });
    expect(names(all)).toEqual(['1/0', '1/1']);
    expect(widestEnded(all).found.result).toBe(result);
  });

  test('does not begin with what is wider than one that did not come to its end', () => {
    const all = came({ '1/1': 'bound-reached' });
    expect(names(all)).toEqual(['1/0', '1/1', '2/0']);
    expect(name(widestEnded(all).bound)).toBe('2/0');
    const last = came({ '2/0': 'bound-reached' });
    expect(names(last)).toEqual(['1/0', '1/1', '2/0']);
    expect(name(widestEnded(last).bound)).toBe('1/1');
    const none = came({ '1/0': 'bound-reached' });
    expect(names(none)).toEqual(['1/0']);
    expect(widestEnded(none).found.result).toBe('bound-reached');
  });

  test('knows what went before', () => {
    const seen: string[][] = [];
    widening(scopesOf({}), (_, before) => {
      seen.push(names(before));
      return { result: 'exhausted' } as Exploration;
    });
    expect(seen).toEqual([[], ['1/0'], ['1/0', '1/1'], ['1/0', '1/1', '2/0']]);
  });

  test('finds in the first scope what naive-sendpage does wrong', () => {
    const whole = WORKLOADS.find((w) => w.id === 'nfs-odirect')!;
    const era = eraOf('2.6.24')!;
    const all = widening(scopesOf({}), (bound) => {
      const workload = miniature(whole, bound.operations);
      return explore({ design: naive, workload, era, seed: 1 }, { bound });
    });
    expect(all.map(({ found }) => found.result)).toEqual(['refuted']);
  });
});
