// What a breadth-first search is made of: states wait in a queue, fingerprints tell them apart, a trail leads back.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fingerprint, StateQueue, Trail, VisitedSet } from '../src/index.ts';

test('a queue gives states back in order, and reuses the blocks it has read', () => {
  const queue = new StateQueue(2);
  const state = new Int32Array(2);
  let written = 0;
  let read = 0;
  const push = (n: number): void => {
    for (; n > 0; n--) queue.push(Int32Array.of(written, -written++));
  };
  /** Takes `n` out; how many of them came in order. */
  const shift = (n: number): number => {
    const from = read;
    while (read < from + n && queue.shift(state) && state[0] === read && state[1] === -read) read++;
    return read - from;
  };
  push(10_000);
  expect(shift(6_000)).toBe(6_000);
  const { bytes } = queue;
  for (let i = 0; i < 20; i++) {
    push(6_000);
    expect(shift(6_000)).toBe(6_000);
  }
  expect(queue.size).toBe(4_000);
  expect(queue.bytes).toBeLessThanOrEqual(2 * bytes);
  expect(shift(4_000)).toBe(4_000);
  expect(queue.shift(state)).toBe(false);
});

test('a queue takes four bytes for each word of its states, and room for some more', () => {
  const state = new Int32Array(3);
  const bytesOf = (states: number): number => {
    const queue = new StateQueue(3);
    for (let n = 0; n < states; n++) queue.push(state);
    expect([queue.size, queue.words]).toEqual([states, 3]);
    return queue.bytes;
  };
  const block = bytesOf(0);
  expect([bytesOf(1), bytesOf(block / 12), bytesOf(block / 12 + 1)]).toEqual([
    block,
    block,
    2 * block,
  ]);
  for (const states of [5_000, 50_000]) {
    expect(bytesOf(states)).toBeGreaterThanOrEqual(12 * states);
    expect(bytesOf(states)).toBeLessThan(12 * states + block);
  }
  const queue = new StateQueue(3);
  for (let n = 0; n < 10_000; n++) queue.push(state);
  const most = queue.bytes;
  while (queue.shift(state));
  expect(queue.bytes).toBe(most); // what was read is there to be filled again
});

test('a trail leads from the start to every state', () => {
  const tree = fc.array(fc.tuple(fc.nat(), fc.array(fc.nat(255), { maxLength: 5 })), {
    maxLength: 3000,
  });
  fc.assert(
    fc.property(tree, (nodes) => {
      const trail = new Trail();
      const paths: number[][] = [[]];
      for (const [pick, steps] of nodes) {
        const before = pick % trail.size;
        trail.push(before, Uint8Array.from(steps), steps.length);
        paths.push([...paths[before]!, ...steps]);
      }
      expect(paths.map((_, state) => trail.to(state))).toEqual(paths);
    }),
    { numRuns: 20 },
  );
});

test('a trail says what it takes: two words for each state, the steps themselves, and room for as many again', () => {
  const trail = new Trail();
  const path = Uint8Array.from({ length: 100 }, (_, i) => i);
  const empty = trail.bytes;
  expect(empty).toBeGreaterThan(0);
  let steps = 0;
  const push = (states: number, n: number): void => {
    for (let i = 0; i < states; i++) trail.push(trail.size - 1, path, n);
    steps += states * n;
  };
  const isRight = (): void => {
    const least = 8 * trail.size + steps;
    expect(trail.bytes).toBeGreaterThanOrEqual(least);
    expect(trail.bytes).toBeLessThanOrEqual(2 * least + empty);
  };
  push(10, 1);
  expect(trail.bytes).toBe(empty);
  push(10_000, 0); // many states, and no step
  isRight();
  push(1_000, 100); // many steps
  isRight();
});

// Words 0 and 2 go down the same lane: were it alone in telling these states apart, its 32 bits would take about
// thirty of them for others.
test.each([
  [0, 2],
  [1, 3],
  [0, 3],
])('states that differ in words %i and %i have fingerprints of their own', (first, second) => {
  const print = new Fingerprint();
  const visited = new VisitedSet();
  const words = new Int32Array(4);
  for (let i = 0; i < 1 << 19; i++) {
    words[first] = i >> 8;
    words[second] = (i & 255) << 16;
    print.of(words, 4);
    visited.add(print.hi, print.lo);
  }
  expect(visited.size).toBe(1 << 19);
});

test('a fingerprint of words is the same number on any machine', () => {
  const print = new Fingerprint();
  const words = Int32Array.from({ length: 8 }, (_, i) => Math.imul(i - 3, 0x1234567));
  const numbers = [2, 4, 6, 8].map((n) => {
    print.of(words, n);
    return [print.hi, print.lo];
  });
  expect(numbers).toEqual([
    [264201297, -1909036741],
    [1348495557, -1311414869],
    [544545594, -230068359],
    [1003282769, -1834782956],
  ]);
});
