// Locks of programs: who waits for ever is found, with the order that leads there; who only waits is not.
import { Context, GetPutPage, SpinLock, declareState, type Kernel } from '@lastref/kernel';
import { findEra } from '@lastref/runner';
import { DEFAULT_BOUND, explore } from '@lastref/search';
import { expect, test } from 'vitest';
import { Act, InterruptAct, OtherAct } from '../src/act.ts';
import { program } from '../src/lib.ts';
import { Owner } from '../src/owner.ts';
import { workloadOf } from '../src/wire.ts';

const design = program('locks', 'a program with two locks', 2026, (k) => new GetPutPage(k));

/** A program of steps, two locks, and a point wherever it says so. */
class Steps extends Owner {
  readonly a: SpinLock;
  readonly b: SpinLock;

  constructor(k: Kernel, script: (steps: Steps) => void) {
    super(k, 'steps', 0);
    this.a = new SpinLock(k, 'lock a');
    this.b = new SpinLock(k, 'lock b');
    script(this);
  }

  step(name: string, act: () => void): void {
    new Act(this.k, name, 'works', act).arm();
  }

  other(name: string, act: () => void, lock: SpinLock | null = null): void {
    new OtherAct(this.k, name, 'works', act, Context.PROCESS, lock).arm();
  }

  interrupt(act: () => void, level: typeof Context.HARDIRQ | typeof Context.SOFTIRQ): void {
    new InterruptAct(this.k, 'device', 'interrupts', act, level).arm();
  }

  /** Takes the locks in this order, with a point under each, and gives them back. */
  takes(...locks: readonly SpinLock[]): void {
    for (const lock of locks) {
      lock.lock();
      this.k.point();
    }
    for (const lock of locks.toReversed()) lock.unlock();
    this.k.point();
  }
}

declareState(Steps, { constant: 'a b' });

/** What a search says of a program, with two processors and one step that comes in. */
function searched(script: (steps: Steps) => void, preemptions = 1) {
  const workload = workloadOf('locks', 'two locks', (k) => new Steps(k, script), {
    by: 'process',
    over: 'device',
  });
  const input = { design, workload, era: findEra('7.2.13'), seed: 1, processors: 2 as const };
  const { result, finding, cut, states } = explore(input, {
    bound: { ...DEFAULT_BOUND, preemptions },
  });
  return { result, property: finding?.property ?? null, text: finding?.text ?? '', cut, states };
}

test('a lock that a processor takes twice', () => {
  const { property, text } = searched((s) => s.step('first', () => s.takes(s.a, s.a)));
  expect([property, text]).toEqual([
    'stuck',
    'lock a is taken by a processor that holds it already',
  ]);
});

test('a lock that was never given back, by a step that is over', () => {
  const { property, text } = searched((s) => {
    s.step('first', () => s.a.lock());
    s.step('second', () => s.takes(s.a));
  });
  expect(property).toBe('stuck');
  expect(text).toContain('was never given back');
});

test('nor does who names such a lock wait for it without a word', () => {
  const { property, text } = searched((s) => {
    s.step('first', () => s.a.lock());
    s.other('second', () => s.takes(s.b), s.a);
  });
  expect(property).toBe('stuck');
  expect(text).toContain('lock a is taken by a processor, and was never given back');
});

test('two locks in two orders: each processor holds what the other one takes', () => {
  const { property, text } = searched((s) => {
    s.step('first', () => s.takes(s.a, s.b));
    s.other('second', () => s.takes(s.b, s.a));
  });
  expect(property).toBe('stuck');
  expect(text).toContain('one processor holds lock a and takes lock b');
});

test('two locks in one order are waited for, and no more', () => {
  const { result, cut } = searched((s) => {
    s.step('first', () => s.takes(s.a, s.b));
    s.other('second', () => s.takes(s.a, s.b));
  });
  expect(result).toBe('exhausted');
  expect(cut).toBeGreaterThan(0); // the second one waits in the middle, which no state is
});

test('who gives its lock back before it takes the other one keeps nobody waiting for ever', () => {
  const { result, cut } = searched((s) => {
    s.step('first', () => {
      s.takes(s.a);
      s.takes(s.b);
    });
    s.other('second', () => s.takes(s.b, s.a));
  });
  expect(result).toBe('exhausted');
  expect(cut).toBeGreaterThan(0);
});

test('nor are two orders found where nothing comes in', () => {
  const { result } = searched((s) => {
    s.step('first', () => s.takes(s.a, s.b));
    s.other('second', () => s.takes(s.b, s.a));
  }, 0);
  expect(result).toBe('exhausted');
});

test('an interrupt takes the lock of what it has interrupted', () => {
  const { property, text } = searched((s) => {
    s.step('first', () => s.takes(s.a));
    s.interrupt(() => s.takes(s.a), Context.HARDIRQ);
  });
  expect([property, text]).toEqual([
    'stuck',
    'an interrupt takes lock a, which what it has interrupted holds',
  ]);
});

/** What keeps whom away. */
const kept = [
  ['lockIrqsave', Context.HARDIRQ, 'exhausted'],
  ['lockIrqsave', Context.SOFTIRQ, 'exhausted'],
  ['lockBh', Context.SOFTIRQ, 'exhausted'],
  ['lockBh', Context.HARDIRQ, 'refuted'],
] as const;

test.each(kept)('%s, and an interrupt of level %i: %s', (how, level, expected) => {
  const back = how === 'lockBh' ? 'unlockBh' : 'unlockIrqrestore';
  const { result } = searched((s) => {
    s.step('first', () => {
      s.a[how]();
      s.k.point();
      s.a[back]();
      s.k.point();
    });
    s.interrupt(() => s.takes(s.a), level);
  });
  expect(result).toBe(expected);
});

test('interrupts that are off on one processor come in on the other', () => {
  const seen: string[] = [];
  searched((s) => {
    s.step('first', () => {
      s.a.lockIrqsave();
      s.k.point();
      s.a.unlockIrqrestore();
    });
    s.other('second', () => {
      if (s.a.held) seen.push('under the lock');
    });
  });
  expect(seen).not.toEqual([]);
});

test('a program that names no lock says nothing of being stuck', () => {
  const { result, property } = searched((s) => s.step('first', () => s.k.point()));
  expect([result, property]).toEqual(['exhausted', null]);
});
