// What a program frees and goes on to use is found, with the order that leads there; what it frees last is not.
import { GetPutPage, HeapObject, declareState, type Kernel } from '@lastref/kernel';
import { findEra } from '@lastref/runner';
import { DEFAULT_BOUND, explore } from '@lastref/search';
import { expect, test } from 'vitest';
import { Act, OtherAct } from '../src/act.ts';
import { program } from '../src/lib.ts';
import { Owner } from '../src/owner.ts';
import { workloadOf } from '../src/wire.ts';

const design = program('frees', 'a program with one object', 2026, (k) => new GetPutPage(k));

class Frees extends Owner {
  readonly object: HeapObject;
  /** Whoever frees it may do so now. */
  published = false;

  constructor(k: Kernel, script: (frees: Frees) => void) {
    super(k, 'frees', 0);
    this.object = new HeapObject(k, 'the request');
    script(this);
  }

  step(name: string, act: () => void): void {
    new Act(this.k, name, 'works', act).arm();
  }

  other(name: string, act: () => void): void {
    new OtherAct(this.k, name, 'works', act).arm();
  }
}

declareState(Frees, { state: 'object published' });

function searched(script: (frees: Frees) => void, preemptions = 1): string {
  const workload = workloadOf('frees', 'one object', (k) => new Frees(k, script), {
    by: 'process',
    over: 'device',
  });
  const input = { design, workload, era: findEra('7.2.13'), seed: 1, processors: 2 as const };
  const bound = { ...DEFAULT_BOUND, preemptions };
  const { result, finding } = explore(input, { bound });
  return finding === null ? result : `${finding.property} ${finding.where}: ${finding.text}`;
}

test('what one step frees and another one uses', () => {
  const said = searched((all) => {
    all.step('first', () => all.object.use());
    all.step('second', () => all.object.free());
  });
  expect(said).toBe('freed the request: the request is used after it was freed');
});

test('what is freed twice', () => {
  const said = searched((all) => {
    all.step('first', () => all.object.free());
    all.step('second', () => all.object.free());
  });
  expect(said).toBe('freed the request: the request is freed a second time');
});

/** Who frees it waits until the other one says that it is done with it, which may not be the last thing that it does. */
function publishes(all: Frees, last: () => void): void {
  all.step('user', () => {
    all.object.use();
    all.published = true;
    last();
  });
  all.other('owner', () => {
    if (all.published) all.object.free();
  });
}

test('what is freed on the other processor, between a use and the next: not with one processor', () => {
  const usesAgain = (all: Frees): void => publishes(all, () => all.object.use());
  expect(searched(usesAgain)).toBe('freed the request: the request is used after it was freed');
  expect(searched(usesAgain, 0)).toBe('exhausted');
});

test('what is freed once nobody uses it any more is nothing to say', () => {
  expect(searched((all) => publishes(all, () => all.k.point()))).toBe('exhausted');
});
