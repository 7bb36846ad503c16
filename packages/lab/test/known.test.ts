// What may excuse a disagreement: one way of parting, with all that belongs to it.
import { expect, test } from 'vitest';
import { known } from '../src/known.ts';

const PARTED = ['=: 0 | -12', 'f0: users=2 | users=1'];

test('a time stamp that the kernel has no room for, behind skb_shift, changes no verdict', () => {
  expect(known('tstamp', ['alloc', 'shift'], PARTED)).toMatchObject({
    reason: expect.stringContaining('sock_queue_err_skb'),
    couldChange: false,
  });
});

test('nor does one behind a copy that a packet of fragments is short of', () => {
  expect(known('tstamp', ['cowdata', 'morph', 'ip6frag', 'trim'], PARTED)).toMatchObject({
    reason: expect.stringContaining('skb_cow_data'),
    couldChange: false,
  });
});

test.each([
  ['whose copy came too late', 'tstamp', ['ip6frag', 'cowdata'], PARTED],
  ['without a shift before it', 'tstamp', ['alloc', 'split'], PARTED],
  ['of another operation', 'clone', ['alloc', 'shift'], PARTED],
  ['that begins in another way', 'tstamp', ['alloc', 'shift'], PARTED.toReversed()],
  ['with another error', 'tstamp', ['alloc', 'shift'], ['=: 0 | -22']],
  ['without a word', 'tstamp', ['alloc', 'shift'], []],
])('a disagreement %s is excused by nothing', (_, op, before, differs) => {
  expect(known(op, before, differs)).toEqual({ reason: '', couldChange: true });
});
