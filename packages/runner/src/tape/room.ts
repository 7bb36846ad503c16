// A candidate that asks for pages and keeps them would hide what would have come next where there is no frame left, and is stopped
// before there is none. A search of any other counts such runs, and proves nothing then (search, room.ts).
import type { Kernel } from '@lastref/kernel';
import { isOutOfFrames, pagesInNoPacket } from '@lastref/search';
import { Broken, placeName } from '../candidates/rules.ts';
import { running } from '../candidates/running.ts';

function tooMany(what: string): never {
  throw new Broken(placeName(running.place), what, 'memory');
}

/**
 * Before it calls a service: three quarters of the frames may be in use, and then half of these have to be in packets.
 * Where packets wait without end, as over UDP, they are.
 */
export function mustStaySmall(k: Kernel): void {
  const { used } = k.pages;
  if (!k.agenda.stopped || 4 * used < 3 * k.frames) return;
  const rest = pagesInNoPacket(k);
  if (2 * rest <= used) return;
  tooMany(
    `${used} of the machine's ${k.frames} pages are in use, and ${rest} of them in no packet`,
  );
}

/** Where states are told apart: a run that has no frame left came to its end for that alone. */
export function mustHaveRoom(k: Kernel): void {
  if (!isOutOfFrames(k)) return;
  tooMany(`all ${k.frames} pages of the machine are in use, so nobody sees what would come next`);
}
