// Evgeniy Polyakov's blog, 18 December 2007: the entry itself, on sendpage.
import { experiment } from '../experiment.ts';
import { changed, earlyByPlace, found, gravest, perSegment, placesText } from '../reading.ts';
import { clock, lab, search, story } from '../run.ts';
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

const COPIED = ['bulk-loss', 'nfs-odirect', 'loopback-slow-reader'];
/** own-acks was said of protocols that answer: a stream that nobody answers is outside of it. */
const ANSWERED = ['nfs-odirect', 'nfs-tcp-retransmit', 'iscsi-write'];
/** Half as much again. */
const DEAR = 1.5;

export const Z5 = experiment({
  id: 'Z5',
  claim: 'both remedies, copying and acknowledgements of one’s own, cost a great deal',
  hypothesis:
    'Copying everything, or holding pages until the protocol itself acknowledges, harms performance greatly.',
  method:
    'Bytes copied and cache lines per segment, how long a page is held, and how many pages a producer with few of them gets back in a second: for copies against bare references, on three workloads; for acknowledgements of its own against a destructor, on the three of them whose protocol has acknowledgements.',
  refuting: 'on no workload copies, or acknowledgements, cost half as much again',
  runs: {
    bare: COPIED.map((w) => clock(NAIVE, w, ERA)),
    copied: COPIED.map((w) => clock('copy-always', w, ERA)),
    acks: ANSWERED.map((w) => clock('own-acks', w, ERA)),
    told: ANSWERED.map((w) => clock('ian-frag-destructor', w, ERA)),
  },
  settle({ bare, copied, acks, told }) {
    const lines = COPIED.map(
      (_, i) => perSegment(copied[i]!, 'cacheLines') / perSegment(bare[i]!, 'cacheLines'),
    );
    const slower = ANSWERED.map((_, i) => told[i]!.pagesPerSecond / acks[i]!.pagesPerSecond);
    const copies = COPIED.map(
      (w, i) =>
        `${Math.round(perSegment(copied[i]!, 'copiedPayloadBytes') - perSegment(bare[i]!, 'copiedPayloadBytes'))} bytes more per segment and ${round(lines[i]!)} times the cache lines on ${w}`,
    );
    const waits = ANSWERED.map(
      (w, i) =>
        `${Math.round(acks[i]!.pagesPerSecond)} pages a second, held ${time(acks[i]!.lent.p50)} each (median), where a destructor gives ${Math.round(told[i]!.pagesPerSecond)} after ${time(told[i]!.lent.p50)}, on ${w}`,
    );
    const saw = `Copying: ${copies.join('; ')}. Acknowledgements: ${waits.join('; ')}.`;
    const dear = [...lines, ...slower].filter((x) => x >= DEAR).length;
    if (dear === 0) return { verdict: 'refuted', saw };
    return { verdict: dear === lines.length + slower.length ? 'confirmed' : 'qualified', saw };
  },
});
