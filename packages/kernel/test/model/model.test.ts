// Every buffer operation in random order, against packets that are arrays of bytes and share nothing. After each
// one every packet has the bytes that it should have, and every count is what a walk over all that is alive
// finds; when everybody has let go, nothing is left.
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ERAS, eraOf, isOfAnotherTime, type Design } from '../../src/index.ts';
import { perFrag } from '../designs.ts';
import { mainline } from '../machine.ts';
import { OPERATIONS } from './operations/index.ts';
import { ACTS, play } from './run.ts';
import type { Seam } from './world.ts';
import { LONG, sample } from '../../../../scripts/tier.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The seams whose counts a walk can foretell: by page, and by loan. */
const COUNTED: readonly Seam[] = [
  { design: mainline, counting: 'pages' },
  { design: perFrag, counting: 'loans' },
];

const strategies = path('../../../../strategies/');
const designs = await Promise.all(
  readdirSync(strategies)
    .filter((f) => f.endsWith('.ts') && !/^index\.|\.(test|config)\.ts$/.test(f))
    .map(async (f) => {
      const module = (await import(pathToFileURL(strategies + f).href)) as { design: Design };
      return module.design;
    }),
);

/** The first thing that is wrong in `runs` runs, shrunk, or null. */
function wrongIn(era: string, seam: Seam, runs: number, ran = new Map<string, number>()): unknown {
  const property = fc.property(ACTS, (acts) => {
    const complaint = play(era, seam, acts, ran);
    if (complaint !== null) throw new Error(complaint);
  });
  const { counterexample, errorInstance } = fc.check(property, { numRuns: runs, seed: 20080508 });
  return counterexample === null ? null : { acts: counterexample[0], errorInstance };
}

describe.each(sample(ERAS, 2, 1).map((era) => era.id))('in %s', (era) => {
  test.each(sample(COUNTED, 2, ERAS.findIndex(({ id }) => id === era) >> 1))(
    'with the references of $design.id',
    (seam) => {
      const ran = new Map<string, number>();
      expect(wrongIn(era, seam, LONG ? 200 : 120, ran)).toBe(null);
      const idle = [...OPERATIONS.keys()].filter((name) => (ran.get(name) ?? 0) < 5);
      const inapplicable = seam.counting === 'pages' ? [] : ONLY_WITH_PAGES;
      expect(idle).toEqual(inapplicable);
    },
  );
});

/** Acts of an owner, or of code without a design, that only bare page references survive. */
const ONLY_WITH_PAGES = ['skb_splice_bits', 'splice from the pipe', 'put_page'];

/** Designs that are made for pages of one home lose those that they lose track of: here all are of the free list. */
const forAnyPage = designs.filter((design) => design.home === undefined);

describe.each(['2.6.24', '3.18'])('in %s, under designs that hook them', (era) => {
  const ofItsTime = forAnyPage.filter(({ domain }) => !isOfAnotherTime(domain, eraOf(era)));
  test.each(sample(ofItsTime, 4, era === '3.18' ? 2 : 0))(
    '$id changes no byte and leaves nothing behind',
    (design) => {
      expect(wrongIn(era, { design, counting: 'unknown' }, 30)).toBe(null);
    },
  );
});

test('no function of net/core that takes an skb is left out', () => {
  const files = readdirSync(path('operations/')).map((f) => path(`operations/${f}`));
  const acts = [...files, path('world.ts')].map((f) => readFileSync(f, 'utf8')).join('');
  const core = path('../../src/net/core/');
  const functions = readdirSync(core)
    .filter((f) => /^skb_(?!queue)/.test(f))
    .flatMap((f) => [
      ...readFileSync(core + f, 'utf8').matchAll(/^export function (p?skb\w+|kfree\w+|alloc\w+)/gm),
    ])
    .map((match) => match[1]!);
  expect(functions.length).toBeGreaterThan(40);
  const used = (name: string): boolean => new RegExp(`\\b${name}\\(`).test(acts);
  const elsewhere = [...BESIDE_KERNELS, ...FOR_A_SOCKET, ...OF_A_LIST];
  const unused = functions.filter((name) => !used(name) && !elsewhere.includes(name));
  expect(unused).toEqual(WITHIN_OTHERS);
});

/** Held to running kernels in place of this model: packages/lab. */
const BESIDE_KERNELS = ['pskbExtract', 'skbAppendPagefrags', 'skbSpliceFromIter'];

/** Makes nothing of the packet: what it sends is tcp_sendpage's, and has tests of its own (spliced-on.test.ts). */
const FOR_A_SOCKET = ['skbSendSock'];

/** Makes packets of those behind one: tests of its own (frag-list.test.ts). */
const OF_A_LIST = ['skbSegmentList'];

/** Parts of operations: called by them, and nowhere by themselves. */
const WITHIN_OTHERS: readonly string[] = [
  'allocShinfo',
  'allocCloneStruct',
  'kfreeSkbNow',
  'skbReleaseHeadState',
  'skbReleaseData',
  'kfreeSkbmem',
  'skbOrphanFrags',
  'skbOrphanFragsRx',
];
