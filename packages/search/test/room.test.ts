// A machine has few page frames, and a run that needs another one ends half way through its step. Behind that nobody looks: whoever has
// the frames in no packet would have come to a next step in a kernel.
import { Halt, allocPage, allocSkb, type Kernel } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { isOutOfFrames, pagesInNoPacket } from '../src/index.ts';
import { keepsFrames } from '../src/exhaustive/room.ts';
import { bareCell } from './cells.ts';

/** A machine of which all frames but `left` are in use, `carried` of them in one packet. */
function full(left: number, carried: number, halted: Kernel['agenda']['halted']): Kernel {
  const { k } = bareCell();
  const skb = allocSkb(k, 128, false);
  for (let i = 0; i < carried; i++) k.fillPageDesc(skb, allocPage(k), 0, 1);
  while (k.pages.used < k.frames - left) allocPage(k);
  k.agenda.halted = halted;
  return k;
}

test('it is out of frames where its run was cut short and none is left, and not for one of these alone', () => {
  expect(isOutOfFrames(full(0, 0, Halt.CUT))).toBe(true);
  expect(isOutOfFrames(full(1, 0, Halt.CUT))).toBe(false); // something else cut it
  expect(isOutOfFrames(full(0, 0, Halt.RUNS))).toBe(false); // it goes on
});

test('somebody keeps them where most are in no packet; a packet that waits may have as many as it likes', () => {
  const k = full(0, 8, Halt.CUT);
  expect(pagesInNoPacket(k)).toBe(k.frames - 8);
  expect(keepsFrames(k)).toBe(k.frames - 8 > k.frames / 2);
  expect(keepsFrames(full(0, 1, Halt.CUT))).toBe(true);
  expect(keepsFrames(full(1, 1, Halt.CUT)), 'one is left').toBe(false);
});
