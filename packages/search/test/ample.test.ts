// When the steps of one host are enough, and what can happen inside a step: asked in states that a run comes by.
import { FaultStep, FaultVerb, Link, Spend, eraOf } from '@lastref/kernel';
import { Prng, miniature, workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { enough, lostLater } from '../src/exhaustive/ample.ts';
import { Arising } from '../src/exhaustive/arising.ts';
import { Arm, Host, Row, choicesWithin } from '../src/exhaustive/choices.ts';
import { armed, edgeOf } from '../src/exhaustive/edges.ts';
import {
  DEFAULT_BOUND,
  Start,
  explore,
  type Bound,
  type Cell,
  type CellInput,
} from '../src/index.ts';

const input: CellInput = {
  design: ian,
  workload: miniature(workloadCalled('bulk-loss')!, 1),
  era: eraOf('3.8')!,
  seed: 1,
};

interface Met {
  readonly cell: Cell;
  readonly waiting: Readonly<Record<Host, number>>;
  readonly ask: (bound?: Partial<Bound>) => Host | null;
}

/** Packets on the wires to each kind of host. */
function waitingIn({ k }: Cell): Record<Host, number> {
  const links = k.agenda.sources.filter((s) => s instanceof Link);
  const to = (nothing: boolean): number =>
    links.filter((l) => l.lendsNothing === nothing).reduce((n, l) => n + l.inFlight, 0);
  return { [Host.LENDS]: to(false), [Host.LENDS_NOTHING]: to(true) };
}

/** States of runs at random in which both hosts can do something. */
function* states(): Generator<Met> {
  const start = new Start(input, false, true);
  for (let seed = 0; seed < 40; seed++) {
    const prng = new Prng(seed);
    const cell = start.machine();
    for (let n = 0; n < 20; n++) {
      const { rows } = choicesWithin(DEFAULT_BOUND, cell.k.agenda, 0);
      if (rows.length === 0) break;
      const hosts = new Set<number>();
      for (let at = 0; at < rows.length; at += Row.WORDS) hosts.add(rows[at + Row.HOST]!);
      const ask = (bound: Partial<Bound> = {}): Host | null =>
        enough(cell.k.agenda, { ...DEFAULT_BOUND, ...bound }, rows, 0);
      if (hosts.size === 2) yield { cell, waiting: waitingIn(cell), ask };
      const at = Row.WORDS * prng.below(rows.length / Row.WORDS);
      cell.take(rows[at + Row.PLACE]!, rows[at + Row.VERB]!, rows[at + Row.ITEM]!);
    }
  }
}

test('one host is enough while a packet waits on every wire to it, and the one that lends nothing comes first', () => {
  const seen = new Set<Host | null>();
  for (const { waiting, ask } of states()) {
    const lends = waiting[Host.LENDS] > 0 ? Host.LENDS : null;
    const expected = waiting[Host.LENDS_NOTHING] > 0 ? Host.LENDS_NOTHING : lends;
    expect(ask()).toBe(expected);
    seen.add(expected);
  }
  expect(seen).toEqual(new Set([null, Host.LENDS, Host.LENDS_NOTHING]));
});

test('none is where a wire may double a packet or let it overtake, or takes no more', () => {
  for (const { waiting, ask } of states()) {
    if (ask() === null) continue;
    const fullest = Math.max(...Object.values(waiting));
    for (const bound of [{ duplicates: 1 }, { overtakes: 1 }, { flight: fullest }])
      expect(ask(bound), JSON.stringify(bound)).toBeNull();
    expect(ask({ flight: fullest + 1 })).not.toBeNull();
  }
});

test('none is while a queue waits to be run again: it may be that of either host', () => {
  let asked = 0;
  for (const { cell, ask } of states()) {
    if (ask() === null) continue;
    const { agenda } = cell.k;
    const place = agenda.sources.findIndex((s) => s instanceof FaultStep);
    agenda.arm(place, 0);
    const { rows } = choicesWithin(DEFAULT_BOUND, agenda, 0);
    expect(enough(agenda, DEFAULT_BOUND, rows, 0)).toBeNull();
    agenda.disarm(place);
    asked++;
  }
  expect(asked).toBeGreaterThan(20);
});

test('of the packets on a wire the first alone is lost, unless one may overtake', () => {
  let later = 0;
  for (const { cell } of states()) {
    const { agenda } = cell.k;
    const { rows } = choicesWithin(DEFAULT_BOUND, agenda, 0);
    const dropped = (skipped: readonly number[]): number[] => {
      const items: number[] = [];
      for (let at = 0; at < rows.length; at += Row.WORDS)
        if (rows[at + Row.SPEND] === Spend.DROP && !skipped.includes(at))
          items.push(rows[at + Row.PLACE]!);
      return items;
    };
    const left = dropped(lostLater(agenda, DEFAULT_BOUND, rows, 0));
    expect(left).toEqual([...new Set(dropped([]))]); // one of each wire
    expect(lostLater(agenda, { ...DEFAULT_BOUND, overtakes: 1 }, rows, 0)).toEqual([]);
    later += dropped([]).length - left.length;
  }
  expect(later).toBeGreaterThan(0);
});

test('each allocation and the next packet that a step comes by may fail, and no other', () => {
  const bound = { ...DEFAULT_BOUND, failures: 1 };
  const { agenda } = new Start(input, true, true).machine().k;
  const { rows } = choicesWithin(bound, agenda, 0);
  let at = 0;
  while (rows[at + Row.ARM] !== Arm.NOTHING) at += Row.WORDS;
  const arising = new Arising();
  const fails = (allocations: number, packets: number) => {
    const passed = { allocations, packets, arising };
    const edges = armed(agenda.sources, bound, rows, edgeOf(rows, at), passed);
    return edges.map(({ arms: [arm] }) => [arm!.verb, arm!.item]);
  };
  expect(fails(0, 0)).toEqual([]);
  expect(fails(2, 0)).toEqual([
    [FaultVerb.ALLOCATION, 1],
    [FaultVerb.ALLOCATION, 2],
  ]);
  expect(fails(0, 1)).toEqual([
    [FaultVerb.DROP, 1],
    [FaultVerb.BUSY, 1],
    [FaultVerb.LINEARIZE, 1],
  ]);
});

test('what waits for fragments on a host that lends nothing is of that host: a search of UDP ends in a proof', () => {
  const udp = { ...input, workload: miniature(workloadCalled('nfs-udp')!, 1) };
  const { sources } = new Start(udp, false, true).machine().k.agenda;
  const hosts = sources.filter((s) => s.name.startsWith('ip fragments')).map((s) => s.lendsNothing);
  expect(hosts).toEqual([false, true]);
  const { result } = explore(udp, { bound: { ...DEFAULT_BOUND, retransmissions: 0 } });
  expect(result).toBe('exhausted');
});

test('where only one host can do something, its steps are all that there are, wherever packets wait', () => {
  let compared = 0;
  for (const { cell, ask } of states()) {
    if (ask() === null) continue;
    const { rows } = choicesWithin(DEFAULT_BOUND, cell.k.agenda, 0);
    for (const host of Object.values(Host)) {
      const of: number[] = [];
      for (let at = 0; at < rows.length; at += Row.WORDS)
        if (rows[at + Row.HOST] === host) of.push(...rows.subarray(at, at + Row.WORDS));
      expect(enough(cell.k.agenda, DEFAULT_BOUND, Int32Array.from(of), 0)).toBeNull();
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(20);
});
