// Exhaustive search: what it finds, and why its shortcuts can be trusted.
import {
  GetPutPage,
  SHARE,
  eraOf,
  type CloneAnswer,
  type Design,
  type Loan,
} from '@lastref/kernel';
import type { Property } from '@lastref/judge';
import { Prng, miniature, workloadCalled, type Workload } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design as copyAlways } from '../../../strategies/copy-always.ts';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { design as rpcReply } from '../../../strategies/rpc-reply.ts';
import { design as oneLoan } from '../../../strategies/rusty-shinfo-orig-one-loan.ts';
import { design as sockWfree } from '../../../strategies/sock-wfree.ts';
import { design as tcpAck } from '../../../strategies/tcp-ack-callback.ts';
import {
  DEFAULT_BOUND,
  Start,
  explore,
  randomRun,
  type Beliefs,
  type Bound,
  type CellInput,
  type Exploration,
} from '../src/index.ts';
import { Cell } from '../src/cell.ts';
import { PerFrag } from '../../kernel/test/designs.ts';
import { LONG, sample } from '../../../scripts/tier.ts';

const era = eraOf('3.8')!;
/** Nothing but what the machine does by itself. */
const QUIET = { drops: 0, retransmissions: 0 };

function search(
  design: Design,
  workload: string,
  bound: Partial<Bound>,
  reduction = true,
  property?: Property,
): Exploration {
  const whole: Bound = { ...DEFAULT_BOUND, ...bound };
  const input = {
    design,
    workload: miniature(workloadCalled(workload)!, whole.operations),
    era,
    seed: 1,
  };
  return explore(input, { bound: whole, reduction, ...(property && { property }) });
}

describe('a workload that is named for a teardown', () => {
  const TORN = ['reset-midway', 'listener-stop', 'dst-disconnect', 'iscsi-recovery'];

  test.each(['reset-midway', 'listener-stop'])(
    '%s has it in every scope: a design that is wrong there is refuted without further words',
    (workload) => {
      const found = search(tcpAck, workload, QUIET); // told when the connection is over: the ring has more
      expect([found.result, found.finding?.property]).toEqual(['refuted', 'early']);
      expect(search(tcpAck, workload, { teardowns: 0, ...QUIET }).finding).toBeNull();
    },
  );

  test.each(sample(TORN, 2))('%s without its teardown is not called exhausted', (workload) => {
    const { result, reason } = search(copyAlways, workload, { teardowns: 0, ...QUIET });
    expect(result).toBe('not-a-proof');
    expect(reason).toMatch(/named for never happened.*raise --teardowns/);
  });

  test('nor is one whose teardown never comes, whatever the bound allows', () => {
    const whole = miniature(workloadCalled('listener-stop')!, 1);
    const never: Workload = {
      ...whole,
      build(k, seed) {
        const scenario = whole.build(k, seed);
        const { agenda } = k;
        for (const [place, { name }] of agenda.sources.entries())
          if (name === 'target stop') agenda.disarm(place);
        return scenario;
      },
    };
    const bound = { ...DEFAULT_BOUND, ...QUIET };
    const look = (workload: Workload) =>
      explore({ design: copyAlways, workload, era, seed: 1 }, { bound });
    expect(look(whole).result).toBe('exhausted');
    const { result, reason } = look(never);
    expect([result, reason]).toEqual([
      'not-a-proof',
      "what the workload is named for never happened in this scope: 'target stop stops its listener'",
    ]);
  });
});

