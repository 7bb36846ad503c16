// Two judges that have nothing in common: one walks from the roots to see who can still read, the other waits and
// sees what is read. For every operation, every design and every order in which the holders let go they say the
// same: early if and only if some continuation reads changed bytes, lost if and only if none completes.
import {
  OPERATIONS,
  UNCONVERTED,
  existsIn,
  type Operation,
  type Situation,
} from '@lastref/operations';
import { inDomain, type Design } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { Continuations, Judge } from '../src/index.ts';
import { allDesigns } from './machine.ts';
import { orders, type Stage } from './orders.ts';
import { LONG, sample } from '../../../scripts/tier.ts';

const ERA = '3.18';
const CASES: readonly Situation[] = ['shared', 'sole owner'];
const designs = await allDesigns();
/** xenvif_handle_frag_list of 3.18 leaks pages by itself, whoever counts them. */
const movers = [...OPERATIONS, UNCONVERTED].filter(
  (m) => existsIn(m, ERA) && m.id !== 'xenvif_handle_frag_list',
);

interface Agreement {
  readonly completions: number;
  readonly early: number;
  readonly lost: number;
  /** Where they differ, in words. */
  readonly differences: readonly string[];
}

/** What both say of every completion, and of every end. */
function compare(on: Stage): Agreement {
  const continuations = new Continuations();
  const judged = new Map<string, number>();
  const differences: string[] = [];
  let lost = 0;
  for (const order of orders(on)) {
    const { steps, oracle, early } = order;
    continuations.add(steps, oracle);
    for (const told of oracle.told.values())
      judged.set(steps.slice(0, told).join(' '), early[told - 1]!);
    const open = [...oracle.loans].filter((loan) => !oracle.told.has(loan)).length;
    if (order.lost !== open)
      differences.push(`lost: judge ${order.lost}, oracle ${open}, after ${steps.join(' ')}`);
    lost += open;
  }
  const seen = new Map<string, number>();
  const all = continuations.all();
  for (const { steps, early } of all) seen.set(steps, (seen.get(steps) ?? 0) + Number(early));
  for (const [steps, oracle] of seen) {
    const judge = judged.get(steps)!;
    if (judge !== oracle)
      differences.push(`early: judge ${judge}, oracle ${oracle}, after ${steps}`);
  }
  const early = all.filter((c) => c.early).length;
  return { completions: all.length, early, lost, differences };
}

function onEveryStage(
  design: Design,
  judge: () => Judge,
  on: readonly Operation[] = movers,
): Agreement {
  const total = { completions: 0, early: 0, lost: 0, differences: [] as string[] };
  for (const mover of on.filter((m) => inDomain(design.domain, m.lends))) {
    for (const situation of CASES) {
      const one = compare({ design, mover, situation, era: ERA, judge });
      total.completions += one.completions;
      total.early += one.early;
      total.lost += one.lost;
      for (const d of one.differences) total.differences.push(`${mover.id}, ${situation}: ${d}`);
    }
  }
  return total;
}

/** What is counted at the end is of these. */
const COUNTED = ['rpc-reply', 'evgeniy-partial', 'page-foreign'];

describe('judge and oracle agree', () => {
  const some = new Set(sample(designs, 8));
  const asked = designs.filter((d) => some.has(d) || COUNTED.includes(d.id));
  const totals = new Map<string, Agreement>();

  test.each(asked)('on $id', (design) => {
    const some = sample(movers, 6, designs.indexOf(design));
    const total = onEveryStage(design, () => new Judge(), some);
    totals.set(design.id, total);
    expect(total.differences).toEqual([]);
  });

  test('and both had something to say', () => {
    expect(totals.get('rpc-reply')!.early).toBeGreaterThan(LONG ? 50 : 20);
    expect(totals.get('evgeniy-partial')!.lost).toBeGreaterThan(LONG ? 50 : 20);
    const right = totals.get('page-foreign')!;
    expect([right.early, right.lost]).toEqual([0, 0]);
    expect(right.completions).toBeGreaterThan(LONG ? 400 : 150);
  });
});

describe('a judge that errs is seen', () => {
  /** Overlooks everybody of this name. */
  const blindTo = (name: RegExp): Judge => {
    const judge = new Judge();
    const { walk } = judge.evidence;
    const look = walk.skb.bind(walk);
    walk.skb = (...args) => {
      if (!name.test(args[1])) look(...args);
    };
    return judge;
  };

  const design = designs.find((d) => d.id === 'rpc-reply')!;

  test.each(['write queue', 'packet', 'clone'])('when it overlooks the %s', (name) => {
    const some = movers.filter((m) => m.id === 'skb_clone');
    const { differences } = onEveryStage(design, () => blindTo(new RegExp(name)), some);
    expect(differences.some((d) => d.includes('early'))).toBe(true);
  });
});
