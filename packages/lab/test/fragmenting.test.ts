// IP fragments on the model's arm: what comes together again, and what goes out as it is.
import { expect, test } from 'vitest';
import * as arm from './played.ts';
import { packets, refs } from './played.ts';

const played = (text: string, era?: string) => arm.played(text, 'plain', era);

/** Two fragments with a page each behind 20 bytes: too much in them for one head. */
const TWO = [
  'alloc 0 128 20 0 1 0',
  'frag 0 3 0 800 0',
  'alloc 1 128 28 0 2 0',
  'frag 1 4 0 400 0',
].join('; ');

test('fragments become one packet in that which came last, whatever their order', () => {
  const whole = ['s1 len=1228 dl=1208 [p3+0:800] {len=408 dl=400 [p4+0:400]}'];
  expect(packets(played(`${TWO}; defrag 0 1 -1 0`))).toEqual(whole);
  // the same two, and the other comes first
  expect(packets(played(`${TWO}; defrag 1 0 -1 1`))).toEqual(
    whole.map((s) => s.replace('s1', 's0')),
  );
});

test('what was put together goes out as it was, with its pages', () => {
  const cut = played(`${TWO}; defrag 0 1 -1 0; ipfrag 1 820`);
  expect(packets(cut)).toEqual(['s0 len=820 dl=800 [p3+0:800]', 's1 len=428 dl=400 [p4+0:400]']);
  expect(refs(cut)).toMatch(/^ refs p0=1 p1=1 p2=1 p3=2 p4=2 /);
});

test('somebody else has it too: it is copied, and its pages stay with that one', () => {
  const cut = played(`${TWO}; defrag 0 1 -1 0; clone 1 2; ipfrag 1 820; free 2`);
  expect(packets(cut)).toEqual(['s0 len=820 dl=0 []', 's1 len=428 dl=0 []']);
  expect(refs(cut)).toMatch(/^ refs p0=1 p1=1 p2=1 p3=1 p4=1 /);
});

test('what was put together may be a fragment again, among others', () => {
  const all = 'alloc 0 64 60 0 1 0; alloc 1 64 60 0 2 0; alloc 2 64 60 0 3 0; alloc 3 64 60 0 4 0';
  const twice = played(`${all}; defrag 0 1 -1 0; linear 1; defrag 2 3 1 0`);
  expect(packets(twice)).toEqual([expect.stringMatching(/^s1 len=180 /)]);
});

test('all but the last are cut to a multiple of eight', () => {
  const odd = 'alloc 0 64 49 0 1 0; alloc 1 64 49 0 2 0; defrag 0 1 -1 0';
  expect(packets(played(odd))).toEqual([expect.stringMatching(/^s1 len=73 /)]);
});

/** Nine whole pages. */
function pagesIn(slot: number): string {
  return Array.from({ length: 9 }, (_, i) => `frag ${slot} ${i % 8} 0 4096 0`).join('; ');
}

test.each([
  ['one that is shared', 'get 1; defrag 0 1 -1 0'],
  ['one that stands for many', 'gso 1 100; defrag 0 1 -1 0'],
  ['more than a datagram holds', `${pagesIn(0)}; ${pagesIn(1)}; defrag 0 1 -1 0`],
  ['the same one twice', 'defrag 0 0 -1 0'],
  ['no room for what it becomes', 'ipfrag 0 28'],
  ['a device that takes less than a header', 'ipfrag 0 20'],
])('%s: it does not apply', (_, lines) => {
  expect(played(`${TWO}; ${lines}`).steps.at(-1)!.state).toEqual([]);
});
