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

const DESIGNS = [
  'naive-sendpage',
  'copy-always',
  'skb-destructor',
  'no-clone',
  'sock-wfree',
  'splice-pipe-release',
  'tcp-ack-callback',
  'rusty-shinfo-orig',
  'ian-frag-destructor',
  'page-foreign',
  'msg-zerocopy',
];

const K2 = experiment({
  id: 'K2',
  claim: 'late ACKs cross queued retransmissions: what each design would have done',
  hypothesis:
    'At each crossing, whoever takes the ACK for the end gives the page back while the retransmission is still queued; whoever counts what the stack holds waits until it has left.',
  method:
    'A capture of nine bursts whose ACKs were held back until the kernel had sent again, and of the other end: the retransmissions that had not arrived when the ACK was back. The model keeps each of them in its ring for as long as the network queued it, under eleven designs.',
  refuting: 'no crossing, or designs of both kinds that do the same',
  runs: { crossings: DESIGNS.map((d) => lab('crossings', d, ERA)) },
  settle({ crossings }) {
    const rows = DESIGNS.map((design, i) => {
      const seen = crossings[i]!;
      const early = seen.flatMap((c, n) => (c.told >= 0 && c.readers.length > 0 ? [n + 1] : []));
      const late = seen.map((c) => c.told - c.acked);
      return { design, early, changed: seen.filter((c) => c.changed).length, late };
    });
    const [first] = crossings;
    const all = first!.length;
    const queued = first!.map((c) => c.left - c.acked);
    const grouped = new Map<string, string[]>();
    for (const { design, early, changed } of rows) {
      const where = early.length === all ? 'each' : `${listOf(early.map(String))} alone`;
      const what =
        early.length === 0 ? 'never' : `at ${where}, with changed bytes ${changed} times`;
      grouped.set(what, [...(grouped.get(what) ?? []), design]);
    }
    const ends = [...grouped].map(([what, designs]) => `${what}: ${listOf(designs)}`);
    const waiting = rows.filter((r) => r.early.length === 0 && r.design !== 'copy-always');
    const longest = Math.max(0, ...waiting.flatMap((r) => r.late));
    const saw = `${plural(all, 'crossing')}: the retransmission left its queue ${time(Math.min(...queued))} to ${time(Math.max(...queued))} after the ACK was back. Told while it was still queued: ${ends.join('; ')}. Those that never are tell up to ${time(longest)} after the ACK, which is when the last copy is gone.`;
    const atAck = rows.find((r) => r.design === 'tcp-ack-callback')!;
    const counted = rows.find((r) => r.design === 'ian-frag-destructor')!;
    if (all === 0 || atAck.early.length === counted.early.length)
      return { verdict: 'refuted', saw };
    return {
      verdict: atAck.early.length === all && counted.early.length === 0 ? 'confirmed' : 'qualified',
      saw,
    };
  },
});

export const CAPTURES: Source = {
  id: 'K',
  author: 'Linux 6.18',
  title: 'captures of a live kernel',
  date: 'taken for this project; see packages/capture/data',
  about:
    'No document: real packets between two network namespaces, and what the model makes of them.',
  experiments: [K1, K2],
};
