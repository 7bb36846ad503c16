// A step is armed when it can be taken. One that is armed and refuses would come first for ever: it is said which.
import { GetPutPage, PAGE_SIZE, Side, declareState, type Kernel, type Loan } from '@lastref/kernel';
import { findEra } from '@lastref/runner';
import { Cell } from '@lastref/search';
import { ownPages } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { Act } from '../src/act.ts';
import { BUGS, cleanRuns, hunt, type Bug } from '../src/index.ts';
import { program } from '../src/lib.ts';
import { Owner } from '../src/owner.ts';
import { workloadOf } from '../src/wire.ts';

/** Can be taken once somebody says so. */
class Wait extends Act {
  ready = false;

  override take(): boolean {
    return this.ready && super.take();
  }
}

declareState(Wait, { state: 'ready' });

/** Sends a page, which somebody is done with who waits for it: armed from the start, or when there is something to do. */
class Sender extends Owner {
  private readonly page = ownPages(this.k, 1)[0]!;
  private readonly flow = this.k.newFlow(Side.LENT);
  private readonly wait = new Wait(this.k, 'device', 'is done', () => this.k.complete(this.loan!));
  private loan: Loan | null = null;

  constructor(k: Kernel, fromTheStart: boolean) {
    super(k, 'sender', 1);
    if (fromTheStart) this.wait.arm();
    new Act(k, 'process', 'sends', () => this.send()).arm();
  }

  private send(): void {
    this.loan = this.newLoan(1);
    this.k.probe.lent(this.loan, this.page, 0, PAGE_SIZE, this.flow, 0);
    this.handedOver(this.loan);
    this.wait.ready = true;
    this.wait.arm();
  }
}

declareState(Sender, { state: 'page loan', constant: 'flow wait' });

const design = program('armed', 'a page and no packet', 2026, (k) => new GetPutPage(k));

const sends = (fromTheStart: boolean) =>
  workloadOf('armed', 'a page is sent', (k) => new Sender(k, fromTheStart), {
    by: 'process',
    over: 'device',
  });

const bug = (fromTheStart: boolean): Bug => {
  const version = { design, era: '7.2.13', on: [{ program: sends(fromTheStart) }] };
  return { ...BUGS[0]!, bound: {}, property: 'double', wrong: version, fixed: version };
};

const refuses = "'device is done' is armed and does not apply";

test('a search, runs at random and the clock say which step refuses', () => {
  const wrong = bug(true);
  expect(() => hunt(wrong, wrong.wrong)).toThrow(refuses);
  expect(() => cleanRuns(wrong, wrong.wrong)).toThrow(refuses);
  const cell = new Cell({ design, workload: sends(true), era: findEra('7.2.13'), seed: 1 });
  expect(() => cell.runByClock()).toThrow(refuses);
});

test('who is armed by what it waits for is searched to the end', () => {
  const right = bug(false);
  expect(hunt(right, right.wrong).result).toBe('exhausted');
  expect(cleanRuns(right, right.wrong)).toEqual({ runs: 200, clean: 200 });
});
