// A proof says how many states it rests on, and a reader who repeats it must get the same: whatever a search leaves out,
// keeps, arms or looks at again shows in these numbers. One that moves has a reason, which its commit says.
import type { Design } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as rpcReply } from '../../../strategies/rpc-reply.ts';
import { design as sockWfree } from '../../../strategies/sock-wfree.ts';
import { Cell, DEFAULT_BOUND, explore, type Bound, type ExploreOptions } from '../src/index.ts';
import { inputOf } from './cells.ts';

const QUIET = { drops: 0, retransmissions: 0 };

const boundOf = (bound: Partial<Bound>): Bound => ({ ...DEFAULT_BOUND, ...bound });

describe('what is exhausted', () => {
  test.each<[string, Partial<Bound>, string]>([
    ['sendfile-locked', { retransmissions: 0 }, '18 states, 62 steps, 10 deep, 2 ends, 2 cut, 17'],
    [
      'sendfile-locked',
      { ...QUIET, failures: 1 },
      '45 states, 267 steps, 11 deep, 2 ends, 4 cut, 28',
    ],
    [
      'sendfile-locked',
      { ...QUIET, duplicates: 1 },
      '33 states, 175 steps, 13 deep, 3 ends, 0 cut, 24',
    ],
    [
      'sendfile-locked',
      { ...QUIET, overtakes: 1 },
      '21 states, 86 steps, 11 deep, 2 ends, 0 cut, 22',
    ],
    [
      'sendfile-locked',
      { ...QUIET, preemptions: 1 },
      '28 states, 119 steps, 10 deep, 2 ends, 0 cut, 33',
    ],
    [
      'vmsplice',
      { ...QUIET, preemptions: 1, failures: 1 },
      '151 states, 923 steps, 11 deep, 4 ends, 7 cut, 48',
    ],
    ['nfs-odirect', { ...QUIET, flight: 1 }, '26 states, 85 steps, 14 deep, 1 ends, 4 cut, 24'],
    ['nfs-odirect', { retransmissions: 0 }, '45 states, 148 steps, 14 deep, 2 ends, 3 cut, 37'],
    ['bulk-loss', QUIET, '10 states, 64 steps, 16 deep, 1 ends, 0 cut, 9'],
    ['tap-slow-reader', QUIET, '50 states, 191 steps, 15 deep, 1 ends, 0 cut, 24'],
    ['reset-midway', QUIET, '77 states, 301 steps, 20 deep, 5 ends, 0 cut, 30'],
    [
      'loopback-slow-reader',
      { ...QUIET, failures: 1 },
      '13 states, 47 steps, 6 deep, 2 ends, 2 cut, 11',
    ],
  ])('%s within %o', (workload, bound, expected) => {
    const found = explore(inputOf(ian, workload), { bound: boundOf(bound) });
    expect(found.result).toBe('exhausted');
    const { states, executions, depth, ends, cut, audited } = found;
    expect(
      `${states} states, ${executions} steps, ${depth} deep, ${ends} ends, ${cut} cut, ${audited}`,
    ).toBe(expected);
    expect([...found.exercised].sort()).toEqual(
      expect.arrayContaining(['corrupt', 'double', 'early', 'lost']),
    );
  });
});

describe('what is refuted', () => {
  test.each<[Design, string, Partial<ExploreOptions>, string]>([
    [rpcReply, 'sendfile-locked', {}, 'lost in 8 steps, 28 states, 46 steps, 7 deep'],
    [
      rpcReply,
      'sendfile-locked',
      { reduction: false },
      'lost in 10 steps, 46 states, 90 steps, 9 deep',
    ],
    [sockWfree, 'bulk-loss', {}, 'early in 7 steps, 31 states, 45 steps, 6 deep'],
    [
      sockWfree,
      'bulk-loss',
      { property: 'lost' },
      'lost in 12 steps, 131 states, 282 steps, 11 deep',
    ],
    [
      sockWfree,
      'loopback-slow-reader',
      { bound: boundOf({}) },
      'early in 2 steps, 3 states, 3 steps, 1 deep',
    ],
    [
      sockWfree,
      'loopback-slow-reader',
      { bound: boundOf({ failures: 2 }) },
      'early in 2 steps, 20 states, 81 steps, 1 deep',
    ],
  ])('%# by the shortest run, which its trace plays', (design, workload, options, expected) => {
    const input = inputOf(design, workload);
    const found = explore(input, { bound: boundOf(QUIET), ...options });
    const { finding, steps, states, executions, depth, trace, shortest } = found;
    expect(
      `${finding!.property} in ${steps} steps, ${states} states, ${executions} steps, ${depth} deep`,
    ).toBe(expected);
    expect([found.result, shortest, found.audited, [...found.exercised]]).toEqual([
      'refuted',
      true,
      0,
      [finding!.property],
    ]);
    const { findings } = new Cell(input).play(trace!).judgement;
    expect(findings.map((f) => `${f.text} in step ${f.step}`)).toContain(
      `${finding!.text} in step ${finding!.step}`,
    );
  });
});

