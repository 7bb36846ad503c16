// Evgeniy Polyakov's blog, 18 December 2007: the entry itself, on sendpage.
import { experiment } from '../experiment.ts';
import { changed, earlyByPlace, found, gravest, perSegment, placesText } from '../reading.ts';
import { clock, lab, search, story, type ClockFacts } from '../run.ts';
import { listOf, plural, round, time } from '../words.ts';

/** The kernel of that winter. */
const ERA = '2.6.24';
const NAIVE = 'naive-sendpage';

export const Z1 = experiment({
  id: 'Z1',
  claim: 'sendpage avoids the copy only with scatter/gather and checksum offload',
  hypothesis: 'Unless the device has both, sendpage falls back to copying.',
  method:
    'The same transfer over devices with both features, with either, and with none: payload bytes that the processor copies.',
  refuting: 'a device without one of them and no copy, or a copy with both',
  runs: { devices: lab('features', NAIVE, ERA) },
  settle({ devices }) {
    const wrong = devices.filter((d) => (d.copied === 0) !== (d.sg && d.csum));
    const saw = devices
      .map(
        (d) =>
          `${d.copied} of ${d.bytes} bytes copied ${d.sg ? 'with' : 'without'} scatter/gather and ${d.csum ? 'with' : 'without'} checksum offload`,
      )
      .join('; ');
    const verdict =
      wrong.length === 0 ? 'confirmed' : wrong.length === devices.length ? 'refuted' : 'qualified';
    return { verdict, saw: `${saw}.` };
  },
});

export const Z2 = experiment({
  id: 'Z2',
  claim: 'the return of sendpage says nothing about transmission',
  hypothesis:
    'When sendpage has returned, the packet may still be in a queue, in the qdisc or in the ring, or be sent again.',
  method:
    'The return taken for the end, on a wire with losses, behind a busy ring, over loopback and with a tap: where the last reader is each time.',
  refuting: 'nobody is left when sendpage returns',
  runs: {
    runs: [
      'nfs-odirect',
      'bulk-loss',
      'sendfile-locked',
      'loopback-slow-reader',
      'tap-slow-reader',
    ].map((w) => clock(NAIVE, w, ERA)),
    qdisc: story(NAIVE, 'qdisc', '3.8'),
    late: story(NAIVE, 'late-ack', '3.8'),
  },
  settle({ runs, qdisc, late }) {
    const places = earlyByPlace(runs);
    const told = runs.reduce((n, f) => n + f.completions, 0);
    const early = places.reduce((n, [, count]) => n + count, 0);
    const { wire, delivered } = changed(runs);
    const below = [qdisc, late].filter((f) => found([f], 'corrupt').length > 0).length;
    const saw = `${early} of ${told} returns came with a reader left: ${placesText(places)}. ${wire} ranges changed on the wire and ${delivered} at the receiver. The page rewritten while its packet waits in the qdisc, and while a retransmission is in the ring: changed bytes in ${below} of 2 stories.`;
    if (early === 0) return { verdict: 'refuted', saw };
    return {
      verdict: below === 2 ? 'confirmed' : 'qualified',
      saw,
      token: gravest([qdisc, late, ...runs]),
    };
  },
});

export const Z3 = experiment({
  id: 'Z3',
  claim: 'the ACK frees the packet in the retransmit queue, and with it the page reference',
  hypothesis: 'With the ACK the page is out of the retransmit queue and its reference is dropped.',
  method:
    'The references of one page in the step in which the ACK is processed: plain, and with a second holder below, beside or behind TCP.',
  refuting: 'the queue still has the page after the ACK that covers it',
  runs: { acks: lab('acks', NAIVE, ERA) },
  settle({ acks }) {
    const plain = acks.find((a) => a.story === 'plain');
    const held = acks.filter((a) => a.references > 0);
    const saw = acks
      .map(
        (a) =>
          `${a.story}: ${a.dequeued ? 'out of the queue' : 'still queued'}, ${plural(a.references, 'reference')} left${a.readers.length > 0 ? ` (${listOf(a.readers)})` : ''}`,
      )
      .join('; ');
    if (plain === undefined || !plain.dequeued || plain.references > 0)
      return { verdict: 'refuted', saw: `${saw}.` };
    return { verdict: held.length > 0 ? 'qualified' : 'confirmed', saw: `${saw}.` };
  },
});

