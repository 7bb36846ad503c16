// Random runs with two processors: a race that whole steps never show.
import { OtherProcessor, eraOf, pointOf, type Design } from '@lastref/kernel';
import { miniature, workloadCalled } from '@lastref/workloads';
import { expect, test, vi } from 'vitest';
import { design as looks } from '../../../strategies/evgeniy-partial.ts';
import { design as counts } from '../../../strategies/ian-frag-destructor.ts';
import { Cell, Swarm, type BatchOptions, type Choice } from '../src/index.ts';

/** The seed of the first round of `lastref campaign`. */
const SEED = (Math.imul(1, 0x9e3779b1) + Math.imul(1, 0x85ebca6b)) >>> 1;
const workload = miniature(workloadCalled('bulk-loss')!, 2);
const inputOf = (design: Design) => ({
  design,
  workload,
  era: eraOf(design.era!.id)!, // that of its author
  seed: SEED,
});

const inside = (design: Design, more: Partial<BatchOptions>) =>
  new Swarm(inputOf(design), { runs: 150, steps: 60, failures: false, ...more })
    .run()
    .findings.filter((f) => f.cause.includes('the other processor'));

test('a look at a count and the put behind it: another processor comes in between, and its trace brings that along', () => {
  const [first] = inside(looks, { processors: 2 });
  expect(first?.property).toBe('lost');
  const { judgement } = new Cell(inputOf(looks)).play(first!.trace);
  expect(judgement.verdicts.lost).toBe('refuted');
});

test('with one processor nothing comes in, and with two nothing comes between what is one', () => {
  expect(inside(looks, { runs: 20 })).toEqual([]);
  expect(inside(counts, { processors: 2, runs: 60 })).toEqual([]);
});

test('what comes into a step may meet it, and comes at one of its first points', () => {
  const swarm = new Swarm(inputOf(looks), { runs: 60, steps: 60, failures: false, processors: 2 });
  type ComesInto = (prng: unknown, cell: Cell, next: Choice) => Choice | null;
  const comesInto = vi.spyOn(swarm as unknown as { comesInto: ComesInto }, 'comesInto');
  swarm.run();
  const came = comesInto.mock.calls.flatMap(([, cell, next], n) => {
    const inside = comesInto.mock.results[n]!.value as Choice | null;
    return inside === null ? [] : [{ inside, next, sources: cell.k.agenda.sources }];
  });
  expect(came.length).toBeGreaterThan(20);
  for (const { inside, next, sources } of came) {
    const other = sources[inside.place];
    expect(other instanceof OtherProcessor && other.mayMeet(sources[next.place]!)).toBe(true);
  }
  expect(Math.max(...came.map(({ inside }) => pointOf(inside.item)))).toBe(7);
});