describe('what it finds', () => {
  test('rpc-reply is refuted by one resent call, in a handful of steps', () => {
    const found = search(rpcReply, 'nfs-odirect', {});
    expect(found.result).toBe('refuted');
    expect(found.finding?.property).toBe('early');
    expect(found.steps).toBeLessThan(12);
  });

  // The receiver acknowledges what it has joined at once, and one block covers the packet of the second loan whole.
  test.each([
    ['2.6.24', 'exhausted', undefined],
    ['3.8', 'refuted', 'early'],
  ])(
    'in %s, to a receiver with GRO: one loan for each packet is %s',
    (kernel, result, property) => {
      const bulk = miniature(workloadCalled('bulk-loss-gro')!, 2);
      const bound = { ...DEFAULT_BOUND, operations: 2, retransmissions: 0 };
      const input = { design: oneLoan, workload: bulk, era: eraOf(kernel)!, seed: 1 };
      const found = explore(input, { bound });
      expect([found.result, found.finding?.property]).toEqual([result, property]);
    },
  );

  // Its block covers the packet of the second loan whole, whose segments are as long as those of the first [tcp_shift_skb_data].
  test.runIf(LONG).each([
    ['2.6.24', 'exhausted', undefined],
    ['3.8', 'refuted', 'early'],
  ])(
    'in %s, an acknowledgement that overtakes those in front of it: one loan for each packet is %s',
    (kernel, result, property) => {
      const bulk = miniature(workloadCalled('bulk-loss')!, 2);
      const bound = { ...DEFAULT_BOUND, operations: 2, overtakes: 1, retransmissions: 0 };
      const input = { design: oneLoan, workload: bulk, era: eraOf(kernel)!, seed: 1 };
      const found = explore(input, { bound: { ...bound, states: 3_000_000 } });
      expect([found.result, found.finding?.property]).toEqual([result, property]);
    },
    120_000,
  );

  test('its trace replays to the finding, and no shorter bound has one', () => {
    const found = search(sockWfree, 'bulk-loss', {});
    const workload = miniature(workloadCalled('bulk-loss')!, 1);
    const replayed = new Cell({ design: sockWfree, workload, era, seed: 1 }).play(found.trace!);
    expect(replayed.judgement.findings.map((f) => f.text)).toContain(found.finding!.text);
    const below = search(sockWfree, 'bulk-loss', { steps: found.steps - 1 });
    expect(below.finding).toBeNull();
    expect(below.result).toBe('bound-reached');
  });

  test('designs that hold are exhausted, and it says what could have been refuted', () => {
    for (const design of [ian, copyAlways]) {
      const found = search(design, 'sendfile-locked', {});
      expect(found.result, design.id).toBe('exhausted');
      expect([...found.exercised]).toEqual(
        expect.arrayContaining(['early', 'double', 'lost', 'corrupt']),
      );
      expect(found.ends).toBeGreaterThan(0);
    }
  });

  test('a larger bound visits all states of a smaller one, and more', () => {
    const none = search(ian, 'sendfile-locked', { drops: 0, retransmissions: 0 });
    const some = search(ian, 'sendfile-locked', { drops: 0 });
    const more = search(ian, 'sendfile-locked', {});
    expect(none.states).toBeLessThan(some.states);
    expect(some.states).toBeLessThan(more.states);
  });
});

/** Runs at random take any step at any time: none of the shortcuts is theirs. */
const RANDOM: [string, Partial<Bound>][] = [
  ['nfs-odirect', {}],
  ['sendfile-locked', { failures: 1 }],
  ['vmsplice', { failures: 1 }],
  ['nfs-udp', { preemptions: 1, drops: 0 }],
  ['tap-slow-reader', { duplicates: 1 }],
  ['reset-midway', {}],
  ['iscsi-write', { failures: 1, drops: 0 }],
];

/** What the orders that were searched to their end have run. */
const exercised = ({ result, exercised: ids }: ReturnType<typeof search>): string[] =>
  result === 'refuted' ? [] : [...ids].sort();

/** A persistent set loses no state in which nothing can be done. */
const ENDS: [string, Partial<Bound>][] = [
  ['nfs-odirect', {}],
  ['nfs-udp', { preemptions: 1, drops: 0 }],
  ['reset-midway', {}],
  ['tap-slow-reader', { failures: 1, drops: 0 }],
  ['nfs-reconnect', { flight: 2, drops: 0 }],
];

