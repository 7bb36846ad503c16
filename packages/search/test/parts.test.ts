// What a search is put together from, one part at a time: the machine of a cell, samples that are tried again, ways back,
// names of what was found.
import { OtherProcessor, Spend, comingAt, type Design, type StepSource } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as copyAlways } from '../../../strategies/copy-always.ts';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { design as rpcReply } from '../../../strategies/rpc-reply.ts';
import { Sample } from '../src/exhaustive/sample.ts';
import { States } from '../src/exhaustive/states.ts';
import type { Edge } from '../src/exhaustive/edges.ts';
import { Player } from '../src/exhaustive/player.ts';
import {
  Cell,
  DEFAULT_BOUND,
  RunStart,
  SPEND_MAX,
  Start,
  boundText,
  collisionChance,
  digestOf,
  explore,
  possible,
  sameSymptom,
  stepsBeforeLending,
  type Bound,
  type CellInput,
  type Choice,
  type Symptom,
} from '../src/index.ts';
import { spendOne } from '../src/exhaustive/bound.ts';
import { bareCell, inputOf } from './cells.ts';

describe('a cell', () => {
  test('says what a run came to: steps, time, who got how far, and what it cost whom', () => {
    const cell = new Cell(inputOf(ian, 'nfs-odirect'));
    const { steps, ticks, drained, progress, costs, digest, traces, notJudged } = cell.runByClock();
    expect([steps, ticks, drained, notJudged]).toEqual([
      cell.judge.step - 1,
      cell.k.agenda.now,
      true,
      '',
    ]);
    expect(steps).toBeGreaterThan(10);
    expect(progress.filter(({ done, of }) => done !== of)).toEqual([]);
    expect(progress.map(({ name }) => name)).toEqual(
      cell.scenario.participants.map(({ name }) => name),
    );
    expect(progress.some(({ of }) => of > 0)).toBe(true);
    expect([
      costs.lent['segments']! > 0,
      costs.peer['segments']! > 0,
      costs.ordinary['segments'],
    ]).toEqual([true, true, 0]);
    expect(digest).toBe(digestOf(cell.k, steps));
    expect(digest).not.toBe(digestOf(cell.k, steps + 1));
    expect(traces).toEqual([]);
  });

  test('lives in the memory that it is given, or in as much as its workload asks for', () => {
    const input = inputOf(ian, 'loopback-slow-reader');
    const mem = new Uint8Array(new Cell(input).k.mem.length);
    expect(new Cell({ ...input, mem }).k.mem.buffer).toBe(mem.buffer);
    const memory = 2 * mem.length;
    expect(new Cell({ ...input, workload: { ...input.workload, memory } }).k.mem).toHaveLength(
      memory,
    );
  });

  test('takes a step that applies, at its time, and no other', () => {
    const cell = bareCell();
    const { agenda } = cell.k;
    const before = [agenda.now, cell.judge.step];
    expect(cell.take(999, 0, 0)).toBe(false);
    const idle = agenda.sources.findIndex(
      (s, place) => !agenda.isArmed(place) && s !== cell.faults,
    );
    expect(cell.take(idle, 0, agenda.sources[idle]!.item())).toBe(false);
    expect([agenda.now, cell.judge.step]).toEqual(before);
    const place = agenda.earliest();
    const due = agenda.due[place]!;
    expect(cell.take(place, 0, agenda.sources[place]!.item())).toBe(true);
    expect([agenda.now >= due, cell.judge.step]).toEqual([true, 2]);
  });

  test('whose programs stop tells of who waits for them; without such programs there is no such run', () => {
    const stopped = new Cell(inputOf(ian, 'tap-slow-reader')).runWithheld()!;
    expect(stopped.judgement.verdicts.unbounded).toBe('refuted');
    const traced = new Cell(inputOf(ian, 'tap-slow-reader')).play(stopped.besideTraces[0]!);
    expect(traced.judgement.beside.map((f) => f.property)).toContain('unbounded');
    expect(new Cell(inputOf(ian, 'nfs-odirect')).runWithheld()).toBeNull();
    // how it ended is worth a word only where it says something: with nothing found it is one of many half runs
    const nothing = new Cell(inputOf(copyAlways, 'tap-slow-reader')).runWithheld();
    expect([nothing?.judgement.findings, nothing?.judgement.beside]).toEqual([[], []]);
    expect([nothing?.digest, stopped.digest]).toEqual([
      '',
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ]);
  });

  test('whose programs stop is waited for until something is lent, to the last tick of a run and no longer', () => {
    const input = inputOf(ian, 'tap-slow-reader');
    const cell = new Cell(input);
    for (let n = stepsBeforeLending(input); n > 0; n--) cell.clock();
    const { now } = cell.k.agenda; // the next step lends
    const withheld = (horizonTicks: number) =>
      new Cell({ ...input, workload: { ...input.workload, horizonTicks } }).runWithheld();
    expect(withheld(now - 1)).toBeNull();
    expect(withheld(now)?.steps).toBeGreaterThan(cell.judge.step);
  });

  test('of which the workload says that it cannot be judged has no verdict but what was refuted', () => {
    const reason = 'the capture ends before it';
    const judged = (design: Design) => {
      const input = inputOf(design, 'sendfile-locked');
      const workload = { ...input.workload, unjudged: () => reason };
      return new Cell({ ...input, workload }).runByClock();
    };
    const right = judged(ian);
    expect(right.notJudged).toBe(reason);
    expect(new Set(Object.values(right.judgement.verdicts))).toEqual(new Set(['not-judged']));
    expect(judged(naive).judgement.verdicts.early).toBe('refuted');
    expect(judged(naive).judgement.verdicts.lost).toBe('not-judged');
  });
});

