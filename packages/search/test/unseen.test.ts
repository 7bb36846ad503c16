// A design that keeps something where no moment sees it: a machine that is set back is no new one to it. A batch notices, and
// gives each run a machine that nobody used.
import {
  SingleStep,
  declareState,
  type Design,
  type Kernel,
  type Loan,
  type Page,
  type SkBuff,
} from '@lastref/kernel';
import { expect, test } from 'vitest';
import { NaiveSendpage, design as naive } from '../../../strategies/naive-sendpage.ts';
import { PerFrag } from '../../kernel/test/designs.ts';
import {
  DEFAULT_BOUND,
  Swarm,
  explore,
  type Batch,
  type BatchOptions,
  type CellInput,
} from '../src/index.ts';
import { inputOf } from './cells.ts';

/** Says how often a machine has lent, by a count that is not put back with it. */
class Unseen extends NaiveSendpage {
  #lent = 0;
  lent = 0;

  override lend(skb: SkBuff, page: Page, at: number, size: number, loan: Loan): void {
    super.lend(skb, page, at, size, loan);
    this.lent = ++this.#lent;
  }
}

/** A device that may do something at any time, which changes nothing, and is in no hurry by the clock. */
class Idle extends SingleStep {
  private readonly k: Kernel;

  constructor(k: Kernel) {
    super('idle device', 'does nothing', undefined, true);
    this.k = k;
    k.agenda.arm(k.agenda.add(this), 1e9);
  }

  take(): boolean {
    this.k.agenda.disarm(this.place);
    return true;
  }
}

declareState(Idle, { constant: 'k' });

interface Ran extends Batch {
  /** Machines that were made for it. */
  readonly machines: number;
}

function batch(of: Pick<Design, 'create'>, more: Partial<CellInput & BatchOptions> = {}): Ran {
  let machines = 0;
  const create: Design['create'] = (k) => {
    machines++;
    return of.create(k);
  };
  const input = { ...inputOf({ ...naive, create }, 'bulk-loss'), seed: 3, ...more };
  const options = { runs: RUNS, steps: 30, failures: true, ...more };
  return { ...new Swarm(input, options, []).run(), machines };
}

const RUNS = 16;

const unseen: Pick<Design, 'create'> = { create: (k) => new Unseen(k) };

test.each([
  ['bulk-loss', {}],
  ['vringfd-reader-stops', { processors: 2 }],
] as const)('of %s runs on new machines are those on one that is set back: %j', (id, more) => {
  const { workload } = inputOf(naive, id);
  const { machines, ...apart } = batch(unseen, { workload, ...more });
  const { machines: few, ...again } = batch(naive, { workload, ...more });
  expect(apart).toEqual(again);
  expect(again.kept.length).toBeGreaterThan(2);
  expect(machines).toBeGreaterThan(RUNS); // one for each run, at least
  expect(few).toBeLessThan(RUNS);
});

test.each([
  ['on the machine that is set back', naive],
  ['on new ones', unseen],
])('what a device may do at once it does at any time, %s', (_, of) => {
  const { workload } = inputOf(naive, 'bulk-loss');
  const idle: typeof workload = {
    ...workload,
    build(k, seed) {
      const scenario = workload.build(k, seed);
      new Idle(k);
      return scenario;
    },
  };
  const few = { runs: 5, steps: 0 };
  expect(batch(of, { ...few, workload: idle }).steps).toBe(batch(of, few).steps + few.runs);
});

test('a search of it takes new machines, too: what it finds is true, and that it finds nothing is no proof', () => {
  class Right extends PerFrag {
    #lent = 0;
    lent = 0;

    override keepsOwner(): boolean {
      return true;
    }
    override lend(skb: SkBuff, page: Page, at: number, size: number, loan: Loan): void {
      super.lend(skb, page, at, size, loan);
      this.lent = ++this.#lent;
    }
  }
  class Forgets extends Right {
    override released(): void {}
  }
  const bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };
  const searched = (create: Design['create']) =>
    explore(inputOf({ ...naive, create }, 'sendfile-locked'), { bound });
  const wrong = searched((k) => new Forgets(k));
  expect([wrong.result, wrong.finding?.property]).toEqual(['refuted', 'lost']);
  const right = searched((k) => new Right(k));
  expect([right.result, right.finding]).toEqual(['not-a-proof', null]);
  expect(right.reason).not.toBe('');
});