describe('a finding whose shortest run takes more states than it may visit', () => {
  // depth first it takes 10 states to find, and 130 until nobody can have found a shorter one
  const lost = (states: number, first?: number) => {
    const input = inputOf(sockWfree, 'bulk-loss');
    const bound = boundOf({ ...QUIET, states });
    const found = explore(input, { bound, property: 'lost', ...(first && { first }) });
    const { result, shortest, steps, trace, finding } = found;
    const { findings } = new Cell(input).play(trace!).judgement;
    expect(findings.map((f) => f.text)).toContain(finding!.text);
    return [result, shortest, steps];
  };

  test('is told by the run that was found, and not called the shortest', () => {
    expect(lost(60)).toEqual(['refuted', false, 13]);
    expect(lost(129)).toEqual(['refuted', false, 13]);
    expect(lost(130)).toEqual(['refuted', true, 12]);
  });

  test('is looked for by breadth no further than that either', () => {
    expect(lost(100, 5)).toEqual(['refuted', false, 14]); // one of the runs by chance
    expect(lost(400, 5)).toEqual(['refuted', true, 12]);
  });
});

describe('what is neither', () => {
  test('more states than it may visit', () => {
    const bound = boundOf({ ...QUIET, states: 20 });
    const found = explore(inputOf(ian, 'sendfile-locked'), { bound, reduction: false });
    const { result, reason, states, finding, trace, audited } = found;
    expect([result, reason, states, finding, trace, audited]).toEqual([
      'bound-reached',
      null,
      21,
      null,
      null,
      0,
    ]);
  });

  test('runs that are longer than they may be', () => {
    const input = inputOf(ian, 'sendfile-locked');
    const within = (steps: number) =>
      explore(input, { bound: boundOf({ ...QUIET, steps }), reduction: false }).result;
    expect([11, 12].map(within)).toEqual(['bound-reached', 'exhausted']);
  });

  test('a workload whose teardown nobody may bring about', () => {
    const bound = boundOf({ ...QUIET, teardowns: 0 });
    const { result, reason, states } = explore(inputOf(ian, 'reset-midway'), { bound });
    expect([result, states]).toEqual(['not-a-proof', 6]);
    expect(reason).toBe(
      "what the workload is named for never happened in this scope: 'peer of bulk read end resets the connection' (raise --teardowns)",
    );
  });

  test('a search that is told to stop, which hears how far it is', () => {
    const heard: [number, number][] = [];
    const onProgress = (states: number, depth: number): boolean => {
      heard.push([states, depth]);
      return states >= 512;
    };
    const bound = boundOf({});
    const options = { bound, onProgress, first: 1 << 14, reduction: false };
    const { result, states } = explore(inputOf(ian, 'sendfile-locked'), options);
    expect(heard[0]).toEqual([1, 0]);
    expect(heard.map(([n]) => n).slice(0, 3)).toEqual([1, 257, 513]);
    expect([result, states]).toEqual(['bound-reached', 513]);
  });
});

test('a look by breadth is heard of, too: whenever so many states were left', () => {
  const heard: string[] = [];
  const hear = (states: number, depth: number): void => {
    heard.push(`${states} states, ${depth} deep`);
  };
  const search = (stopAt: number) => {
    heard.length = 0;
    const onProgress = (states: number, depth: number): boolean => {
      hear(states, depth);
      return states === stopAt;
    };
    const bound = boundOf({ states: 600 });
    return explore(inputOf(ian, 'sendfile-locked'), {
      bound,
      reduction: false,
      first: 10,
      onProgress,
    }).result;
  };
  const all = ['1 states, 0 deep', '1 states, 0 deep', '393 states, 7 deep'];
  const byChance = '11 states, 10 deep'; // as many as depth had left before
  expect([search(0), [...new Set(heard)]]).toEqual([
    'bound-reached',
    [...new Set(all), byChance, '257 states, 15 deep', '513 states, 10 deep'],
  ]);
  expect([search(257), heard.slice(0, 4), heard.at(-1)]).toEqual([
    'bound-reached',
    [...all, byChance],
    '257 states, 15 deep',
  ]);
  expect([search(11), heard]).toEqual(['bound-reached', [...all, byChance]]);
});

test('a search from a list of steps is about what may come behind them', () => {
  const input = inputOf(rpcReply, 'sendfile-locked');
  const whole = explore(input, { bound: boundOf(QUIET), reduction: false });
  const { sources } = new Cell(input).k.agenda;
  const submit = sources.find((s) => s.name === 'sendfile submit')!;
  const from = [{ place: submit.place, verb: 0, item: submit.item() }];
  const behind = explore(input, { bound: boundOf(QUIET), reduction: false, from });
  expect([behind.finding!.text, behind.steps]).toEqual([whole.finding!.text, whole.steps - 1]);
});
