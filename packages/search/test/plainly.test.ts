// The search against one that is written plainly: every list of steps is played from the beginning, and a state is known
// by its fingerprint alone. It has no tables, keeps no moments, and remembers a state by the whole list that led there.
import type { Property } from '@lastref/judge';
import { Link, Spend } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as rpcReply } from '../../../strategies/rpc-reply.ts';
import { design as sockWfree } from '../../../strategies/sock-wfree.ts';
import {
  DEFAULT_BOUND,
  MachineFingerprint,
  Start,
  explore,
  possible,
  type Bound,
  type Cell,
  type CellInput,
  type Choice,
} from '../src/index.ts';
import { inputOf } from './cells.ts';

type Scope = Pick<Bound, 'drops' | 'duplicates' | 'overtakes' | 'retransmissions' | 'flight'>;

const QUIET: Scope = { drops: 0, duplicates: 0, overtakes: 0, retransmissions: 0, flight: 8 };

interface Plain {
  readonly states: number;
  readonly executions: number;
  /** States in which nothing is left to do; ways that end at the bound. */
  readonly ends: number;
  readonly cut: number;
  /** Steps of the shortest run to a finding; null: there is none. */
  readonly shortest: number | null;
  readonly property: Property | null;
  readonly exercised: ReadonlySet<string>;
}

/** What is spent of each kind, and whether one more is within the scope. */
function mayTake(spend: Spend, spent: readonly Choice[], cell: Cell, scope: Scope): boolean {
  const limit = new Map<Spend, number>([
    [Spend.NOTHING, Infinity],
    [Spend.DROP, scope.drops],
    [Spend.DUPLICATE, scope.duplicates],
    [Spend.OVERTAKE, scope.overtakes],
    [Spend.TIMEOUT, scope.retransmissions],
    [Spend.TEARDOWN, DEFAULT_BOUND.teardowns],
  ]).get(spend);
  if (limit === undefined) return false;
  const { sources } = cell.k.agenda;
  const before = spent.filter(({ place, verb, item }) => {
    const kind = sources[place]!.spend?.(verb, item) ?? Spend.NOTHING;
    return kind === spend;
  });
  return before.length < limit;
}

function plainly(input: CellInput, scope: Scope): Plain {
  const start = new Start(input, false, true);
  const play = (steps: readonly Choice[]): Cell => {
    const cell = start.machine();
    for (const { place, verb, item } of steps) cell.take(place, verb, item);
    return cell;
  };
  const seen = new Map<string, readonly Choice[]>();
  const exercised = new Set<string>();
  let [executions, ends, cut] = [0, 0, 0];
  let shortest: number | null = null;
  let property: Property | null = null;
  const found = (cell: Cell, steps: number): boolean => {
    const [finding] = cell.judge.findings;
    if (finding === undefined || shortest !== null) return finding !== undefined;
    [shortest, property] = [steps, finding.property];
    return true;
  };
  const arrive = (cell: Cell, steps: readonly Choice[]): void => {
    if (found(cell, steps.length)) return;
    const full = cell.k.agenda.sources.some((s) => s instanceof Link && s.inFlight > scope.flight);
    if (full) {
      cut++;
      return;
    }
    const print = new MachineFingerprint();
    print.of(cell, 0);
    const key = [print.hi, print.lo, ...spentBy(cell, steps)].join();
    if (!seen.has(key)) seen.set(key, steps);
  };
  arrive(play([]), []);
  for (const [, steps] of seen) {
    if (shortest !== null) break;
    const cell = play(steps);
    const all = possible(cell.k.agenda, false);
    const next = all.filter(({ spend }) => mayTake(spend, steps, cell, scope));
    const timer = all.some(({ spend }) => spend === Spend.TIMEOUT);
    if (next.length === 0 && timer) cut++;
    if (next.length === 0 && !timer) {
      ends++;
      const { verdicts } = cell.over();
      for (const [id, verdict] of Object.entries(verdicts))
        if (verdict !== 'not-exercised') exercised.add(id);
      found(cell, steps.length);
    }
    for (const { place, verb, item } of next) {
      const way = [...steps, { place, verb, item }];
      arrive(play(way), way);
      executions++;
    }
  }
  return { states: seen.size, executions, ends, cut, shortest, property, exercised };
}

/** How often each kind was spent, in any order. */
function spentBy({ k }: Cell, steps: readonly Choice[]): number[] {
  const kinds = Object.values(Spend).map(() => 0);
  for (const { place, verb, item } of steps) {
    const kind = k.agenda.sources[place]!.spend?.(verb, item) ?? Spend.NOTHING;
    if (kind !== Spend.NOTHING) kinds[kind]!++;
  }
  return kinds;
}

describe('a search that leaves nothing out', () => {
  test.each<[string, Partial<Scope>]>([
    ['sendfile-locked', {}],
    ['sendfile-locked', { drops: 1 }],
    ['sendfile-locked', { flight: 1 }],
    ['loopback-slow-reader', { duplicates: 1 }],
    ['nfs-udp', {}],
  ])('on %s, %o comes to the states that a plain one comes to', (workload, part) => {
    const scope = { ...QUIET, ...part };
    const input = inputOf(ian, workload);
    const plain = plainly(input, scope);
    const found = explore(input, { bound: { ...DEFAULT_BOUND, ...scope }, reduction: false });
    expect(found.result).toBe('exhausted');
    const { states, executions, ends, cut, exercised } = found;
    expect({ states, executions, ends, cut, exercised }).toEqual({
      states: plain.states,
      executions: plain.executions,
      ends: plain.ends,
      cut: plain.cut,
      exercised: plain.exercised,
    });
    expect(plain.shortest).toBeNull();
  });

  test.each([
    [rpcReply, 'sendfile-locked'],
    [sockWfree, 'loopback-slow-reader'],
  ])('finds what a plain one finds, in as few steps: %#', (design, workload) => {
    const input = inputOf(design, workload);
    const plain = plainly(input, QUIET);
    const { result, finding, steps, shortest } = explore(input, {
      bound: { ...DEFAULT_BOUND, ...QUIET },
      reduction: false,
    });
    expect([result, finding!.property, steps, shortest]).toEqual([
      'refuted',
      plain.property,
      plain.shortest,
      true,
    ]);
  });
});
