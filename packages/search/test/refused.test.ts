// A writer whom the design lets wait for ever is nothing that is still to come: a run with nobody else left is over, and a
// producer who was not told by then is lost. Else a design that tells nobody held wherever somebody wants to write.
import {
  GetPutPage,
  NoMemory,
  SingleStep,
  eraOf,
  type Design,
  type Kernel,
  type Page,
} from '@lastref/kernel';
import { miniature, workloadCalled } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design as stable } from '../../../strategies/stable-pages.ts';
import { Cell } from '../src/cell.ts';
import { DEFAULT_BOUND, drain, explore, type CellInput, type Choice } from '../src/index.ts';
import { possible } from '../src/exhaustive/choices.ts';
import { Start, stepsBeforeLending } from '../src/exhaustive/start.ts';

/** Has told nobody, and will not; nobody may write. */
class Silent extends GetPutPage {
  override mayWrite(_page: Page): boolean {
    return false;
  }
}

/** Comes up again whenever it has been taken. */
class Endless extends SingleStep {
  private readonly k: Kernel;

  constructor(k: Kernel) {
    super('endless', 'goes on');
    this.k = k;
    k.agenda.add(this);
    this.take();
  }

  take(): boolean {
    this.k.agenda.arm(this.place, this.k.agenda.now);
    return true;
  }
}

/** No packet ever leaves, not even to connect, until TCP gives up. */
class Mute extends GetPutPage {
  override clone(): never {
    throw new NoMemory('never any');
  }
}

const made = (id: string, create: Design['create']): Design => ({
  id,
  title: id,
  year: 2026,
  source: 'a test',
  status: 'canary',
  summary: '',
  adds: [],
  hooks: 0,
  claims: [],
  create,
});
const silent = made('silent', (k) => new Silent(k));
const mute = made('mute', (k) => new Mute(k));

const input = (design: Design, workload: string): CellInput => ({
  design,
  workload: workloadCalled(workload)!,
  era: eraOf('3.8')!,
  seed: 1,
});
const small = (design: Design, workload: string): CellInput => ({
  ...input(design, workload),
  workload: miniature(workloadCalled(workload)!, 1),
});

/** Somebody writes to a file, to what is under writeback, or cuts a file off. */
const WRITERS = ['sendfile-writer', 'nfs-buffered', 'sendfile-truncate'] as const;

describe.each(WRITERS)('%s, where a writer is let wait for ever', (workload) => {
  test('by the clock, who was never told is lost, though the writer still waits', () => {
    const cell = new Cell(input(silent, workload));
    const { drained, judgement } = cell.runByClock();
    expect(cell.k.agenda.earliest()).toBeGreaterThanOrEqual(0);
    expect([drained, judgement.verdicts.lost]).toEqual([true, 'refuted']);
  });

  test('in every order that is so as soon as nobody else is left', () => {
    const bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };
    const { result, finding } = explore(small(silent, workload), { bound });
    expect([result, finding?.property]).toEqual(['refuted', 'lost']);
  });
});

test('a writer who waits is asked again when something else has happened', () => {
  const cell = new Cell(input(stable, 'nfs-buffered'));
  const { drained, progress } = cell.runByClock();
  expect(drained).toBe(true);
  expect(cell.k.agenda.earliest()).toBe(-1); // every write was made in the end
  expect(progress.every(({ done, of }) => done === of)).toBe(true);
});

test('until something else has happened, asking the writer again is no step; then it is one', () => {
  const cell = new Start(small(silent, 'sendfile-writer'), false, false).machine();
  const { agenda } = cell.k;
  const steps = () => possible(agenda, false);
  const isWriter = ({ place }: { readonly place: number }): boolean =>
    agenda.sources[place]!.name.endsWith(' write');
  const writer = steps().find(isWriter)!;
  expect(cell.take(writer.place, writer.verb, writer.item)).toBe(true);
  expect(agenda.isArmed(writer.place)).toBe(true);
  expect(steps().filter(isWriter)).toEqual([]);
  const [other] = steps();
  expect(cell.take(other!.place, other!.verb, other!.item)).toBe(true);
  expect(steps().filter(isWriter)).toEqual([writer]);
  expect(agenda.atRest).toBe(false);
});

describe('where no page is ever lent', () => {
  const muted = small(mute, 'nfs-odirect');

  test('a search looks for the moment before the first lending as long as a run may take', () => {
    expect(stepsBeforeLending(muted)).toBe(0);
  });

  test('a run that has always something left to do is given up after six hundred steps', () => {
    const cell = new Cell(muted);
    new Endless(cell.k);
    const taken: Choice[] = [];
    expect([drain(cell, taken), cell.k.agenda.atRest]).toEqual([[], false]);
    expect([taken.length, cell.judge.step - 1]).toEqual([600, 600]);
  });

  test('nothing is proven, as no run comes to its end', () => {
    const { result, reason, ends } = explore(muted, { bound: DEFAULT_BOUND });
    expect([result, ends]).toEqual(['not-a-proof', 0]);
    expect(reason).toContain('no run came to its end');
  });
});
