// The table in which two threads mark what they are through with: a state that is lost is searched twice, one that is taken
// for another is never searched.
import { expect, test, vi } from 'vitest';
import { Helping, SharedStates } from '../src/exhaustive/shared.ts';
import { Tally } from '../src/exhaustive/tally.ts';

function tallyOf(counts: Partial<Tally>): Tally {
  return Object.assign(new Tally(), counts);
}

const NONE = new Tally();

test('what either thread is through with, both know', () => {
  const one = SharedStates.for(1000);
  const other = new SharedStates(one.buffers);
  const keys = Array.from({ length: 1000 }, (_, i) => [i % 7, (i * 0x9e3779b1) | 0] as const);
  keys.forEach(([hi, lo], i) => {
    expect(one.has(hi, lo)).toBe(false);
    (i % 2 === 0 ? one : other).finish(hi, lo, NONE);
    expect([one.has(hi, lo), other.has(hi, lo)]).toEqual([true, true]);
  });
  expect([one.size, other.size]).toEqual([1000, 1000]);
  expect(keys.every(([hi, lo]) => other.has(hi, lo))).toBe(true);
  expect(other.has(8, keys[0]![1])).toBe(false);
});

test('states that agree in one half are two, in either half, and so are those with nothing in one', () => {
  const states = SharedStates.for(10);
  for (const [hi, lo] of [
    [1, 2],
    [2, 1],
    [1, 1],
    [2, 2],
    [-1, 2],
    [0, 2],
    [2, 0],
  ] as const) {
    expect(states.has(hi, lo), `${hi} ${lo}`).toBe(
      hi === 0 || lo === 0 ? states.has(hi || 1, lo || 1) : false,
    );
    states.finish(hi, lo, NONE);
    expect(states.has(hi, lo)).toBe(true);
  }
});

test('states that would stand in one place stand in the next', () => {
  const states = SharedStates.for(1);
  for (let lo = 1; lo <= 900; lo++) states.finish(7, lo, NONE); // most of what there is room for
  expect(states.size).toBe(900);
  for (let lo = 1; lo <= 900; lo++) expect(states.has(7, lo)).toBe(true);
  for (let lo = 901; lo <= 1000; lo++) expect(states.has(7, lo)).toBe(false);
});

/** Keys that differ in both halves, as fingerprints do. */
const key = (i: number): [number, number] => [Math.imul(i, 0x85ebca6b), Math.imul(i, 0x9e3779b1)];

test('there is room for what was said, level after level, and what is in use grows with what is there', () => {
  const n = 100_000;
  const one = SharedStates.for(2_000_000);
  const other = new SharedStates(one.buffers);
  let known = 0;
  let most = 0;
  for (let i = 1; i <= n; i++) {
    const [hi, lo] = key(i);
    if (other.has(hi, lo)) known++;
    (i % 2 === 0 ? one : other).finish(hi, lo, NONE);
    (i % 3 === 0 ? one : other).finish(hi, lo, NONE); // the second to be through with it
    if (i > 10_000) most = Math.max(most, one.bytes / i);
  }
  expect([one.size, other.size]).toEqual([n, n]);
  expect(known).toBe(0);
  expect(most).toBeLessThan(26);
  for (let i = 1; i <= n; i++) if (one.has(...key(i))) known++;
  expect(known).toBe(n);
  expect(one.has(...key(n + 1))).toBe(false);
});

test('all that there is may be taken, and no more', () => {
  const states = SharedStates.for(1);
  for (let i = 1; i <= 16_384; i++) states.finish(...key(i), NONE);
  expect([states.size, states.bytes]).toEqual([16_384, 8 * 16_384]);
  let known = 0;
  for (let i = 1; i <= 16_384; i++) if (states.has(...key(i))) known++;
  expect(known).toBe(16_384);
  expect(() => states.finish(...key(16_385), NONE)).toThrow('no room for more than 16384 states');
});