export const Z4 = experiment({
  id: 'Z4',
  claim: 'sendfile beside a writer sends a mix, and a lock around sendfile does not help',
  hypothesis:
    'The receiver gets old and new data mixed; with a lock that is given back when sendfile returns it still does, single pages included.',
  method:
    'sendfile of a file that somebody writes to without a lock; sendfile of single pages under a lock that is held until sendfile returns, and under one that is held until a destructor tells. A live kernel (6.18) has shown the same for the first two.',
  refuting: 'the receiver gets what was in the file, without the lock or with it',
  runs: {
    free: clock(NAIVE, 'sendfile-writer', ERA),
    locked: clock(NAIVE, 'sendfile-locked', ERA),
    told: clock('ian-frag-destructor', 'sendfile-locked', ERA),
    smallest: search(NAIVE, 'sendfile-locked', ERA, {}, 'corrupt'),
  },
  settle({ free, locked, told, smallest }) {
    const a = changed([free]).delivered;
    const b = changed([locked]).delivered;
    const c = changed([told]).delivered;
    const saw = `Changed ranges delivered: ${a} without a lock, ${b} with a lock until sendfile returns, ${c} with a lock until the last reference is gone.`;
    const token = smallest.token ?? gravest([locked, free]);
    if (a === 0 || b === 0) return { verdict: a + b === 0 ? 'refuted' : 'qualified', saw, token };
    return { verdict: 'confirmed', saw, token };
  },
});

export const Z5 = experiment({
  id: 'Z5',
  claim: 'both remedies, copying and acknowledgements of one’s own, cost a great deal',
  hypothesis:
    'Copying everything, or holding pages until the protocol itself acknowledges, harms performance greatly.',
  method:
    'Bytes copied and cache lines per segment, how long a page is held, and how many pages a producer with few of them gets back in a second: for copies and for own acknowledgements, against bare references and against a destructor; on a wire with losses and with a slow server.',
  refuting: 'copies and acknowledgements cost less than half as much again',
  runs: {
    bulk: [NAIVE, 'copy-always', 'own-acks', 'ian-frag-destructor'].map((d) =>
      clock(d, 'bulk-loss', ERA),
    ),
    nfs: [NAIVE, 'copy-always', 'own-acks', 'ian-frag-destructor'].map((d) =>
      clock(d, 'nfs-odirect', ERA),
    ),
  },
  settle({ bulk, nfs }) {
    const copies =
      perSegment(bulk[1]!, 'copiedPayloadBytes') - perSegment(bulk[0]!, 'copiedPayloadBytes');
    const lines = perSegment(bulk[1]!, 'cacheLines') / perSegment(bulk[0]!, 'cacheLines');
    const rate = (f: ClockFacts): string => `${Math.round(f.pagesPerSecond)} pages a second`;
    const longer = Math.max(...[bulk, nfs].map((f) => f[3]!.pagesPerSecond / f[2]!.pagesPerSecond));
    const saw = `Copying: ${round(copies)} bytes more per segment, ${round(lines)} times the cache lines. Own acknowledgements: no copy, but with a slow server a producer of few pages gets back ${rate(nfs[2]!)}, held ${time(nfs[2]!.lent.p50)} each (median), where a destructor gives ${rate(nfs[3]!)} after ${time(nfs[3]!.lent.p50)}; on the wire with losses ${rate(bulk[2]!)} against ${rate(bulk[3]!)}, and ${rate(bulk[1]!)} with copies.`;
    const dear = lines >= 1.5;
    const slow = longer >= 1.5;
    if (!dear && longer <= 1) return { verdict: 'refuted', saw };
    return { verdict: dear && slow ? 'confirmed' : 'qualified', saw };
  },
});
