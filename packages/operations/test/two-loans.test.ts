// One page, two senders' halves: an entry that stands for both has room for one of them.
import { GetPutPage, eraOf, type Design, type PageLifetime } from '@lastref/kernel';
import { OPERATIONS, runMatrixCell, type Operation } from '@lastref/operations';
import { expect, test } from 'vitest';
import { design as counts } from '../../../strategies/ian-frag-destructor.ts';
import { design as zerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as fixedBuffers } from '../../../strategies/send-zc-fixed.ts';
import { design as pool } from '../../../strategies/page-pool.ts';

const called = (id: string) => OPERATIONS.find((o) => o.id === id)!;
const verdict = (design: Design, operation = 'skb_can_coalesce (two loans)') => {
  const { verdict: word, properties } = runMatrixCell(
    design,
    called(operation),
    eraOf(design.era!.id)!,
  );
  return [word, ...properties];
};

/** Lets one entry stand for whatever continues it, and keeps the first owner. */
const merges: Design = {
  ...counts,
  create(services) {
    const lifetime: PageLifetime = counts.create(services);
    const merged = GetPutPage.prototype.merged.bind(lifetime as GetPutPage);
    const of = { mayMerge: () => true, merged };
    // not assigned: another test may have frozen the class that it is of
    for (const [hook, value] of Object.entries(of))
      Object.defineProperty(lifetime, hook, { value });
    return lifetime;
  },
};

test('a design that merges them is told of the second while its bytes are still read', () => {
  expect(verdict(merges, 'skb_can_coalesce')).toEqual(['proven']); // of one loan nothing is lost
  expect(verdict(merges)).toEqual(['refuted', 'corrupt', 'early']);
});

test('one that refuses is right, one whose record stands for both calls, and one that begins a new packet', () => {
  expect(verdict(counts)).toEqual(['proven']);
  expect(verdict(zerocopy)).toEqual(['proven']);
  expect(verdict(fixedBuffers)).toEqual(['refused']);
});

test('pages of a pool have one owner: it is not asked', () => {
  expect(verdict(pool)).toEqual(['n/a']);
});

test('on the stage each call of MSG_ZEROCOPY has a record of its own, so that no verdict is of one owner alone', () => {
  const apart = new Set<boolean>();
  const looks: Operation = {
    ...called('skb_copy'),
    apply: ({ first, second }) => void apart.add(first.shinfo.loan !== second.shinfo.loan),
  };
  runMatrixCell(zerocopy, looks, eraOf('7.2.13')!);
  expect([...apart]).toEqual([true]);
});