test('a state counts once, whoever was through with it', () => {
  const states = SharedStates.for(10);
  states.finish(1, 2, tallyOf({ executions: 3, ends: 1, cut: 2, exercised: 0b101, torn: 0 }));
  states.finish(1, 2, tallyOf({ executions: 3, ends: 1, cut: 2, exercised: 0b101, torn: 1 }));
  const { executions, ends, cut, exercised, torn } = states.tally;
  expect({ executions, ends, cut, exercised, torn }).toEqual({
    executions: 3,
    ends: 1,
    cut: 2,
    exercised: 0b101,
    torn: 0,
  });
  states.finish(
    3,
    4,
    tallyOf({ executions: 1, ends: 2, cut: 3, exercised: 0b011, torn: 1, starved: 4 }),
  );
  expect(states.tally).toEqual(
    tallyOf({ executions: 4, ends: 3, cut: 5, exercised: 0b111, torn: 1, starved: 4 }),
  );
});

test('the other thread is what it was last turned to, by whoever knew what it was before', () => {
  const one = SharedStates.for(1);
  const other = new SharedStates(one.buffers);
  expect(one.helping).toBe(Helping.NOT_YET);
  expect(other.turn(Helping.NOT_YET, Helping.WORKS)).toBe(true);
  expect(one.turn(Helping.NOT_YET, Helping.UNWANTED)).toBe(false);
  expect([one.helping, other.helping]).toEqual([Helping.WORKS, Helping.WORKS]);
  expect(other.turn(Helping.WORKS, Helping.FOUND)).toBe(true);
  one.wait(1e9); // it works no more
  expect(one.helping).toBe(Helping.FOUND);
});

test('one that works and gets through with nothing is not waited for longer than patience lasts', () => {
  const states = SharedStates.for(1);
  states.turn(Helping.NOT_YET, Helping.WORKS);
  const before = performance.now();
  states.wait(20);
  const waited = performance.now() - before;
  expect(waited).toBeGreaterThan(15);
  expect(states.helping).toBe(Helping.WORKS);
});

test('one that works is waited for as long as it gets through with some state', () => {
  const states = SharedStates.for(1);
  const waits = vi.spyOn(Atomics, 'wait');
  for (const left of [0, 1, 5]) {
    states.turn(Helping.NOT_YET, Helping.WORKS);
    let through = 0;
    waits.mockReset();
    waits.mockImplementation(() => {
      if (through++ < left) states.finish(...key(10 * left + through), NONE);
      return 'timed-out';
    });
    states.wait(7);
    expect(waits.mock.calls.map(([, , , patience]) => patience)).toEqual(Array(left + 1).fill(7));
  }
  states.turn(Helping.WORKS, Helping.IS_DONE);
  waits.mockReset();
  states.wait(7);
  expect(waits).not.toHaveBeenCalled();
  waits.mockRestore();
});

test('there is room for one more than so many in the next larger table; what the helper takes counts, too', () => {
  const bytes = (states: number): number => SharedStates.for(states).buffers.keys.byteLength;
  const slots = 1 << 14;
  // six tenths of its slots may be taken, to be found quickly
  expect([1, 9830, 9831, 19_660, 19_661].map(bytes)).toEqual(
    [1, 1, 2, 2, 4].map((n) => 8 * n * slots),
  );
  const states = SharedStates.for(1);
  expect(states.bytes).toBe(0);
  states.helpersBytes = 100;
  expect(new SharedStates(states.buffers).bytes).toBe(100);
  states.finish(1, 2, NONE);
  expect(states.bytes).toBe(8 * slots + 100);
});

test('tallies add up, and properties are those that some part has exercised', () => {
  const all = new Tally();
  all.exercise('early');
  const more = tallyOf({ executions: 1, ends: 2, cut: 3, torn: 1, starved: 4 });
  more.exercise('lost');
  all.add(more);
  all.add(more);
  expect([all.executions, all.ends, all.cut, all.torn, all.starved]).toEqual([2, 4, 6, 1, 8]);
  expect(all.properties).toEqual(new Set(['early', 'lost']));
});
