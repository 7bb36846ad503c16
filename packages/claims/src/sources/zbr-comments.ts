// The comments below that entry, 18 and 19 December 2007: one proposal after the other.
import { experiment, type Source } from '../experiment.ts';
import {
  broken,
  changed,
  earlyByPlace,
  faultWords,
  found,
  gravest,
  placesText,
} from '../reading.ts';
import { clock, lab, operation, search, story, type StoryFacts } from '../run.ts';
import { variant } from '../variants.ts';
import { listOf, percent, plural, round, someOf } from '../words.ts';
import { Z15, Z16, Z17, Z18 } from './zbr-asides.ts';
import { Z1, Z2, Z3, Z4, Z5 } from './zbr.ts';

const ERA = '2.6.24';
const LOADS = [
  'nfs-tcp-retransmit',
  'bulk-loss',
  'loopback-slow-reader',
  'tap-slow-reader',
  'sendfile-locked',
  'no-sg',
];
const seeds = (w: string): number => (w === 'nfs-tcp-retransmit' ? 3 : 1);

/** 'nfs-odirect and bulk-loss' */
function brokenOn(facts: readonly Parameters<typeof broken>[0][]): string[] {
  return LOADS.filter((_, i) => broken(facts[i]!));
}

const Z6 = experiment({
  id: 'Z6',
  claim: 'the right place is splice_write, releasing the pipe buffer at the ACK',
  hypothesis:
    'If pages stay in their pipe buffers until the ACK covers them, their owner knows when they are free.',
  method:
    'That design with retransmissions, a tap, a local reader, and in every order of the smallest case; and where nothing below TCP outlives an ACK.',
  refuting: 'a pipe buffer that is released while a reader is left',
  runs: {
    loads: LOADS.map((w) => clock('splice-pipe-release', w, ERA, seeds(w))),
    smallest: search('splice-pipe-release', 'nfs-tcp-retransmit', ERA),
  },
  settle({ loads, smallest }) {
    const bad = brokenOn(loads);
    const { wire, delivered } = changed(loads);
    const places = earlyByPlace(loads);
    const fine = LOADS.filter((w) => !bad.includes(w));
    const saw = `${bad.length === 0 ? 'Nothing found on any workload' : `Found: ${faultWords(LOADS, loads)}`}${places.length === 0 ? '' : `; released with a reader left, ${placesText(places)}`}; ${wire} ranges changed on the wire, ${delivered} delivered. Nothing on ${fine.length === 0 ? 'the others' : listOf(fine)}. ${smallest.text === null ? 'No counterexample in every order of the smallest case' : `The shortest counterexample: ${smallest.text}, ${smallest.steps} steps`}.`;
    if (bad.length === 0 && smallest.result !== 'refuted') return { verdict: 'confirmed', saw };
    return {
      verdict: bad.length > 1 ? 'refuted' : 'qualified',
      saw,
      token: smallest.token ?? gravest(loads),
    };
  },
});

const Z7 = experiment({
  id: 'Z7',
  claim: 'a callback from TCP at the ACK, which ends the I/O there, would do',
  hypothesis: 'When the ACK has come, the pages that it covers can be given back.',
  method:
    'That design in every order of the smallest NFS write with one retransmission, and on the workloads of Z6.',
  refuting: 'an ACK that comes while a packet made from the same pages is still queued below TCP',
  runs: {
    loads: LOADS.map((w) => clock('tcp-ack-callback', w, ERA, seeds(w))),
    smallest: search('tcp-ack-callback', 'nfs-tcp-retransmit', ERA, {}, 'corrupt'),
  },
  settle({ loads, smallest }) {
    const bad = brokenOn(loads);
    const saw = `${smallest.text === null ? `Nothing in ${smallest.states} states` : `${smallest.text}, ${smallest.steps} steps from the first page lent`}. On ${bad.length} of ${LOADS.length} workloads, with a reader left: ${placesText(earlyByPlace(loads))}.`;
    if (bad.length === 0 && smallest.result !== 'refuted') return { verdict: 'confirmed', saw };
    return {
      verdict: smallest.result === 'refuted' ? 'refuted' : 'qualified',
      saw,
      token: smallest.token ?? gravest(loads),
    };
  },
});