describe('samples', () => {
  const offered = (n: number, seed = 1): number[] => {
    const sample = new Sample<number>(seed);
    for (let i = 0; i < n; i++) sample.offer(() => i);
    return sample.shuffled();
  };

  test('are all that was offered while there is room, each once', () => {
    expect(offered(0)).toEqual([]);
    expect(offered(512).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 512 }, (_, i) => i),
    );
  });

  test('are of the beginning as of the end, where more was offered', () => {
    const kept = offered(5120);
    expect([kept.length, new Set(kept).size]).toEqual([512, 512]);
    for (let tenth = 0; tenth < 10; tenth++) {
      const here = kept.filter((i) => Math.floor(i / 512) === tenth).length;
      expect(here, `tenth ${tenth}`).toBeGreaterThan(30);
      expect(here, `tenth ${tenth}`).toBeLessThan(75);
    }
  });

  test('come in any order: any of them may be first, and any last', () => {
    const orders = Array.from({ length: 200 }, (_, seed) => offered(3, seed).join(''));
    expect(new Set(orders)).toEqual(new Set(['012', '021', '102', '120', '201', '210']));
    for (const order of new Set(orders))
      expect(orders.filter((one) => one === order).length, order).toBeGreaterThan(12);
    expect(offered(50)).toEqual(offered(50));
  });
});

test('two findings are one symptom if property, harm and place agree', () => {
  const one: Symptom = { property: 'early', harm: 'hazard', where: 'tap' };
  expect(sameSymptom(one, { ...one })).toBe(true);
  for (const other of [{ property: 'lost' }, { harm: 'wire' }, { where: 'tx ring' }] as const)
    expect(sameSymptom(one, { ...one, ...other }), JSON.stringify(other)).toBe(false);
});