describe('its shortcuts', () => {
  const small: readonly [string, Partial<Bound>][] = [
    ['sendfile-locked', { drops: 1, retransmissions: 0 }],
    ['sendfile-locked', { drops: 0, retransmissions: 1 }],
    ['sendfile-locked', { drops: 0, retransmissions: 0, failures: 1 }],
    ['sendfile-locked', { flight: 1 }],
    ['nfs-odirect', { flight: 1, drops: 0, retransmissions: 0 }],
    ['sendfile-locked', { drops: 0, retransmissions: 0, duplicates: 1 }],
    ['sendfile-locked', { drops: 0, retransmissions: 0, preemptions: 1 }],
    ['loopback-slow-reader', {}],
    ['loopback-slow-reader', { failures: 1 }],
    ['nfs-tcp-retransmit', { drops: 0 }],
    ['vmsplice', { drops: 1 }],
    ['reset-midway', { drops: 0, retransmissions: 0 }],
  ];
  test.each(sample(small, 8))('%s: leaving out orders changes no verdict', (workload, bound) => {
    for (const design of sample(
      [naive, ian, rpcReply, sockWfree, copyAlways],
      3,
      small.findIndex(([id]) => id === workload),
    )) {
      const less = search(design, workload, bound);
      const all = search(design, workload, bound, false);
      expect(less.result, design.id).toBe(all.result);
      expect(exercised(less), design.id).toEqual(exercised(all));
      // of two that take as many steps, one may be the first here and the other there
      const first = [less, all].flatMap(({ finding }) => finding?.property ?? []);
      for (const property of first.length === 2 && first[0] !== first[1] ? first : [])
        for (const reduction of [true, false])
          expect(search(design, workload, bound, reduction, property).result).toBe('refuted');
      expect(less.states, design.id).toBeLessThanOrEqual(all.states);
    }
  });

  test.each(sample(RANDOM, 7))('%s, %o: what runs at random find, it finds', (workload, bound) => {
    for (const design of [naive, rpcReply, sockWfree, tcpAck]) {
      const whole: Bound = { ...DEFAULT_BOUND, ...bound };
      const input: CellInput = {
        design,
        era,
        seed: 1,
        processors: whole.preemptions > 0 ? 2 : 1,
        workload: miniature(workloadCalled(workload)!, whole.operations),
      };
      const start = new Start(input, false, true);
      const seen = new Set<Property>();
      for (let seed = 0; seed < 60; seed++)
        for (const { property } of randomRun(start.machine(), whole, new Prng(seed)).judge.findings)
          seen.add(property);
      for (const property of seen)
        expect(explore(input, { bound: whole, property }).result, property).toBe('refuted');
    }
  });

  test.each(sample(ENDS, 8))(
    '%s, %o: where nothing is left to do, it comes to as well',
    (workload, bound) => {
      const ends = (beliefs: Partial<Beliefs>): number => {
        const whole: Bound = { ...DEFAULT_BOUND, ...bound };
        const small = miniature(workloadCalled(workload)!, whole.operations);
        return explore({ design: ian, workload: small, era, seed: 1 }, { bound: whole, beliefs })
          .ends;
      };
      const some = ends({});
      expect(some).toBeGreaterThan(0);
      expect(some).toBe(ends({ enough: null }));
    },
  );

  test('a search that is told to stop says that it did not come to its end', () => {
    const onProgress = (states: number): boolean => states > 300;
    const input = {
      design: ian,
      workload: miniature(workloadCalled('nfs-odirect')!, 1),
      era,
      seed: 1,
    };
    const { result, states } = explore(input, { bound: DEFAULT_BOUND, onProgress });
    expect([result, states < 1000]).toEqual(['bound-reached', true]);
  });

  test.each([
    ['at once', 1 << 14],
    ['while others look by breadth and by chance', 10],
  ])('a search whose time is over ends in the state that it is in, %s', (_, first) => {
    const OVER = 40;
    let asked = 0;
    let clonesSince = 0;
    class Counted extends PerFrag {
      override clone(): CloneAnswer {
        if (asked >= OVER) clonesSince++;
        return SHARE;
      }
    }
    const design: Design = { ...ian, create: (k) => new Counted(k) };
    const workload = miniature(workloadCalled('nfs-odirect')!, 1);
    const isOver = (): boolean => ++asked >= OVER;
    const found = explore(
      { design, workload, era, seed: 1 },
      { bound: DEFAULT_BOUND, first, isOver },
    );
    expect([found.result, found.states <= OVER]).toEqual(['bound-reached', true]);
    expect(clonesSince).toBeLessThan(20); // a run has three
  });

  test('it keeps no more than 64 bytes of a state', () => {
    const { states, bytes } = search(ian, 'bulk-loss', { overtakes: 1 });
    expect(states).toBeGreaterThan(5_000);
    expect(bytes / states).toBeLessThan(64);
  });

  test('a design that hides its state from the snapshots is explored with new machines', () => {
    const found = search(HIDDEN, 'sendfile-locked', { drops: 0, retransmissions: 0 });
    expect(found.result).toBe('refuted');
    expect(found.finding?.property).toBe('double');
  });
});

/** Completes twice, and keeps what it knows where no reflection sees it. */
class Hidden extends GetPutPage {
  #loans: Loan[] = [];

  override returned(loan: Loan): void {
    this.#loans.push(loan);
  }

  override acked(): void {
    for (const loan of this.#loans) {
      this.k.complete(loan);
      this.k.complete(loan);
    }
  }
}

const HIDDEN: Design = { ...naive, id: 'hidden', create: (k) => new Hidden(k) };
