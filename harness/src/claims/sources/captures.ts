// Captures of a live kernel, played again by the model.
import { experiment, type Source } from '../experiment.ts';
import { lab } from '../run.ts';
import { listOf, plural, time } from '../words.ts';

const ERA = '3.8';

const K1 = experiment({
  id: 'K1',
  claim:
    'ten calls were sent twice, and three went out changed: the model says which, and why not the others',
  hypothesis:
    'Driven by the packets of that exchange, completion at the reply flags the three calls whose second copies carry other bytes; for each of the seven others the model says why nothing happened; and a destructor in each fragment holds the pages of all ten until the second copy is gone.',
  method:
    'The capture of an NFS client (Linux 6.18) that uses its pages again at the first answer, in which the second copies are compared byte by byte with the first ones; the same packets under rpc-reply and under ian-frag-destructor.',
  refuting:
    'a call that changed and that the model lets pass, or a fragment destructor that tells while a copy can still be read',
  runs: {
    reply: lab('resent', 'rpc-reply', ERA),
    destructor: lab('resent', 'ian-frag-destructor', ERA),
  },
  settle({ reply, destructor }) {
    const changed = reply.calls.filter((c) => c.differ > 0);
    const missed = changed.filter((c) => c.readers.length === 0 || !c.changed);
    // What went out between the answer and the first new byte: the application is not that fast.
    const reaction = Math.max(0, ...changed.map((c) => c.unsent - c.differ));
    const others = reply.calls.filter((c) => c.differ === 0);
    const gone = others.filter((c) => c.readers.length === 0);
    const acked = others.filter((c) => c.readers.length > 0 && c.unsent === 0);
    const outrun = others.filter((c) => c.unsent > 0 && c.unsent <= reaction);
    const last = others.filter((c) => c.unsent > reaction && c.last);
    const open = others.length - gone.length - acked.length - outrun.length - last.length;
    const names = (calls: readonly { xid: string }[]): string => listOf(calls.map((c) => c.xid));
    const parts = [
      `Flagged under rpc-reply: ${reply.calls.length - gone.length} of ${reply.calls.length} calls that were sent twice, ${reply.onceEarly} of ${reply.once} others, and among them ${changed.length - missed.length} of the ${changed.length} that changed (${changed.map((c) => `${c.xid} with ${c.differ} bytes, ${c.unsent} unsent at the answer`).join('; ')}).`,
    ];
    if (gone.length > 0)
      parts.push(`Of the others, ${names(gone)} had left and been acknowledged before the answer.`);
    if (acked.length > 0) parts.push(`${names(acked)} had left whole and only waited for its ACK.`);
    if (outrun.length > 0)
      parts.push(
        `${names(outrun)} had ${listOf(outrun.map((c) => String(c.unsent)))} bytes to go, which is less than went out before the application wrote in the calls that changed (up to ${reaction}).`,
      );
    if (last.length > 0)
      parts.push(
        `No new call was sent after the answer to ${names(last)}, so nobody wrote to its pages.`,
      );
    if (open > 0) parts.push(`${plural(open, 'call')} without an explanation.`);
    const early =
      destructor.calls.filter((c) => c.readers.length > 0).length + destructor.onceEarly;
    const held = destructor.calls.map((c) => c.toldAfter);
    parts.push(
      `ian-frag-destructor tells ${early === 0 ? 'none' : String(early)} of them early; it holds the pages for up to ${time(Math.max(...held))} beyond the answer, as long as a copy is queued.`,
    );
    const saw = parts.join(' ');
    if (missed.length > 0 || early > 0) return { verdict: 'refuted', saw };
    return { verdict: open === 0 ? 'confirmed' : 'qualified', saw };
  },
});

export const CAPTURES: Source = {
  id: 'K',
  author: 'Linux 6.18',
  title: 'captures of a live kernel',
  date: 'taken for this project; see packages/capture/data',
  about:
    'No document: real packets between two network namespaces, and what the model makes of them.',
  experiments: [K1],
};
