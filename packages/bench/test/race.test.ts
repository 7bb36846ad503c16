// The race model is set beside SPIN's: it must be the same transition system, and leaving orders out must not
// change what is found.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  CONTENT,
  DATAREF,
  ORIGINAL,
  Race,
  Release,
  rumurInstalled,
  rumurVerifier,
  SEQ,
  type Scope,
  search,
} from '@lastref/bench';
import { LONG, sample } from '../../../scripts/tier.ts';

type Sizes = readonly [pages: number, retransmissions: number, queue: number, segments: number];

function scope(
  release: Release,
  [pages, retransmissions, queue, segments]: Sizes,
  wire = 2,
): Scope {
  return { release, pages, retransmissions, queue, segments, wire };
}

function* everyScope(release: Release): Generator<Scope> {
  for (const pages of [1, 2, 3])
    for (const retransmissions of [0, 1, 2])
      for (const queue of [1, 2])
        for (const segments of [pages, pages + 1, pages + 2])
          for (const wire of [1, 2])
            if (pages * retransmissions * queue * segments <= 12)
              yield scope(release, [pages, retransmissions, queue, segments], wire);
}

const smallScopes = (release: Release): readonly Scope[] => sample([...everyScope(release)], 4);

const line = (s: Scope): string =>
  `${s.release} ${s.pages} ${s.retransmissions} ${s.queue} ${s.segments} ${s.wire}`;

// As pan 6.5.2 counts them with -DNOREDUCE; it counts the start as a transition too.
test.each<[Sizes, number, number]>([
  [[1, 0, 2, 2], 43, 55],
  [[1, 1, 2, 2], 455, 1045],
  [[1, 3, 2, 2], 4688, 14743],
  [[2, 0, 2, 3], 465, 876],
  [[2, 1, 2, 3], 23862, 71321],
  [[2, 1, 2, 4], 55192, 171281],
  [[2, 2, 2, 3], 231962, 801002],
])('%j: as many states and transitions as SPIN counts', (sizes, states, transitions) => {
  const found = search(scope(Release.LAST_REFERENCE, sizes), false);
  expect(found).toMatchObject({ holds: true, states, transitions: transitions - 1 });
});

test.runIf(LONG)(
  'the model that rumur is given has as many states, and fails in as many steps',
  ({ skip }) => {
    if (!rumurInstalled()) skip('rumur is not installed');
    const dir = mkdtempSync(join(tmpdir(), 'lastref-rumur-'));
    try {
      const states = (sizes: Sizes, release: Release): string => {
        const verifier = rumurVerifier(dir, 'cc', scope(release, sizes));
        return spawnSync(verifier, { encoding: 'utf8' }).stdout;
      };
      expect(states([2, 1, 2, 3], Release.LAST_REFERENCE)).toMatch(
        /No error found[^]*23862 states, 71320 rules/,
      );
      const trace = states([2, 1, 2, 3], Release.ACKED);
      expect(trace).toMatch(/1 error\(s\) found/);
      expect(trace.match(/^Rule .* fired/gm)).toHaveLength(18);
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
);

// The trail of pan -DBFS: its steps, the failing read included.
test.each<[Sizes, number]>([
  [[1, 1, 2, 2], 16],
  [[2, 1, 2, 3], 18],
  [[2, 2, 3, 6], 18],
  [[3, 1, 2, 4], 20],
  [[4, 1, 2, 5], 27],
])('%j: pages that come back at the ACK fail in as few steps as SPIN finds', (sizes, steps) => {
  expect(search(scope(Release.ACKED, sizes), false).steps).toHaveLength(steps);
});

test('with and without reduction the verdict is the same', () => {
  let broken = 0;
  for (const release of [Release.ACKED, Release.LAST_REFERENCE])
    for (const s of smallScopes(release)) {
      const all = search(s, false);
      const reduced = search(s, true);
      expect(reduced.holds, line(s)).toBe(all.holds);
      expect(reduced.states, line(s)).toBeLessThanOrEqual(all.states);
      if (!all.holds) broken++;
    }
  expect(broken).toBeGreaterThan(LONG ? 20 : 5);
});

test('what the reduced search finds happens in the whole model, and no order is shorter than the shortest', () => {
  for (const s of smallScopes(Release.ACKED)) {
    const { holds, steps } = search(s, true);
    if (holds) continue;
    const race = new Race(s, false);
    for (const [i, step] of steps.entries()) {
      expect((race.enabled() >> step) & 1, `${line(s)}: step ${i}`).toBe(1);
      expect(race.take(step), `${line(s)}: step ${i}`).toBe(i < steps.length - 1);
    }
    expect(steps.length).toBeGreaterThanOrEqual(search(s, false).steps.length);
  }
});

/** Goes on after a failed read, and keeps how often the page had been written when each segment was read. */
class Watching extends Race {
  readonly newest = new Map<number, number>();

  protected override asSent(slot: number): boolean {
    const seq = this.b[SEQ + slot]!;
    const content = this.b[CONTENT + (seq % this.scope.pages)]!;
    this.newest.set(seq, Math.max(content, this.newest.get(seq) ?? 0));
    return true;
  }
}

test('with and without reduction each segment is read with bytes as new', () => {
  let overwritten = 0;
  for (const release of [Release.ACKED, Release.LAST_REFERENCE])
    for (const s of smallScopes(release)) {
      const all = new Watching(s, false);
      const reduced = new Watching(s, true);
      search(s, false, all);
      search(s, true, reduced);
      expect(reduced.newest, line(s)).toEqual(all.newest);
      for (const [seq, content] of all.newest)
        if (content > Math.floor(seq / s.pages) + 1) overwritten++;
    }
  expect(overwritten).toBeGreaterThan(LONG ? 20 : 5);
});

/** A timer that hands out a clone without a reference. */
class Forgetful extends Race {
  protected override retransmit(page: number): void {
    super.retransmit(page);
    this.b[DATAREF + this.b[ORIGINAL + page]!]!--;
  }
}

test.each([false, true])('a clone without a reference is found out (reduction: %s)', (reduce) => {
  const s = scope(Release.LAST_REFERENCE, [2, 1, 2, 4]);
  expect(search(s, reduce, new Forgetful(s, reduce)).holds).toBe(false);
});

test('reduction keeps a thousandth of the states', () => {
  const found = search(scope(Release.LAST_REFERENCE, [3, 1, 2, 6]), true); // 4 463 057 without
  expect(found.holds).toBe(true);
  expect(found.states).toBeLessThan(4464);
});
