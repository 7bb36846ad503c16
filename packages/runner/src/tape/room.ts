// Page frames of a machine in which any step may come next. There are few, as many runs are played, and one that has used them
// up ends half way through its step, with no look at what it did (mm/page_alloc.ts). A kernel has far more of them: so a
// candidate that asks for pages and keeps them would hide what would have come next, and is stopped.
import { Halt, type Kernel } from '@lastref/kernel';
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
  const inPackets = pagesInPackets(k);
  if (2 * inPackets >= used) return;
  const rest = used - inPackets;
  tooMany(
    `${used} of the machine's ${k.frames} pages are in use, and ${rest} of them in no packet`,
  );
}

/** Where states are told apart: a run that has no frame left came to its end for that alone. */
export function mustHaveRoom(k: Kernel): void {
  if (k.agenda.halted !== Halt.CUT || k.pages.used < k.frames) return;
  tooMany(`all ${k.frames} pages of the machine are in use, so nobody sees what would come next`);
}

/** Of all that are in use. A data area that no packet has is one that somebody forgot. */
function pagesInPackets({ skbs, fclones }: Kernel): number {
  const pages = new Set<object>();
  const packets = [...skbs.all, ...fclones.all.flatMap((one) => [one, one.pair!])];
  for (const { live, shinfo } of packets) {
    if (!live) continue;
    if (shinfo.headPage !== null) pages.add(shinfo.headPage);
    for (let i = 0; i < shinfo.nrFrags; i++) pages.add(shinfo.frags[i]!.page);
  }
  return pages.size;
}
