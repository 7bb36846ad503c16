// What the judge keeps of a long run: no more than of a short one.
import { Side } from '@lastref/kernel';
import { HOST_B, StreamProducer, Consumer, twoHosts, type Workload } from '@lastref/workloads';
import { describe, expect, test, vi } from 'vitest';
import { Judge } from '../src/index.ts';
import { ShadowMemory } from '../src/truth/shadow.ts';
import { allDesigns, runByClock } from './machine.ts';

const designs = await allDesigns();

describe('memory', () => {
  /** One stream of `operations` blocks of two pages, four of them at a time. */
  function longRun(operations: number): Workload {
    return {
      id: 'long-run',
      title: 'a long run',
      story: 'Block after block on one connection.',
      frames: 256,
      horizonTicks: Number.MAX_SAFE_INTEGER,
      build(k) {
        const net = twoHosts(k, { rate: 1_000_000_000, delayTicks: 100 });
        const stream = { name: 'blocks', side: Side.LENT, reuseTicks: 0, pipe: false };
        const sizes = { operations, pagesPerOperation: 2, sets: 4 };
        const producer = new StreamProducer(k, { ...stream, ...sizes, rewrites: true });
        const consumer = new Consumer(k, {
          name: 'peer',
          side: Side.PEER,
          route: net.routeB,
          readBytes: 1 << 20,
          readTicks: 20,
        });
        net.b.listen(5001, consumer);
        net.a.connect('blocks', Side.LENT, net.routeA, 45001, HOST_B, 5001, producer);
        return { participants: [producer], chances: new Map() };
      },
    };
  }

  /** The most ranges that were kept at a time, and the bytes that this took. */
  function footprint(operations: number): { ranges: number; bytes: number; lendings: number } {
    const keep = vi.spyOn(ShadowMemory.prototype, 'keep');
    const release = vi.spyOn(ShadowMemory.prototype, 'release');
    try {
      const design = designs.find((d) => d.id === 'ian-frag-destructor')!;
      const { findings, completions } = runByClock(design, longRun(operations), new Judge());
      expect(findings).toEqual([]);
      expect(completions).toBe(operations);
      const memory = keep.mock.contexts[0] as ShadowMemory;
      const ends = release.mock.invocationCallOrder;
      let ranges = 0;
      let released = 0;
      keep.mock.invocationCallOrder.forEach((order, i) => {
        while (released < ends.length && ends[released]! < order) released++;
        ranges = Math.max(ranges, i + 1 - released);
      });
      return { ranges, bytes: memory.bytes.length, lendings: keep.mock.calls.length };
    } finally {
      keep.mockRestore();
      release.mockRestore();
    }
  }

  test('copies are let go of: a run ten times as long keeps no more of them', () => {
    const short = footprint(400);
    const long = footprint(4000);
    expect(long.lendings).toBeGreaterThan(9 * short.lendings);
    expect(short.ranges).toBeLessThan(64);
    expect(long.ranges).toBeLessThanOrEqual(short.ranges);
    expect(long.bytes).toBe(short.bytes);
  });
});
