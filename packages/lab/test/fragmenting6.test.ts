// Fragments of IPv6 on the model's arm: the header between, the room that it wants, and where it goes.
import { expect, test } from 'vitest';
import * as arm from './played.ts';

const played = (text: string) => arm.played(text, 'plain');
const packets = (answer: ReturnType<typeof played>) => arm.packets(answer, 'hr');

/** Two fragments with a page each behind their headers of 48 bytes: too much in them for one head. */
const TWO = (room: number, behind = room) =>
  `alloc 0 ${room} 48 0 1 0; frag 0 3 0 800 0; alloc 1 ${behind} 56 0 2 0; frag 1 4 0 400 0`;

test('what comes together has no fragment header any more, and its room in front is as much larger', () => {
  const whole = played(`${TWO(128)}; ip6defrag 0 1 -1 0`);
  expect(packets(whole)).toEqual([
    's1 len=1248 dl=1208 [p3+0:800] {len=408 dl=400 [p4+0:400]} hr=136',
  ]);
});

test('it goes out as it was, each with both headers in front', () => {
  const cut = played(`${TWO(128)}; ip6defrag 0 1 -1 0; ip6frag 1 848`);
  expect(packets(cut)).toEqual([
    's0 len=848 dl=800 [p3+0:800] hr=128',
    's1 len=456 dl=400 [p4+0:400] hr=128',
  ]);
});

const AS_IT_IS = ['s0 len=848 dl=800 [p3+0:800] hr=64', 's1 len=456 dl=400 [p4+0:400] hr=64'];
const COPIED = ['s0 len=848 dl=0 [] hr=64', 's1 len=456 dl=0 [] hr=64'];

test.each([
  ['room for the device and the headers', 64, 64, AS_IT_IS],
  ['less than that in front of the first: copied', 63, 64, COPIED],
  ['less than that behind it: copied', 64, 63, COPIED],
])('%s', (_, room, behind, wanted) => {
  expect(packets(played(`${TWO(room, behind)}; ip6defrag 0 1 -1 0; ip6frag 1 848`))).toEqual(
    wanted,
  );
});

test('eight bytes less than the datagram: the header of a fragment has no place', () => {
  const cut = played('alloc 0 128 140 0 1 0; ip6frag 0 140');
  expect(packets(cut)).toEqual([
    expect.stringMatching(/^s0 len=136 /),
    expect.stringMatching(/^s1 len=60 /),
  ]);
});