describe('what a run may spend', () => {
  const bound: Bound = {
    ...DEFAULT_BOUND,
    drops: 2,
    duplicates: 1,
    overtakes: 3,
    failures: 15,
    retransmissions: 1,
    teardowns: 1,
    preemptions: 2,
  };
  const most = (kind: Spend): number => {
    let [spent, n] = [0, 0];
    while (n < 100) {
      const next = spendOne(bound, spent, kind);
      if (next < 0) return n;
      spent = next;
      n++;
    }
    return Infinity;
  };

  test('is what the bound says, of each kind, whatever was spent of the others', () => {
    expect(
      [
        Spend.DROP,
        Spend.DUPLICATE,
        Spend.OVERTAKE,
        Spend.FAILURE,
        Spend.TIMEOUT,
        Spend.TEARDOWN,
        Spend.PREEMPTION,
        Spend.DELAY,
        Spend.NOTHING,
      ].map(most),
    ).toEqual([2, 1, 3, SPEND_MAX, 1, 1, 2, 0, Infinity]);
    const all = [
      Spend.DROP,
      Spend.DUPLICATE,
      Spend.OVERTAKE,
      Spend.TIMEOUT,
      Spend.FAILURE,
      Spend.TEARDOWN,
      Spend.PREEMPTION,
    ];
    const spent = all.reduce((sum, kind) => spendOne(bound, sum, kind), 0);
    expect(spent).toBeGreaterThan(0);
    expect(all.map((kind) => spendOne(bound, spent, kind) > 0)).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  test('is said in words, a second processor only where there is one', () => {
    expect(boundText(DEFAULT_BOUND)).toBe(
      '1 operation, at most 1 retransmission, 1 drop, 0 duplicates, 0 overtakings, 0 failures, 1 teardown, 8 packets in flight, 200 steps a run',
    );
    expect(boundText({ ...bound, operations: 2 })).toBe(
      '2 operations, at most 1 retransmission, 2 drops, 1 duplicate, 3 overtakings, 15 failures, 1 teardown, two processors, 2 steps of one inside a step of the other, 8 packets in flight, 200 steps a run',
    );
  });
});

test('states lead back to the start by the way that was come last', () => {
  const states = new States();
  const edge = (place: number, spent = 0): Edge => ({
    place,
    verb: 0,
    item: 0,
    arms: [],
    host: 0,
    spent,
    tearsDown: false,
  });
  expect(states.add(1, 1, -1, null)).toBe(0);
  for (let n = 1; n <= 9000; n++) expect(states.add(n + 1, n, n - 1, edge(n % 50, n % 7))).toBe(n);
  expect(states.add(5, 4, 0, edge(1))).toBe(4); // known
  expect(
    states
      .pathTo(9000)
      .map((e) => e.place)
      .slice(0, 3),
  ).toEqual([1, 2, 3]);
  expect([states.pathTo(9000).length, states.pathTo(0), states.size]).toEqual([9000, [], 9001]);
  expect([states.spentAt(-1), states.spentAt(0), states.spentAt(1), states.spentAt(8)]).toEqual([
    0, 0, 1, 1,
  ]);
  expect([states.parentOf(9000), states.edgeTo(9000).place]).toEqual([8999, 0]);
  expect([states.hiOf(9000), states.loOf(9000)]).toEqual([9001, 9000]);
  const { bytes } = states;
  states.comeTo(9000, 2, edge(49));
  expect(states.pathTo(9000).map((e) => e.place)).toEqual([1, 2, 49]);
  expect(states.bytes).toBe(bytes); // an edge that is known
  states.comeTo(9000, 2, { ...edge(49), arms: [{ place: 3, verb: 0, item: 1 }] });
  expect(states.bytes).toBeGreaterThan(bytes);
});

describe('where a search begins', () => {
  test('is the moment before the first page is lent, with a clock that stands still', () => {
    const input = inputOf(ian, 'nfs-odirect');
    const cell = new Start(input, false, false).newMachine();
    const plain = new Cell(input);
    for (let n = stepsBeforeLending(input); n > 0; n--) plain.clock();
    expect([plain.judge.lentPages().length, cell.judge.lentPages().length]).toEqual([0, 0]);
    plain.clock();
    expect(plain.judge.lentPages().length).toBeGreaterThan(0);
    expect([cell.k.agenda.stopped, plain.k.agenda.stopped]).toEqual([true, false]);
  });

  test('is as far as a run by the clock goes, to its last tick; where that lends nothing it is the very beginning', () => {
    const input = inputOf(ian, 'nfs-odirect');
    const cell = new Cell(input);
    for (let n = stepsBeforeLending(input); n > 0; n--) cell.clock();
    const { now } = cell.k.agenda; // the next step lends
    const until = (horizonTicks: number) => {
      const soFar = { ...input, workload: { ...input.workload, horizonTicks } };
      const byClock = new Cell(soFar);
      byClock.runByClock();
      return [stepsBeforeLending(soFar), byClock.judge.lentLoans > 0];
    };
    expect(cell.judge.step).toBeGreaterThan(1);
    expect(until(now)).toEqual([cell.judge.step - 1, true]);
    expect(until(now - 1)).toEqual([0, false]);
  });

  test('leaves something out where a device may do its part at once, or a program may read first', () => {
    const start = new Start(inputOf(ian, 'sendfile-locked'), true, true);
    const { sources } = start.machineInUse.k.agenda;
    const all = [...sources];
    const leavesOut = (is: (one: StepSource) => boolean): boolean => {
      const some = all.filter(is);
      expect(some.length).toBeGreaterThan(0);
      sources.splice(0, Infinity, ...some);
      return start.leavesOut;
    };
    const isEager = ({ eager }: StepSource): boolean => eager === true;
    const mayComeFirst = (one: StepSource): boolean => one.mayComeFirst !== undefined;
    const neither = (one: StepSource): boolean => !isEager(one) && !mayComeFirst(one);
    expect([isEager, mayComeFirst, neither, () => true].map(leavesOut)).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  test('a device does its part at once; where nobody has read the design, unless a packet may be sent again while it has it', () => {
    for (const foreign of [false, true]) {
      const start = new Start({ ...inputOf(ian, 'nfs-odirect'), foreign }, true, false);
      const cell = start.machine();
      const { agenda } = cell.k;
      let [done, waits] = [0, 0];
      while (!agenda.atRest) {
        const place = agenda.earliest();
        cell.take(place, 0, agenda.sources[place]!.item());
        const before = cell.judge.step;
        start.settle(cell);
        done += cell.judge.step - before;
        const left = agenda.sources.filter(
          (one) => one.eager === true && agenda.isArmed(one.place),
        );
        expect(left.filter((one) => !foreign || one.mayBeSentAgain?.() !== true)).toEqual([]);
        waits += left.length;
      }
      expect([done > 0, waits > 0]).toEqual([true, foreign]);
    }
  });

  test('is half way through a step where the list ends so: what a device does at once comes behind that', () => {
    const input: CellInput = { ...inputOf(ian, 'nfs-odirect'), processors: 2 };
    const begins = (list: readonly Choice[], reduction: boolean) => {
      const { k, judge } = new Start(input, reduction, false, list).machine();
      return { coming: k.agenda.coming !== null, steps: judge.step };
    };
    const cell = new Start(input, false, false).machine();
    const { agenda } = cell.k;
    const isEager = ({ eager, place }: StepSource): boolean =>
      eager === true && agenda.isArmed(place);
    const list: Choice[] = [];
    const ends: Choice[][] = [];
    while (ends.length === 0) {
      const place = agenda.sources.findIndex((one) => agenda.isArmed(one.place) && !isEager(one));
      const next = { place, verb: 0, item: agenda.sources[place]!.item() };
      cell.take(place, 0, next.item);
      list.push(next);
      if (!agenda.sources.some(isEager)) continue;
      for (const other of agenda.sources) {
        const pairs: number[] = [];
        if (other instanceof OtherProcessor) other.possible(pairs);
        if (pairs.length > 0)
          ends.push([
            ...list,
            { place: other.place, verb: pairs[0]!, item: comingAt(0, pairs[1]!) },
          ]);
      }
    }
    for (const end of ends) {
      const half = begins(end, false);
      expect([half.coming, begins(end, true)]).toEqual([true, half]);
    }
    expect(begins(list, true).steps).toBeGreaterThan(begins(list, false).steps);
  });

  test('a search looks at a new machine at its first states, and then seldom', () => {
    // 10 states: of those numbered 0, 1, 2, 4, 8 a second one is made, beside that of the search itself
    const input = inputOf(ian, 'bulk-loss');
    let builds = 0;
    const { build } = input.workload;
    const workload: typeof input.workload = {
      ...input.workload,
      build: (k, seed) => {
        builds++;
        return build.call(input.workload, k, seed);
      },
    };
    const bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };
    expect(explore({ ...input, workload }, { bound }).states).toBe(10);
    // more find out what is learnt before, where the first page is lent (twice), and what was left out
    expect(builds).toBe(4 + 5 + 1);
  });

  test('is where something shows already, and then it is found there, in no step more', () => {
    const input = inputOf(naive, 'loopback-slow-reader');
    const { list } = new RunStart(input, explore(input, { bound: DEFAULT_BOUND }).trace!);
    const { result, steps, finding, trace } = explore(input, { bound: DEFAULT_BOUND, from: list });
    expect([result, steps]).toEqual(['refuted', 0]);
    const { judgement } = new Cell(input).play(trace!);
    expect(judgement.findings.map((f) => f.text)).toContain(finding!.text);
  });

  test('a recorded run begins behind the stop of its clock, or where the first page is lent', () => {
    const input = inputOf(rpcReply, 'sendfile-locked');
    const bound = { ...DEFAULT_BOUND, drops: 0, retransmissions: 0 };
    const { trace, finding, steps } = explore(input, { bound, reduction: false });
    const start = new RunStart(input, trace!);
    const cell = start.machine();
    expect([cell.k.agenda.stopped, cell.judge.lentPages()]).toEqual([true, []]);
    expect(start.list.length).toBeLessThanOrEqual(steps);
    start.list.forEach(({ place, verb, item }, n) => {
      expect(cell.take(place, verb, item)).toBe(true);
      expect(n > 0 || cell.judge.lentPages().length > 0).toBe(true); // the first step lends
    });
    expect(cell.over().findings.map((f) => f.text)).toContain(finding!.text);
  });
});

test('what may be taken is all that is armed, and failures if they are asked for', () => {
  const cell = new Start(inputOf(ian, 'sendfile-locked'), false, false).newMachine();
  const names = (failures: boolean): string[] =>
    possible(cell.k.agenda, failures).map(({ place, verb }) => {
      const { name, verbs } = cell.k.agenda.sources[place]!;
      return `${name} ${verbs[verb]}`;
    });
  expect(names(false)).toContain('sendfile submit submits');
  expect(names(false).join()).not.toContain('failure');
  expect(names(true).slice(0, names(false).length).join()).not.toBe('');
  expect(names(true).join()).toContain('failure fails an allocation');
  expect(possible(cell.k.agenda, true).every(({ spend }) => spend !== Spend.DELAY)).toBe(true);
});

test('states are taken for one by chance once in 2⁶⁵ pairs', () => {
  expect([collisionChance(0), collisionChance(2 ** 20), collisionChance(2 ** 32)]).toEqual([
    0,
    2 ** -25,
    0.5,
  ]);
});

test('a run is traced if what it is said to show shows in it, in the very step', () => {
  const start = new Start(inputOf(naive, 'loopback-slow-reader'), false, true);
  const cell = start.machine();
  const path: Edge[] = [];
  while (cell.judge.findings.length === 0) {
    const [first] = possible(cell.k.agenda, false);
    const { place, verb, item } = first!;
    cell.take(place, verb, item);
    path.push({ place, verb, item, arms: [], host: 0, spent: 0, tearsDown: false });
  }
  const [finding] = cell.judge.findings;
  const player = new Player(start, { bound: DEFAULT_BOUND }, null);
  const traced = (other: Partial<typeof finding>): boolean =>
    player.runOf({ path, finding: { ...finding!, ...other }, steps: 0, atEnd: false }) !== null;
  expect(traced({})).toBe(true);
  expect(
    [{ property: 'lost' }, { harm: 'wire' }, { where: 'tap' }, { step: 1 }].map((other) =>
      traced(other as Partial<typeof finding>),
    ),
  ).toEqual([false, false, false, false]);
});
