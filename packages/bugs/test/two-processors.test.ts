// Bugs that take two processors: with one, every order of whole steps is clean.
import { GetPutPage, Kernel, NoProbe, SpinLock, addOtherProcessor, eraOf } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { Act, OtherAct } from '../src/act.ts';
import { BUGS, hunt } from '../src/index.ts';
import { program } from '../src/lib.ts';
import { SharedCount } from '../src/shared.ts';

const two = BUGS.filter((bug) => (bug.bound?.preemptions ?? 0) > 0);

test('there are six, and two more', () => {
  expect(two.length).toBeGreaterThanOrEqual(8);
});

test.each(two.map((bug) => [bug.id, bug] as const))('%s is not there with one', (_, bug) => {
  const alone = { ...bug, bound: { ...bug.bound, preemptions: 0 } };
  const { result, states } = hunt(alone, bug.wrong);
  expect(result).toBe('exhausted');
  expect(states).toBeGreaterThan(2); // there was an order to choose
});

// the goldens have the other, which takes longer
const programs = two.filter(({ on }) => on.length === 0);

test.each(programs.map((bug) => [bug.id, bug] as const))('%s is there with two', (_, bug) => {
  const { found } = hunt(bug, bug.wrong);
  expect(found!.finding.property).toBe(bug.property);
  const more = { ...bug, bound: { ...bug.bound, preemptions: 2 } };
  for (const bound of [bug, more]) expect(hunt(bound, bug.fixed).result).toBe('exhausted');
});

const plain = program('plain', 'nothing', 2026, (k) => new GetPutPage(k));
const machine = (): Kernel => new Kernel(plain, eraOf('7.2.13')!, new NoProbe(), 16);

/** Takes the step of `act`, with the first step of another processor at its n-th point. */
function comesIn(k: Kernel, act: Act, n: number): boolean {
  addOtherProcessor(k);
  const other = k.agenda.sources.at(-1)!;
  k.agenda.take(other.place, 0, (n - 1) * (1 << 20));
  k.agenda.take(act.place, 0, 0);
  return k.agenda.cameIn;
}

test('somebody else comes in between two operations on a count', () => {
  const k = machine();
  const count = new SharedCount(k, 1);
  const seen: number[] = [];
  const act = new Act(k, 'first', 'reads twice', () => {
    for (let n = 0; n < 2; n++) seen.push(count.read());
  });
  const other = new OtherAct(k, 'second', 'takes all', () => seen.push(-count.exchange(0)));
  for (const one of [act, other]) one.arm();
  expect(comesIn(k, act, 2)).toBe(true);
  expect(seen).toEqual([1, -1, 0]);
});

test('a compare-and-exchange of what has changed meanwhile does nothing', () => {
  const k = machine();
  const count = new SharedCount(k, 1);
  let done: boolean | null = null;
  const act = new Act(k, 'first', 'takes one', () => {
    done = count.compareExchange(count.read(), 0);
  });
  const other = new OtherAct(k, 'second', 'takes all', () => count.exchange(5));
  for (const one of [act, other]) one.arm();
  comesIn(k, act, 2);
  expect([done, count.read()]).toEqual([false, 5]);
});

/** A step that has a point under a lock, and one behind it. */
function locked(k: Kernel, lock: SpinLock): Act {
  return new Act(k, 'first', 'has the lock for a while', () => {
    lock.lock();
    k.point();
    lock.unlock();
    k.point();
  });
}

test.each([
  [1, false],
  [2, true],
])('who names a lock comes in at point %i where nobody has it: %s', (point, comes) => {
  const k = machine();
  const lock = new SpinLock(k, 'the lock');
  const act = locked(k, lock);
  let ran = false;
  const other = new OtherAct(k, 'second', 'takes the lock', () => (ran = true), undefined, lock);
  for (const one of [act, other]) one.arm();
  expect(comesIn(k, act, point)).toBe(comes);
  expect([ran, k.agenda.isArmed(other.place)]).toEqual([comes, !comes]);
});