const Z8 = experiment({
  id: 'Z8',
  claim: 'an skb destructor through sendpage, chained to the original one, would do, as a hack',
  hypothesis:
    'If sendpage takes a destructor for the skb, and this calls the one that was there, the caller learns when its page is free.',
  method:
    'That design, on workloads and in every order of the smallest case; and who sets a destructor of its own on the same skb.',
  refuting: 'it is called while a reader is left, or never',
  runs: {
    loads: LOADS.map((w) => clock('skb-destructor', w, ERA, seeds(w))),
    smallest: search('skb-destructor', 'nfs-tcp-retransmit', ERA),
    owner: lab('owner', 'skb-destructor', ERA),
    chained: lab('owner', variant('skb-destructor', 'chained'), ERA),
  },
  settle({ loads, smallest, owner, chained }) {
    const bad = brokenOn(loads);
    const saw = `${bad.length === 0 ? 'Nothing found' : `Found: ${faultWords(LOADS, loads)}`} (with a reader left: ${placesText(earlyByPlace(loads))}): a clone has no destructor, and outlives the skb that has. When another party sets its own: ${owner.never} of 2 callbacks lost, ${chained.never} where that party calls the first.`;
    if (bad.length === 0 && smallest.result !== 'refuted') return { verdict: 'confirmed', saw };
    return {
      verdict: smallest.result === 'refuted' ? 'refuted' : 'qualified',
      saw,
      token: smallest.token ?? gravest(loads),
    };
  },
});

const KINDS = ['foreign-page', 'slab-page', 'user-page', 'pool-page'];

const Z9 = experiment({
  id: 'Z9',
  claim: 'no field of struct page is free in every case',
  hypothesis:
    'For each field there is some kind of page that uses it, so private data cannot generally hang off a page.',
  method:
    'The words of struct page as the kernel of that time lays them out, and what shares each; the callback in page->lru for pages of the cache, of a guest, of a slab, of a pool and of a process.',
  refuting: 'a word that nobody uses, or a callback in page->lru that works for every kind of page',
  runs: {
    page: lab('page', 'page-lru', ERA),
    kinds: KINDS.map((s) => story('page-lru', s, '3.8')),
  },
  settle({ page, kinds }) {
    const idle = page.words.filter((w) => w.names.length === 0);
    const collide = page.lruUsed.length > 0;
    const lost = KINDS.filter(
      (_, i) =>
        found([kinds[i]!], 'lost').length > 0 ||
        found([kinds[i]!], 'stray').length > 0 ||
        kinds[i]!.told.length === 0,
    );
    const shared = page.words.filter(
      (w) => w.names.filter((n) => !/^(lru\.|lru$)/.test(n)).length > 1,
    );
    const saw = `Of the ${page.words.length} words of struct page ${idle.length} are idle and ${shared.length} are shared by several uses already. The list pointers are free for pages of the ${listOf(page.lruFree)}, in use for those of the ${listOf(page.lruUsed)}: there the callback is lost or wrong (${lost.length === 0 ? 'in no story' : listOf(lost)}).`;
    if (idle.length > 0 || !collide) return { verdict: 'refuted', saw, token: gravest(kinds) };
    return { verdict: lost.length > 0 ? 'confirmed' : 'qualified', saw, token: gravest(kinds) };
  },
});

const Z10 = experiment({
  id: 'Z10',
  claim: 'skb->cb lasts for one layer only',
  hypothesis: 'What is kept in the control block is gone when the next layer has had the packet.',
  method:
    'A completion pointer in skb->cb: packets that come back from IP, the qdisc and a tap with it, against those of TCP’s own queue.',
  refuting: 'the pointer is still there when a packet that went down is freed',
  runs: {
    blocks: lab('blocks', 'skb-cb', ERA),
    loads: LOADS.map((w) => clock('skb-cb', w, ERA, seeds(w))),
  },
  settle({ blocks, loads }) {
    const sent = blocks.reduce((n, b) => n + b.sent, 0);
    const kept = blocks.reduce((n, b) => n + b.kept, 0);
    const queue = blocks.reduce((n, b) => n + b.inQueue, 0);
    const saw = `${kept} of ${sent} packets that went down came to their end with it; so did ${queue} that never left TCP's queue. As a completion it is ${faultWords(LOADS, loads) === '' ? 'right everywhere' : faultWords(LOADS, loads)}.`;
    if (queue === 0)
      return {
        verdict: 'not-settled',
        saw,
        missing: 'a pointer that lasts in the queue of one layer',
      };
    if (kept >= sent) return { verdict: 'refuted', saw };
    return {
      verdict: kept === 0 ? 'confirmed' : 'qualified',
      saw,
      token: gravest(loads),
    };
  },
});

