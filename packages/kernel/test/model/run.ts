// A run: acts in a row, and after each of them the first thing that is wrong.
import fc from 'fast-check';
import { OPERATIONS, perform, type Act, type Operation } from './operations/index.ts';
import { leftOver, wrongInAccounts, wrongInBytes, type Complaint } from './invariants.ts';
import { World, type Seam } from './world.ts';

/** Packets come first, and more of them than of anything else. */
const NAMES = [...OPERATIONS.keys()];
const OFTEN = [
  '__alloc_skb',
  '__alloc_skb',
  'do_tcp_sendpages',
  'do_tcp_sendpages',
  'skb_clone',
  'kfree_skb',
  'skb_shift',
  'skb_shift',
  'skb_try_coalesce',
  'skb_gro_receive_list',
];

const act: fc.Arbitrary<Act> = fc.record({
  op: fc.constantFrom(...OFTEN, ...NAMES),
  a: fc.nat(1000),
  b: fc.nat(1000),
  x: fc.nat(5000),
  y: fc.nat(5000),
  fail: fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) },
  ),
});

export const ACTS: fc.Arbitrary<Act[]> = fc.array(act, {
  minLength: 10,
  maxLength: 90,
  size: 'max',
});

/** Plays `acts` and says what was wrong first, and after which act; null: nothing. */
export function play(
  era: string,
  seam: Seam,
  acts: readonly Act[],
  ran: Map<string, number> = new Map(),
  operations: ReadonlyMap<string, Operation> = OPERATIONS,
): Complaint {
  const w = new World(era, seam);
  for (const it of acts) {
    let complaint: Complaint;
    try {
      perform(w, it, operations);
      complaint = wrongInAccounts(w) ?? wrongInBytes(w);
    } catch (error) {
      complaint = (error as Error).stack!;
    }
    if (complaint !== null) return `after ${it.op}: ${complaint}`;
  }
  for (const [name, n] of w.ran) ran.set(name, (ran.get(name) ?? 0) + n);
  w.end();
  const left = leftOver(w);
  return Object.values(left).some((n) => n !== 0) ? `left over: ${JSON.stringify(left)}` : null;
}
