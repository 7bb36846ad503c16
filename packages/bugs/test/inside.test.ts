// What happens inside a step: it makes a step of the other processor possible, which comes in before it ends; and a
// producer is told while the step goes on to read.
import {
  GetPutPage,
  PAGE_SIZE,
  PageHome,
  Reader,
  Side,
  allocHomePage,
  declareState,
  type Holder,
  type HolderVisitor,
  type Kernel,
  type Loan,
  type Page,
} from '@lastref/kernel';
import { findEra } from '@lastref/runner';
import { Cell, DEFAULT_BOUND, Swarm, explore } from '@lastref/search';
import { expect, test } from 'vitest';
import { Act, InterruptAct, OtherAct } from '../src/act.ts';
import { program } from '../src/lib.ts';
import { Owner } from '../src/owner.ts';
import { workloadOf } from '../src/wire.ts';

const design = program('inside', 'a program with one buffer', 2026, (k) => new GetPutPage(k));

/** A buffer that is on a queue, or is being read by whoever took it from there. */
class Queue extends Owner implements Holder {
  readonly page: Page;
  private readonly flow: number;
  readonly loan: Loan;
  reads = false;

  constructor(k: Kernel, script: (queue: Queue) => void) {
    super(k, 'queue', 1);
    this.page = allocHomePage(k, PageHome.POOL);
    this.flow = k.newFlow(Side.LENT);
    this.loan = this.newLoan(1);
    k.holders.push(this);
    script(this);
  }

  /** A buffer is put on the queue. */
  put(): void {
    const { k, page, flow, loan } = this;
    k.probe.lent(loan, page, 0, PAGE_SIZE, flow, 0);
    this.handedOver(loan);
    this.reads = true;
  }

  read(): void {
    const { page, flow } = this;
    this.k.probe.read(Reader.NIC, flow, 0, PAGE_SIZE, page.address, page);
  }

  /** Nobody will read it from now on. */
  over(): void {
    this.reads = false;
    this.k.releases++;
  }

  tell(): void {
    this.k.complete(this.loan);
  }

  forEachReader(visitor: HolderVisitor): void {
    if (this.reads) visitor.page(this.page, 0, PAGE_SIZE, 'device');
  }
}

declareState(Queue, { state: 'reads', constant: 'page flow loan' });

function searched(script: (queue: Queue) => void, preemptions = 1) {
  const workload = workloadOf('inside', 'one buffer', (k) => new Queue(k, script), {
    by: 'process',
    over: 'device',
  });
  const input = { design, workload, era: findEra('7.2.13'), seed: 1, processors: 2 as const };
  const bound = { ...DEFAULT_BOUND, preemptions };
  const { result, finding, trace, states } = explore(input, { bound });
  const { property = null, text = '' } = finding ?? {};
  return { result, property, text, trace, states, input };
}

/** A step queues a buffer, wakes a worker, and looks at the buffer once more. */
function wakesAWorker(queue: Queue, looksOnceMore: boolean): void {
  const { k } = queue;
  const worker = new OtherAct(k, 'worker', 'takes the buffer and tells', () => {
    queue.over();
    queue.tell();
  });
  const backlog = new Act(k, 'backlog', 'queues a buffer and wakes a worker', () => {
    queue.put();
    worker.arm();
    k.point();
    if (looksOnceMore) queue.read();
  });
  backlog.arm();
}

test('a worker that a step wakes takes the buffer before that step is over', () => {
  const { result, property, text } = searched((queue) => wakesAWorker(queue, true));
  expect([result, property]).toEqual(['refuted', 'early']);
  expect(text).toBe('loan 1 is completed inside a step in which the nic goes on to read its pages');
});

test('random runs come in there too', () => {
  const { input } = searched((queue) => wakesAWorker(queue, true));
  const { findings } = new Swarm(input, {
    runs: 60,
    steps: 10,
    failures: false,
    processors: 2,
  }).run();
  expect(findings.map((f) => f.property)).toContain('early');
  const { trace } = findings.find((f) => f.property === 'early')!;
  expect(new Cell(input).play(trace).judgement.verdicts.early).toBe('refuted');
});

test('it is no fault where the step does not look at the buffer any more', () => {
  expect(searched((queue) => wakesAWorker(queue, false)).result).toBe('exhausted');
});

test('nor with one processor, where the worker waits until the step is over', () => {
  expect(searched((queue) => wakesAWorker(queue, true), 0).result).toBe('exhausted');
});

test('the order is played again from its trace', () => {
  const { input, trace } = searched((queue) => wakesAWorker(queue, true));
  const { findings } = new Cell(input).play(trace!).judgement;
  expect(findings.map(({ property }) => property)).toEqual(['early']);
});

/** A step reads a buffer that was there before, and gives it up; somebody else tells, once it is read or before. */
function readsAndGivesUp(queue: Queue, Other: typeof OtherAct | typeof InterruptAct): void {
  const { k } = queue;
  const other = new Other(k, 'other', 'tells', () => queue.tell());
  const reader = new Act(k, 'reader', 'reads and gives the buffer up', () => {
    k.point();
    queue.read();
    queue.over();
  });
  const first = new Act(k, 'first', 'queues a buffer', () => {
    queue.put();
    reader.arm();
    other.arm();
  });
  first.arm();
}

test.each([
  ['the other processor', OtherAct],
  ['an interrupt', InterruptAct],
])('%s tells while the step goes on to read', (_, Other) => {
  const { result, property } = searched((queue) => readsAndGivesUp(queue, Other));
  expect([result, property]).toEqual(['refuted', 'early']);
});

test('between the lines of one function nothing is early: it tells, reads and gives up in one', () => {
  const { result, states } = searched((queue) => {
    const { k } = queue;
    const all = new Act(k, 'all', 'tells, reads and gives the buffer up', () => {
      k.point();
      queue.put();
      queue.tell();
      queue.read();
      queue.over();
    });
    all.arm();
  });
  expect(result).toBe('exhausted');
  expect(states).toBeGreaterThan(1);
});