const Z11 = experiment({
  id: 'Z11',
  claim: 'who overwrites skb->destructor must save the earlier one and call it',
  hypothesis:
    'Two parties on one skb lose a callback unless the second keeps the first one’s destructor and calls it.',
  method:
    'A second party charges the skb to a socket, in a kernel that overwrites the destructor, in one that runs the old one first, and with a chain.',
  refuting: 'both are called in time although nobody saves anything',
  runs: {
    overwritten: lab('owner', 'skb-destructor', '2.6.24'),
    orphaned: lab('owner', 'skb-destructor', '2.6.32'),
    chained: lab('owner', variant('skb-destructor', 'chained'), '2.6.24'),
  },
  settle({ overwritten, orphaned, chained }) {
    const text = (o: typeof overwritten): string =>
      `${o.atFree} called at the free, ${o.atOnce} at once, ${o.never} never`;
    const saw = `Overwritten (2.6.24): ${text(overwritten)}. The old one run first, as skb_orphan does (2.6.32): ${text(orphaned)}. Saved and called: ${text(chained)}.`;
    if (overwritten.never === 0 && orphaned.atOnce === 0) return { verdict: 'refuted', saw };
    return {
      verdict:
        overwritten.never > 0 && chained.never === 0 && chained.atOnce === 0
          ? 'confirmed'
          : 'qualified',
      saw,
    };
  },
});

const TELLERS = [
  'ian-frag-destructor',
  'skb-destructor',
  'page-foreign',
  'sock-wfree',
  'tcp-ack-callback',
];

const Z12 = experiment({
  id: 'Z12',
  claim: 'the callback comes in process, softirq or hard interrupt context',
  hypothesis:
    'Wherever the last reference goes, the callback runs: a completion cannot choose its context.',
  method:
    'The contexts in which producers were told, under five designs on four workloads; a callback that may sleep, and one that must not run with interrupts off.',
  refuting: 'all callbacks come in one context',
  runs: {
    loads: TELLERS.flatMap((d) =>
      ['bulk-loss', 'loopback-slow-reader', 'tap-slow-reader', 'no-sg'].map((w) =>
        clock(d, w, ERA),
      ),
    ),
    sleeps: TELLERS.map((d) => story(d, 'may-sleep', '3.8')),
    irqs: TELLERS.map((d) => story(d, 'irqs-off', '3.8')),
  },
  settle({ loads, sleeps, irqs }) {
    const sum = (c: 'process' | 'softirq' | 'hardirq' | 'irqsOff'): number =>
      loads.reduce((n, f) => n + f.contexts[c], 0);
    const wrong = (facts: readonly StoryFacts[], where: string): number =>
      facts.filter((f) => found([f], 'context').some((x) => x.where === where)).length;
    const off = wrong(irqs, 'irqs off') + sum('irqsOff');
    const hard = wrong([...sleeps, ...irqs], 'hardirq') + sum('hardirq');
    const sleepers = sleeps.filter((f) => found([f], 'context').length > 0).length;
    const kinds = [sum('process') > 0, sum('softirq') > 0, hard + off > 0].filter(Boolean).length;
    const saw = `Told in process context ${sum('process')} times, in softirq ${sum('softirq')}; with interrupts off, when a device is reset, under ${off} of ${TELLERS.length} designs; in a hard interrupt ${hard === 0 ? 'never' : `${hard} times`}. A callback that sleeps is caught under ${sleepers} of ${TELLERS.length} designs.`;
    const token = gravest([...irqs, ...sleeps]);
    if (kinds < 2) return { verdict: 'refuted', saw };
    if (hard === 0)
      return {
        verdict: 'not-settled',
        saw,
        token,
        missing:
          'a driver that frees packets in its hard interrupt: all that are modelled do it in softirq, as dev_kfree_skb_irq puts it off to there',
      };
    return { verdict: kinds === 3 ? 'confirmed' : 'qualified', saw, token };
  },
});

/** The callback as a repair has it: it asks the counts of the pages that are outstanding. */
const REPAIRED = 'sock-wfree-asks-pages';

