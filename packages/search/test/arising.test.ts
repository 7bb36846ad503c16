// A step that hands a packet to a ring, or wakes a worker, makes steps of the other processor possible while it goes on: those
// are found out as it is played, each at the points at which it can come in.
import { OtherProcessor, comingAt, type Kernel } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { Arising } from '../src/exhaustive/arising.ts';

/** A source of steps at another processor, which may meet the step or not. */
function other(place: number, possible: readonly number[], meets = true): OtherProcessor {
  return Object.create(OtherProcessor.prototype, {
    place: { value: place },
    mayMeet: { value: () => meets },
    possible: { value: (out: number[]) => void out.push(...possible) },
  }) as OtherProcessor;
}

test('what was possible before may come in at each point; what the step has made possible, from there on', () => {
  const ring: number[] = [1, 0]; // a verb and an item each
  const sources = [{}, other(1, ring), other(2, [7, 7], false)];
  const k = { agenda: { sources, passing: null }, countdown: 0 } as unknown as Kernel;
  const arising = new Arising();
  arising.begin(k, 0);
  expect(k.agenda.passing).toBe(arising);
  arising.pass();
  ring.push(1, 5, 2, 0); // another item, another verb
  arising.pass();
  arising.end();
  arising.pass();
  expect([k.agenda.passing, k.countdown, arising.points]).toEqual([null, 0, 3]);
  const at = (point: number, verb: number, item: number) => ({
    place: 1,
    verb,
    item: comingAt(point, item),
  });
  expect(arising.steps).toEqual([at(1, 1, 5), at(1, 2, 0)]);
  expect(arising.comings()).toEqual([at(0, 1, 0), at(1, 1, 0), at(2, 1, 0), ...arising.steps]);
  arising.forget();
  expect([arising.points, arising.comings()]).toEqual([0, []]);
});
