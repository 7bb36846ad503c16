// The model test can fail: with one fault planted in one operation it sees it, each time in the way that the
// fault shows.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fragAt, skbCloned, type SkBuff } from '../../src/index.ts';
import { mainline } from '../machine.ts';
import { OPERATIONS, type Operation } from './operations/index.ts';
import { ACTS, play } from './run.ts';
import type { Seam, World } from './world.ts';

const seam: Seam = { design: mainline, counting: 'pages' };

/** `name` as it is, and then `spoil` on every packet that was not there before, or on all that were meant. */
function spoiled(name: string, spoil: (w: World, made: SkBuff[]) => void): Map<string, Operation> {
  const right = OPERATIONS.get(name)!;
  const wrong: Operation = (w, act) => {
    const before = new Set(w.held.map((h) => h.skb));
    const did = right(w, act);
    if (did)
      spoil(
        w,
        w.held.map((h) => h.skb).filter((skb) => !before.has(skb)),
      );
    return did;
  };
  return new Map(OPERATIONS).set(name, wrong);
}

/** Before `name` runs, every packet forgets that others share its data. */
function blind(name: string): Map<string, Operation> {
  const right = OPERATIONS.get(name)!;
  const wrong: Operation = (w, act) => {
    const shared = w.held.filter((h) => skbCloned(h.skb)).map((h) => h.skb);
    for (const skb of shared) skb.cloned = 0;
    try {
      return right(w, act);
    } finally {
      for (const skb of shared) skb.cloned = 1;
    }
  };
  return new Map(OPERATIONS).set(name, wrong);
}

const withFrags = (skbs: SkBuff[]): SkBuff[] => skbs.filter((s) => s.shinfo.nrFrags > 0);

const FAULTS: readonly [what: string, sign: RegExp, operations: Map<string, Operation>][] = [
  [
    'pskb_copy forgets the reference on its first page',
    /page#\d+: count/,
    spoiled('pskb_copy', (w, made) => {
      for (const { shinfo } of withFrags(made)) w.k.putPage(fragAt(shinfo, 0).page);
    }),
  ],
  [
    'skb_segment takes one twice',
    /page#\d+: count|left over/,
    spoiled('skb_segment', (w, made) => {
      for (const { shinfo } of withFrags(made).slice(0, 1)) w.k.getPage(fragAt(shinfo, 0).page);
    }),
  ],
  [
    'skb_clone forgets dataref',
    /dataref/,
    spoiled('skb_clone', (_w, made) => {
      for (const { shinfo } of made) shinfo.dataref--;
    }),
  ],
  [
    'skb_split copies no offset',
    /byte \d+ of \d+ is|is \d+ \[/,
    spoiled('skb_split', (_w, made) => {
      for (const { shinfo } of withFrags(made)) fragAt(shinfo, 0).pageOffset = 0;
    }),
  ],
  ['skb_cow does not look whether others share', /byte|dataref|leaves its data/, blind('skb_cow')],
  ['skb_copy_ubufs does not either', /page|byte|dataref|is \d+ \[/, blind('skb_copy_ubufs')],
  ['nor ___pskb_trim', /byte|data_len|page|dataref|is \d+ \[/, blind('___pskb_trim')],
];

/** skb_copy_ubufs looks from 4.14 on. */
const eraOfFault = (what: string): string => (what.startsWith('skb_copy_ubufs') ? '4.14' : '3.8');

test.each(FAULTS)('%s: seen', (what, sign, operations) => {
  const era = eraOfFault(what);
  const property = fc.property(
    ACTS,
    (acts) => play(era, seam, acts, new Map(), operations) === null,
  );
  const { failed, counterexample } = fc.check(property, {
    numRuns: 150,
    seed: 20080508,
    endOnFailure: true,
  });
  expect(failed).toBe(true);
  expect(play(era, seam, counterexample![0], new Map(), operations)).toMatch(sign);
  expect(play(era, seam, counterexample![0])).toBe(null); // without the fault the same acts are right
});
