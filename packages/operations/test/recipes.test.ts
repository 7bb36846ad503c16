// Every mover that the kernel lists, run by its own recipe on two neighbours of a write queue: whatever it
// does, a page has one reference for each entry, bytes stay what they were, and in the end nothing is left.
import { afterEach, expect, test } from 'vitest';
import { ERAS, Site, type Era, getPage, isBefore, skbClone } from '@lastref/kernel';
import {
  OPERATIONS,
  UNCONVERTED,
  existsIn,
  type Operation,
  type OperationBench,
  type Situation,
} from '@lastref/operations';
import { NOTHING, P, inUse } from '../../kernel/test/machine.ts';
import { RecipeBench } from './recipe-bench.ts';
import { sample } from '../../../scripts/tier.ts';

/** Write in place, and are meant to: whether they may is for a judge. */
const WRITERS: ReadonlySet<string> = new Set(['netif_receive_generic_xdp', 'skb_pp_cow_data']);
const WRITING: ReadonlySet<string> = new Set([
  'net/ipv4/esp4.c',
  'net/ipv6/esp6.c',
  'net/rxrpc/rxkad.c',
]);
/** What a kernel itself leaks. */
const LEAKS: ReadonlySet<string> = new Set(['xenvif_handle_frag_list 3.18']);
const situations: Situation[] = ['shared', 'sole owner'];

/** All that the registry has, when it is asked. */
function battery(): readonly Operation[] {
  return [...OPERATIONS, UNCONVERTED];
}

/** Kernels that have it, the newest first. */
function erasOf(mover: Operation): readonly Era[] {
  return ERAS.filter((era) => existsIn(mover, era.id)).reverse();
}

/** What is wrong with a recipe in one of `n` kernels that have it: places where something is not as it must be. */
function complaints(mover: Operation, n: number): string[] {
  const found: string[] = [];
  for (const { id } of sample(erasOf(mover), n)) {
    if (LEAKS.has(`${mover.id} ${id}`)) continue;
    for (const situation of situations) {
      const bench = new RecipeBench(id, situation);
      const must = (what: string, is: unknown, be: unknown): void => {
        const [left, right] = [JSON.stringify(is), JSON.stringify(be)];
        if (left !== right) found.push(`${situation}, ${id}: ${what} ${left}, not ${right}`);
      };
      mover.apply(bench);
      must('page references', bench.pages.map(P), bench.entries());
      const writes = WRITING.has(mover.file) || WRITERS.has(mover.id);
      must('spoiled packets', writes ? [] : bench.spoiled(), []);
      bench.release();
      must(
        'page references at the end',
        bench.pages.map(P),
        bench.pages.map(() => 0),
      );
      must('in use', inUse(bench.k), NOTHING);
      must('bytes of the write queue', bench.m.accounts().wmemQueued, 0);
      must('pages', bench.k.pages.used, bench.pages.length + bench.ownPages());
    }
  }
  return found;
}

test.each(battery().map((mover) => [mover.id, mover] as const))('%s', (_, mover) => {
  expect(complaints(mover, 3)).toEqual([]);
});

const registry = OPERATIONS as Operation[];
const known = registry.length;
afterEach(() => {
  registry.length = known;
});

test.each([
  ['is right', false, 0],
  [
    'keeps a page reference',
    true,
    2 * ERAS.filter((era) => !isBefore(era.tree.mainline, '3.2')).length,
  ],
])(
  'an operation that is added to the registry is in the battery: one that %s',
  (_, leaks, found) => {
    registry.push({
      id: 'skb_new_thing',
      who: 'remote peer',
      file: 'net/core/new.c',
      since: '3.2',
      until: null,
      refs: 'a clone that is kept',
      carries: [],
      apply: (b: OperationBench) => {
        const clone = skbClone(b.k, b.packet(b.first), Site.TAP);
        b.hold(clone, 'somebody new');
        if (leaks) getPage(b.k, clone.shinfo.frags[0]!.page);
      },
    });
    const mover = battery().find((m) => m.id === 'skb_new_thing')!;
    const wrong = complaints(mover, 1).filter((c) => c.includes('at the end'));
    expect(wrong).toHaveLength(found);
  },
);
