// A search must visit every state once: a set that forgets one searches for ever, a set that takes one for another
// proves what is not true.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Edge } from '../src/exhaustive/edges.ts';
import { States } from '../src/exhaustive/states.ts';
import { VisitedIndex, VisitedSet } from '../src/index.ts';

const word = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
);
const key = fc.tuple(word, word);

describe('a visited set', () => {
  test('knows what it has seen, as a Set of strings does', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 3000 }), key, (keys, other) => {
        const visited = new VisitedSet();
        const plain = new Set<string>();
        for (const [hi, lo] of keys) {
          expect(visited.add(hi, lo)).toBe(!plain.has(`${hi} ${lo}`));
          plain.add(`${hi} ${lo}`);
        }
        expect(visited.size).toBe(plain.size);
        expect(visited.has(...other)).toBe(plain.has(`${other[0]} ${other[1]}`));
        expect(keys.every(([hi, lo]) => visited.has(hi, lo))).toBe(true);
      }),
    );
  });

  test('takes words with and without a sign for the same bits', () => {
    const visited = new VisitedSet();
    expect(visited.add(0xffff_ffff, 0x8000_0000)).toBe(true);
    expect(visited.has(-1, -0x8000_0000)).toBe(true);
    expect(visited.add(-1, -0x8000_0000)).toBe(false);
  });

  test('keeps everything when it grows, and packed neighbours do not pile up', () => {
    const visited = new VisitedSet();
    const n = 300_000;
    const addAll = (): number => {
      let fresh = 0;
      for (let i = 0; i < n; i++) if (visited.add(i >> 9, (i & 511) << 20)) fresh++;
      return fresh;
    };
    expect([addAll(), addAll()]).toEqual([n, 0]);
    expect(visited.size).toBe(n);
    let known = 0;
    for (let i = 0; i < n; i++) if (visited.has(i >> 9, (i & 511) << 20)) known++;
    for (let i = 0; i < 1000; i++) if (visited.has(i, 1)) known++;
    expect(known).toBe(n);
    expect(visited.bytes).toBe(2 ** 19 * 8);
  });

  test('does not grow before the number that was expected', () => {
    const visited = new VisitedSet(100_000);
    const { bytes } = visited;
    for (let i = 0; i < 100_000; i++) visited.add(i, i);
    expect(visited.bytes).toBe(bytes);
  });
});

describe('a visited index', () => {
  test('numbers what it meets in order, and gives the same number again', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 3000 }), (keys) => {
        const visited = new VisitedIndex();
        const numbers = new Map<string, number>();
        for (const [hi, lo] of keys) {
          const name = `${hi} ${lo}`;
          if (!numbers.has(name)) numbers.set(name, numbers.size);
          expect(visited.add(hi, lo)).toBe(numbers.get(name));
          expect(visited.size).toBe(numbers.size);
        }
      }),
    );
  });

  test('gives each key back by its number', () => {
    const visited = new VisitedIndex();
    const n = 5000;
    for (let i = 0; i < n; i++) expect(visited.add(i >> 4, (i & 15) << 28)).toBe(i);
    for (let i = 0; i < n; i++) {
      expect([visited.hiOf(i), visited.loOf(i)]).toEqual([i >> 4, (i & 15) << 28]);
    }
  });

  test('does not grow before the number that was expected', () => {
    const visited = new VisitedIndex(5000);
    const { bytes } = visited;
    for (let i = 0; i < 5000; i++) visited.add(i, i);
    expect(visited.bytes).toBe(bytes);
    expect(new VisitedIndex().bytes).toBeLessThan(bytes);
  });

  test('has no more empty room than an eighth of its keys, and of its slots five in eight', () => {
    const visited = new VisitedIndex();
    let most = 0;
    for (let i = 1; i <= 200_000; i++) {
      visited.add(i, Math.imul(i, 0x9e3779b1));
      if (i > 1000) most = Math.max(most, visited.bytes / i);
    }
    expect(most).toBeLessThan(1.125 * 8 + 4 / 0.375 + 0.1);
  });
});

test('either grows when it is as full as it may be, and not before', () => {
  /** With how many keys it takes more bytes than with one less. */
  const growsAt = (visited: VisitedSet | VisitedIndex, most: number): number[] => {
    const at: number[] = [];
    for (let { bytes } = visited, n = 1; n <= most; n++) {
      visited.add(0, n);
      expect(visited.size).toBe(n);
      if (visited.bytes !== bytes) at.push(n);
      ({ bytes } = visited);
    }
    return at;
  };
  // six tenths of 1024 slots, of 2048, of 4096
  expect(growsAt(new VisitedSet(), 3000)).toEqual([615, 1229, 2458]);
  // room for an eighth more keys than 512, again and again; and three quarters of 1024 slots
  expect(growsAt(new VisitedIndex(), 800)).toEqual([513, 578, 651, 733, 769]);
  expect([768, 769].map((expected) => new VisitedIndex(expected).bytes)).toEqual([
    4 * 1024 + 8 * 768,
    4 * 2048 + 8 * 769,
  ]);
  expect([614, 615].map((expected) => new VisitedSet(expected).bytes)).toEqual([8192, 16384]);
});

test('a state takes at most 30 bytes, with how it was come to', () => {
  const states = new States();
  let most = 0;
  for (let i = 0; i < 200_000; i++) {
    const edge = { place: i & 7, verb: 0, item: 0, arms: [], host: 0, spent: 0, tearsDown: false };
    states.add(i, Math.imul(i, 0x9e3779b1), i - 1, edge as unknown as Edge);
    if (i > 10_000) most = Math.max(most, states.bytes / states.size);
  }
  expect(most).toBeLessThan(30);
  expect(states.pathTo(199_999)).toHaveLength(199_999);
});
