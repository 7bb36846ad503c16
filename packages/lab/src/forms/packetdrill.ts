// A finding on one TCP connection as a script of packetdrill.
import { CHANGES } from '@lastref/kernel';
import { writeScript } from '@lastref/packetdrill';
import { findEra } from '@lastref/runner';
import type { ConnectionStory } from '@lastref/runner/replay';
import { design as mainline } from '@lastref/strategies/msg-zerocopy';
import { printable } from '@lastref/report/words';

/** `again`: the command that shows the steps. */
export function packetdrillScript(story: ConnectionStory, again: string): string {
  const { design, workload, seed } = story;
  const era = findEra(story.era);
  const isMainline = design === mainline.id;
  const zerocopy = isMainline && !story.fromFile && era.changes.has(CHANGES.zerocopy);
  const told = zerocopy
    ? 'The error queue is read as soon as it has something; a tun device copies, so it says so.'
    : isMainline
      ? 'sendfile tells nobody: what the model tells stands as comments.'
      : `packetdrill plays mainline: what ${design} tells stands as comments.`;
  const title = [
    `${design} on ${workload}, ${era.id}, seed ${seed}; its steps: ${again}`,
    `lastref packetdrill FILE --era ${era.id}`,
    "Calls, the peer's packets and their times are the finding's; the host's packets are what mainline's TCP sends to these.",
    told,
  ].map(printable);
  const happenings = story.happenings.map((h) =>
    h.kind === 'note' ? { ...h, text: printable(h.text) } : h,
  );
  return writeScript({ ...story, title, zerocopy, happenings }, mainline, era);
}
