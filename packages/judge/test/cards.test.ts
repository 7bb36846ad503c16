// What single properties say and do not say: on the smallest machines in which they have something to say. Each was a
// mutant that no test noticed.
import { describe, expect, test } from 'vitest';
import { wholePages } from '@lastref/workloads';
import { byHand, complete, sceneOf, type Scene } from './machine.ts';

/** The time passes, and nothing happens. */
function idle(scene: Scene, ticks: number): void {
  const { agenda } = scene.k;
  agenda.now += ticks;
  scene.judge.afterStep();
}

describe('late', () => {
  /** Told so many idle steps of 7 µs after all is done: what it says. */
  function told(idleSteps: number): string {
    const scene = sceneOf(byHand, { operations: [wholePages(1)] });
    scene.cast.writer.lends(0); // sent, read, acknowledged: nobody is left
    for (let n = 0; n < idleSteps; n++) idle(scene, 7);
    complete(scene);
    expect(scene.judge.findings).toEqual([]);
    const { beside } = scene.judge.judgement();
    expect(beside.map((f) => f.property)).toEqual(['late']);
    return beside[0]!.text;
  }

  test('says by how many steps and how long', () => {
    const words = /^loan 1 is completed (\d+) steps \((\d+) µs\) after its last reader went$/;
    const [, steps, ticks] = words.exec(told(0))!.map(Number);
    const [, more, longer] = words.exec(told(3))!.map(Number);
    expect([more! - steps!, longer! - ticks!]).toEqual([3, 21]);
  });
});

describe('unbounded', () => {
  /** A loan of tick 10 that nobody is told of, by tick `now`, while programs do nothing. */
  function untold(now: number): Scene {
    const scene = sceneOf(byHand, { operations: [wholePages(1)] });
    const { agenda } = scene.k;
    agenda.now = Math.max(agenda.now, 10);
    const lent = agenda.now;
    scene.cast.writer.lends(0);
    agenda.withholding = true;
    agenda.now = lent * now;
    return scene;
  }
  test('says nothing of a loan that a run which was cut left no time', () => {
    const scene = untold(1.9);
    scene.judge.finish(false);
    const { beside, verdicts } = scene.judge.judgement();
    expect(beside.map((f) => f.property)).not.toContain('unbounded');
    expect(verdicts.unbounded).toBe('holds');
  });

  test('says it of one that had half of the run, and of any when nothing is left to do', () => {
    for (const [now, drained] of [
      [2, false],
      [1.1, true],
    ] as const) {
      const scene = untold(now);
      scene.judge.finish(drained);
      const { beside, verdicts } = scene.judge.judgement();
      expect(beside.map((f) => f.property)).toContain('unbounded');
      expect(verdicts.unbounded).toBe('refuted');
    }
  });
});
