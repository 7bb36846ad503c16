// What a user says of a search, and the scopes that it comes to.
import { ROOM, SMALL_ROOM } from '@lastref/search';
import { expect, test } from 'vitest';
import { scopesAsked, type BoundAsked } from '../src/check/index.ts';

const scopes = (asked: BoundAsked, operations?: number, isCandidate = false) =>
  scopesAsked(asked, { operations, isCandidate });

test('a candidate, who is asked step by step, has less room in wider scopes, and the same in the first', () => {
  const [first, ...wider] = scopes({}, undefined, true);
  expect(first).toEqual(scopes({})[0]);
  expect(wider.map((b) => b.states)).toEqual([
    SMALL_ROOM.failures,
    SMALL_ROOM.operations,
    SMALL_ROOM.failures,
  ]);
  expect(scopes({})[2]!.states).toBe(ROOM.operations);
});

test("the number in a workload's name is one scope, and another one beside it is refused", () => {
  expect(scopes({}, 2).map((b) => [b.operations, b.failures])).toEqual([[2, 0]]);
  expect(scopes({ operations: 2 }, 2)).toHaveLength(1);
  expect(() => scopes({ operations: 3 }, 2)).toThrow('~2 and --operations 3');
});

test('two processors are one scope with a step of one inside a step of the other', () => {
  expect(scopes({ cpus: 2 }).map((b) => b.preemptions)).toEqual([1]);
  expect(scopes({ cpus: 2, preemptions: 3 }).map((b) => b.preemptions)).toEqual([3]);
  expect(() => scopes({ preemptions: 1 })).toThrow('add --cpus 2');
});