const Z13 = experiment({
  id: 'Z13',
  claim: 'a socket callback that looks through all requests at each free would do, as a hack',
  hypothesis:
    'The implicit notice that a socket gets when an skb is freed can be used to find the requests that are done.',
  method:
    'How many requests it looks at for each free, with more and more outstanding; and whether what it finds is right, on six workloads and for the requests of distributed storage: as written, and where it asks the page counts.',
  refuting: 'it is wrong under load',
  runs: {
    scan: lab('scan', REPAIRED, ERA),
    storage: ['dst-replicas', 'dst-disconnect'].map((w) => clock('sock-wfree', w, ERA)),
    loads: LOADS.map((w) => clock('sock-wfree', w, ERA, seeds(w))),
    repaired: LOADS.map((w) => clock(REPAIRED, w, ERA, seeds(w))),
  },
  settle({ scan, storage, loads, repaired }) {
    const bad = brokenOn(loads);
    const disks = storage.filter(broken).length;
    const lost = storage.reduce((n, f) => n + f.loans - f.completions, 0);
    const told = loads.reduce((n, f) => n + f.completions, 0);
    const asked = loads.reduce((n, f) => n + f.loans, 0);
    const still = brokenOn(repaired);
    const first = scan[0]!;
    const last = scan.at(-1)!;
    const growth = last.looked / last.frees / Math.max(first.looked / first.frees, 1e-9);
    const saw = `Looked at per free: ${scan.map((s) => `${round(s.looked / s.frees)} with ${s.requests} outstanding`).join(', ')} (at most ${last.most}). As written, with skb_cloned() asked in sock_wfree, ${told} of ${plural(asked, 'request')} are found: it is wrong on ${bad.length === 0 ? 'no workload' : listOf(bad)}, and with distributed storage in ${disks} of ${storage.length} cases (${lost} never found). Asking the page counts instead, it is wrong on ${still.length === 0 ? 'none' : listOf(still)}.`;
    if (bad.length > 0)
      return {
        verdict: disks > 0 ? 'refuted' : 'qualified',
        saw,
        token: gravest(loads),
      };
    return { verdict: growth < 2 ? 'confirmed' : 'qualified', saw };
  },
});

const Z14 = experiment({
  id: 'Z14',
  claim: 'sock_wfree runs only when the data is fully processed, clones aside',
  hypothesis:
    'When the destructor of a packet that was charged to a socket runs, nobody but clones of it can still read the data.',
  method:
    'Each run of sock_wfree for a packet with lent pages: was the packet freed, or only taken from its socket? Has a clone its data, or another packet its pages? In the kernel of that time and in one that orphans before the driver; and the design that looks for clones.',
  refuting: 'it runs while the packet itself lives on, or while other packets have its pages',
  runs: {
    early: lab('wfree', 'sock-wfree', ERA),
    later: lab('wfree', 'sock-wfree', '2.6.38'),
    moves: [
      operation('sock-wfree', 'skb_orphan', ERA),
      operation('sock-wfree', 'tcp_fragment', ERA),
      operation('sock-wfree', 'pskb_copy', ERA),
    ],
    loads: LOADS.map((w) => clock('sock-wfree', w, ERA, seeds(w))),
  },
  settle({ early, later, moves, loads }) {
    const told = loads.reduce((n, f) => n + f.completions, 0);
    const asked = loads.reduce((n, f) => n + f.loans, 0);
    const text = (facts: typeof early): string => {
      const runs = facts.reduce((n, f) => n + f.runs, 0);
      const orphaned = facts.reduce((n, f) => n + f.orphaned, 0);
      const clones = facts.reduce((n, f) => n + f.clones, 0);
      const moved = facts.reduce((n, f) => n + f.moved, 0);
      return `of ${runs} runs, ${percent(orphaned, runs)} came while the packet itself lived on, ${percent(clones, runs)} with a clone left, ${percent(moved, runs)} with its pages in other packets`;
    };
    const orphaned = early.reduce((n, f) => n + f.orphaned + f.moved, 0);
    const where = early.filter((f) => f.orphaned > 0).map((f) => f.workload);
    const bad = brokenOn(loads);
    const saw = `2.6.24: ${text(early)} (${where.length === 0 ? 'nowhere' : `on ${listOf(where)}`}). 2.6.38, where the driver gets orphans: ${text(later)}. The check for clones lets ${told} of ${plural(asked, 'request')} be told, as the original in TCP's queue counts as one and has no destructor: wrong on ${bad.length === 0 ? 'none' : someOf(bad)} and under ${plural(moves.filter(broken).length, 'operation')} of ${moves.length}.`;
    const token = gravest(loads) ?? moves.find(broken)?.token ?? null;
    if (orphaned > 0 || bad.length > 0) return { verdict: 'refuted', saw, token };
    return { verdict: later.some((f) => f.orphaned > 0) ? 'qualified' : 'confirmed', saw, token };
  },
});

export const ZBR: Source = {
  id: 'Z',
  author: 'Evgeniy Polyakov',
  title: 'Fundamental race between block layer/IO and networking',
  date: 'blog, 18 December 2007, with comments by Jens Axboe and a reader called Matthew until the next day',
  about:
    'Written while he built distributed storage: sendpage returns, and nobody can tell when the page may be written. The comments try one way out after the other.',
  experiments: [Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15, Z16, Z17, Z18],
};
