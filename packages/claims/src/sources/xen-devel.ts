// xen-devel, 2011: why netback copies, and what was tried against it.
import { experiment, type Source } from '../experiment.ts';
import {
  broken,
  changed,
  costOf,
  earlyByPlace,
  everyOperation,
  faultWords,
  found,
  gravest,
  perSegment,
  placesText,
  refutedOperations,
  times,
} from '../reading.ts';
import { clock, lab, operation, search, story, type ClockFacts } from '../run.ts';
import { variant } from '../variants.ts';
import { listOf, percent, plural, round } from '../words.ts';
import { C12, C13, C14 } from './xen-devel-asides.ts';

const ERA = '2.6.38';
const NO_CLONE = 'no-clone';

/** Workloads whose producers wait until they are told before they write. */
const WAITING = [
  'nfs-odirect',
  'nfs-tcp-retransmit',
  'nfs-udp',
  'bulk-loss',
  'loopback-slow-reader',
  'tap-slow-reader',
  'no-sg',
  'reset-midway',
  'nfs-reconnect',
  'failover',
  'listener-stop',
  'iscsi-write',
  'iscsi-recovery',
  'dst-replicas',
  'netback-bridge',
];

const C3 = experiment({
  id: 'C3',
  claim: 'two roads to the same corruption: RPC sends a call again, TCP sends a packet again',
  hypothesis:
    'NFS loses data by the retransmission of whole calls, and independently by the retransmission of packets below.',
  method:
    'Two workloads, one with each kind of retransmission alone (counted, to be sure), with the completion of those years; as a control, both under a kernel that copies the pages of a call that it sends again.',
  refuting: 'one of the two alone changes nothing on the wire',
  runs: {
    kinds: lab('resends', 'rpc-reply', ERA),
    calls: clock('rpc-reply', 'nfs-odirect', ERA, 3),
    packets: clock('rpc-reply', 'nfs-tcp-retransmit', ERA, 3),
    callsCopied: clock('rpc-reply', 'nfs-odirect', '3.18', 3),
    packetsCopied: clock('rpc-reply', 'nfs-tcp-retransmit', '3.18', 3),
  },
  settle({ kinds, calls, packets, callsCopied, packetsCopied }) {
    const c = kinds['nfs-odirect'];
    const p = kinds['nfs-tcp-retransmit'];
    const pure = c.calls > 0 && c.packets === 0 && p.calls === 0 && p.packets > 0;
    const a = changed([calls]);
    const b = changed([packets]);
    const after = [callsCopied, packetsCopied].map((f) => changed([f]).wire);
    const saw = `${c.calls} calls and ${c.packets} packets sent again: ${a.wire} ranges changed on the wire, ${a.delivered} delivered. ${p.calls} calls and ${p.packets} packets: ${b.wire} on the wire, ${b.delivered} delivered. Where calls that are sent again are copied (3.18): ${after[0]!} and ${after[1]!}.`;
    const both = a.wire > 0 && b.wire > 0;
    if (!both) return { verdict: 'refuted', saw, token: gravest([calls, packets]) };
    return { verdict: pure ? 'confirmed' : 'qualified', saw, token: gravest([calls]) };
  },
});

const C4 = experiment({
  id: 'C4',
  claim: 'the skb destructor fails as soon as the skb is cloned',
  hypothesis:
    'A destructor on the skb is enough until somebody clones it; then it runs while the clone still has the pages.',
  method:
    'Every order of the smallest NFS write under the plain skb destructor, for the shortest counterexample; the same destructor, the same bound, with a private copy in place of every clone.',
  refuting: 'no counterexample with clones, or one without',
  runs: {
    cloned: search('skb-destructor', 'nfs-tcp-retransmit', ERA),
    copied: search(NO_CLONE, 'nfs-tcp-retransmit', ERA),
  },
  settle({ cloned, copied }) {
    const saw = `With clones: ${cloned.text ?? 'nothing found'}${cloned.text === null ? '' : `, after ${plural(cloned.steps, 'step')}`}. Without: ${copied.text ?? `nothing in ${plural(copied.states, 'state')}`}.`;
    if (cloned.result !== 'refuted') return { verdict: 'refuted', saw };
    return {
      verdict: copied.result === 'exhausted' ? 'confirmed' : 'qualified',
      saw,
      token: cloned.token,
    };
  },
});

const SITES = [
  {
    site: 'TCP when it transmits',
    change: 'ignored-xmit',
    operations: ['skb_clone', 'dev_hard_start_xmit'],
  },
  { site: 'taps and bridge ports', change: 'ignored-tap', operations: ['packet_rcv', 'br_flood'] },
  { site: 'pskb_copy', change: 'ignored-copy', operations: ['pskb_copy'] },
  { site: 'pskb_expand_head', change: 'ignored-head', operations: ['pskb_expand_head', 'skb_cow'] },
  { site: 'skb_segment', change: 'ignored-segment', operations: ['skb_segment'] },
] as const;
const honoured = everyOperation(NO_CLONE, ERA);

const C5 = experiment({
  id: 'C5',
  claim: 'a copy for every clone is right only if honoured everywhere, and corner cases abound',
  hypothesis:
    'Forcing copies works where every cloning site obeys, fails where one does not, and has many exceptions.',
  method:
    'The flag honoured at every site, under every operation; then ignored at one site at a time, under the operations that pass it and two NFS workloads, UDP among them.',
  refuting: 'honoured everywhere it breaks nowhere, or ignored somewhere nothing breaks',
  runs: {
    honoured,
    sites: SITES.flatMap(({ change, operations }) =>
      operations.map((o) => operation(variant(NO_CLONE, change), o, ERA)),
    ),
    loads: SITES.map(({ change }) => clock(variant(NO_CLONE, change), 'nfs-udp', ERA)),
    control: clock(NO_CLONE, 'nfs-udp', ERA),
  },
  settle({ honoured: all, sites, loads, control }) {
    const corners = refutedOperations(honoured, all);
    const load = (i: number): boolean => broken(loads[i]!) && !broken(control);
    let at = 0;
    const fatal = SITES.filter(({ operations }, i) => {
      const bad = operations.map((o, n) => broken(sites[at + n]!) && !corners.includes(o));
      at += operations.length;
      return bad.includes(true) || load(i);
    }).map((s) => s.site);
    const harmless = SITES.map((s) => s.site).filter((s) => !fatal.includes(s as never));
    const saw = `Honoured at every site ${corners.length === 0 ? 'it breaks nowhere' : 'it still breaks where C13 names it'}. Ignored by one: ${fatal.length === 0 ? 'nothing more breaks' : `${listOf(fatal)} ${fatal.length === 1 ? 'breaks' : 'break'} it`}${harmless.length > 0 && fatal.length > 0 ? `; ${listOf(harmless)} change nothing, as what comes there was copied before` : ''}.`;
    const token = sites.find(broken)?.token ?? all.find(broken)?.token ?? null;
    if (fatal.length === 0) return { verdict: 'refuted', saw, token };
    return {
      verdict: corners.length > 0 && harmless.length === 0 ? 'confirmed' : 'qualified',
      saw,
      token,
    };
  },
});

const C6 = experiment({
  id: 'C6',
  claim: 'so many skbs are cloned that no-clone costs too much',
  hypothesis:
    'The share of packets that are cloned at least once is high, so that copying instead takes the gain of zero-copy away.',
  method:
    'The share of packets with lent pages that are cloned, over TCP and in what does not go through TCP; payload bytes that the processor copies per byte lent, under no-clone, with copies at once, and with clones.',
  refuting: 'most packets are never cloned, or no-clone copies much less than a copy at once would',
  runs: {
    shares: lab('clones', 'naive-sendpage', ERA),
    runs: ['nfs-odirect', 'bulk-loss'].flatMap((w) =>
      [NO_CLONE, 'copy-always', 'naive-sendpage'].map((d) => clock(d, w, ERA)),
    ),
  },
  settle({ shares, runs }) {
    const copies = (i: number): number =>
      (costOf(runs[i]!, 'lent', 'copiedPayloadBytes') +
        costOf(runs[i + 3]!, 'lent', 'copiedPayloadBytes')) /
      (costOf(runs[i]!, 'lent', 'segments') + costOf(runs[i + 3]!, 'lent', 'segments'));
    const [none, always, clones] = [copies(0), copies(1), copies(2)] as const;
    const text = shares.map(
      (s) => `${percent(s.cloned, s.packets)} of ${s.packets} on ${s.workload}`,
    );
    const most = shares.filter((s) => 2 * s.cloned >= s.packets);
    const saw = `Packets that are cloned at least once: ${listOf(text)}. Bytes copied per segment: ${round(none)} under no-clone, ${round(always)} with a copy at once, ${round(clones)} with clones. Under no-clone whatever is transmitted is copied, a retransmission once more.`;
    if (most.length === 0 || none < clones + 1) return { verdict: 'refuted', saw };
    const everywhere = most.length === shares.length && none >= 0.9 * always;
    return { verdict: everywhere ? 'confirmed' : 'qualified', saw };
  },
});

const C7 = experiment({
  id: 'C7',
  claim: '__pskb_pull_tail has freed pages that the destructor should have reported',
  hypothesis:
    'A pull-up takes pages from the front of the frag array, so the skb destructor does not find them.',
  method:
    "A packet of three fragments, more and more of it pulled to the front; the fragments that are there when its destructor runs, and how many of the others have lost the stack's reference by then.",
  refuting: 'the destructor finds every page that was submitted',
  runs: { pulled: lab('pulled', 'skb-destructor', ERA) },
  settle({ pulled }) {
    const missing = (p: (typeof pulled)[number]): number => p.submitted - p.found;
    const short = pulled.filter((p) => p.bytes > 0 && missing(p) > 0);
    const freed = short.filter((p) => p.freed === missing(p));
    const control = pulled.find((p) => p.bytes === 0)!;
    const saw = `Found by the destructor: ${pulled
      .map(
        (p) =>
          `${p.found} of ${p.submitted} after a pull of ${p.bytes} bytes${p.bytes === 0 ? '' : `, ${p.freed} put before`}`,
      )
      .join('; ')}.`;
    if (short.length === 0 || missing(control) > 0 || control.freed > 0)
      return { verdict: 'refuted', saw };
    return { verdict: freed.length === short.length ? 'confirmed' : 'qualified', saw };
  },
});

const perPage = everyOperation('rusty-page-shinfo', ERA);

const C8 = experiment({
  id: 'C8',
  claim: 'a destructor per page in the shared info could not be made to work',
  hypothesis:
    'Destructors kept beside the frags, in the shared info, do not survive what the stack does to fragments.',
  method:
    'That design, of which no code is known, in the simplest reading, under every operation in every order of release and four workloads.',
  refuting: 'it holds everywhere',
  runs: {
    operations: perPage,
    runs: ['nfs-tcp-retransmit', 'bulk-loss', 'loopback-slow-reader', 'tap-slow-reader'].map((w) =>
      clock('rusty-page-shinfo', w, ERA, w === 'nfs-tcp-retransmit' ? 3 : 1),
    ),
  },
  settle({ operations, runs }) {
    const bad = refutedOperations(perPage, operations);
    const loads = runs.filter(broken).length;
    const saw = `Broken by ${bad.length === 0 ? 'no operation' : listOf(bad)} and on ${loads} of ${runs.length} workloads; with a reader left: ${placesText(earlyByPlace(runs))}. An entry that goes to another shared info leaves its destructor behind.`;
    const token = operations.find(broken)?.token ?? null;
    if (bad.length === 0 && loads === 0) return { verdict: 'refuted', saw };
    return { verdict: bad.length > 0 && loads > 0 ? 'confirmed' : 'qualified', saw, token };
  },
});

const WITHOUT = [
  'copy-always',
  'own-acks',
  'tcp-ack-callback',
  'splice-pipe-release',
  'rpc-reply',
  'stable-pages',
];

const C9 = experiment({
  id: 'C9',
  claim: 'no solution avoids a callback where a page is released',
  hypothesis: 'Whoever wants to be told rightly needs the stack to call at the release of a page.',
  method:
    'Every design that has no hook at any release (read off its class), on every workload whose producer waits to be told and that the design was made for: does one of them never fail?',
  refuting: 'such a design is right wherever it was made for, and by reference',
  runs: {
    hooks: WITHOUT.map((d) => lab('hooks', d, '3.8')),
    runs: WITHOUT.flatMap((d) => WAITING.map((w) => clock(d, w, '3.8'))),
  },
  settle({ hooks, runs }) {
    const rows = WITHOUT.flatMap((design, i) => {
      if (hooks[i]!.atRelease.length > 0) return [];
      const own = runs.slice(i * WAITING.length, (i + 1) * WAITING.length).filter((f) => f.domain);
      const bad = own.filter((f) => f.findings.length > 0).length;
      const copied = own.reduce((n, f) => n + costOf(f, 'lent', 'copiedPayloadBytes'), 0);
      return [
        {
          design,
          of: own.length,
          bad,
          copies: copied > 0.5 * own.reduce((n, f) => n + 1400 * costOf(f, 'lent', 'segments'), 0),
        },
      ];
    });
    const right = rows.filter((r) => r.of > 0 && r.bad === 0);
    const saw = rows
      .map(({ design, of, bad, copies }) =>
        of === 0
          ? `${design} was made for none of these workloads`
          : `${design} fails on ${bad} of ${plural(of, 'workload')} that it was made for${copies ? ' and copies everything' : ''}`,
      )
      .join('; ');
    const token = gravest(runs.filter((f) => f.domain));
    if (right.some((r) => !r.copies)) return { verdict: 'refuted', saw: `${saw}.`, token };
    if (right.length > 0)
      return {
        verdict: 'qualified',
        saw: `${saw}. Who copies needs no callback; who lends does.`,
        token,
      };
    return { verdict: 'confirmed', saw: `${saw}.`, token };
  },
});

const BUILT_ON = [
  'ian-frag-destructor',
  'page-lru',
  'evgeniy-partial',
  'page-pool',
  'rusty-page-shinfo',
  'page-foreign',
];

/** The wrapper itself, and what its caller does at its own end: lending, the question whether entries may merge, its release. */
const WRAPPER: readonly string[] = [
  'fragRef',
  'fragUnref',
  'lend',
  'merged',
  'mayMerge',
  'canAppend',
  'returned',
  'released',
  'keepsOwner',
];

const C10 = experiment({
  id: 'C10',
  claim: 'a wrapper around get and put is a useful first step in itself',
  hypothesis:
    'Once references of fragments are taken and dropped in one place, later designs need not touch every site again.',
  method:
    'The operations that take or drop a reference of a frag page while they run, through the wrapper and past it (a count that changed outside of it): those a design would have to touch without the wrapper. And the designs that count in the wrapper: what else of the stack each has to hook.',
  refuting:
    'few operations take references, or they do it past the wrapper, or no design can use the wrapper',
  runs: {
    helpers: lab('helpers', 'naive-sendpage', '3.8'),
    hooks: BUILT_ON.map((d) => lab('hooks', d, '3.8')),
  },
  settle({ helpers, hooks }) {
    const through = new Set([...helpers.take, ...helpers.drop]).size;
    const past = helpers.bare.filter((id) => id !== 'unconverted code');
    const users = BUILT_ON.flatMap((design, i) => {
      const { all } = hooks[i]!;
      if (!all.includes('fragRef') && !all.includes('fragUnref')) return [];
      return [{ design, more: all.filter((h) => !WRAPPER.includes(h)) }];
    });
    const alone = users.filter((u) => u.more.length === 0).map((u) => u.design);
    const others = users.filter((u) => u.more.length > 0);
    const saw = `${2 * through > helpers.operations ? 'More than half of all operations take or drop references through the wrapper: without it a design changes each of them, with it two functions' : 'Few operations take or drop references'}${past.length === 0 ? '' : `; past it: ${listOf(past)}`}. ${alone.length === 0 ? 'No design needs' : `${listOf(alone)} ${alone.length === 1 ? 'needs' : 'need'}`} nothing of the stack beside it${others.length === 0 ? '' : `; ${others.map((u) => `${u.design} hooks ${listOf(u.more)} as well`).join(', ')}`}.`;
    if (users.length === 0 || 2 * through <= helpers.operations || 2 * past.length > through)
      return { verdict: 'refuted', saw };
    return { verdict: alone.length > 0 && past.length === 0 ? 'confirmed' : 'qualified', saw };
  },
});

const C1 = experiment({
  id: 'C1',
  claim: "a guest's page must not reach the general free list, and nobody knows when it is free",
  hypothesis:
    'With bare page references a backend cannot tell when to unmap: too early, and the last put of the stack sends a foreign page to the allocator; never, and the guest does not get it back.',
  method:
    "Two guests on a bridge, pages mapped by grant: the backend takes the moment when the packet is handed on for the end; waits for an answer, which packets do not have; is told at the last reference. And a guest's page in a TCP stream.",
  refuting: 'with bare references pages go home, all of them and in time',
  runs: {
    early: clock('naive-sendpage', 'netback-bridge', ERA),
    never: clock('rpc-reply', 'netback-bridge', ERA),
    told: ['ian-frag-destructor', 'page-foreign'].map((d) => clock(d, 'netback-bridge', ERA)),
    stream: story('rpc-reply', 'foreign-page', '3.8'),
  },
  settle({ early, never, told, stream }) {
    const strays = times(found([early], 'stray'));
    const { wire, delivered } = changed([early]);
    const kept = never.loans - never.completions;
    const fine = told.filter((f) => f.findings.length === 0 && f.completions === f.loans).length;
    const saw = `Unmapped when the packet was handed on: ${strays} pages went to the free list, ${wire} ranges changed on the wire and ${delivered} in the other guest. Waiting for an answer: ${kept} of ${never.loans} grants never unmapped. Told at the last reference: ${fine} of ${told.length} designs bring every page home. In a TCP stream, unmapped at the answer: ${found([stream], 'stray').length > 0 ? 'to the free list' : 'home'}.`;
    const token = gravest([early, stream]);
    if (strays === 0 && kept === 0) return { verdict: 'refuted', saw, token };
    return {
      verdict: strays > 0 && kept > 0 && fine === told.length ? 'confirmed' : 'qualified',
      saw,
      token,
    };
  },
});

const C2 = experiment({
  id: 'C2',
  claim: 'grant-copy solves it, but the backend pays for the copy',
  hypothesis:
    'If the packet is copied out of the guest at once, nothing of it waits for anybody; the bytes are copied on the account of the backend, not of the guest.',
  method:
    'The same guests with pages mapped and with every packet copied, under bare references and under a design that tells: findings, and payload bytes that the backend and everybody else copied.',
  refuting:
    'with the copy something still goes wrong, or the backend copies no more than with the mapping',
  runs: {
    copied: ['naive-sendpage', 'page-foreign'].map((d) => clock(d, 'netback-grant-copy', ERA)),
    mapped: [
      clock('naive-sendpage', 'netback-bridge', ERA),
      clock('page-foreign', 'netback-hostile', ERA),
      clock('page-foreign', 'netback-bridge', ERA),
    ],
  },
  settle({ copied, mapped }) {
    const bytes = (f: ClockFacts): number => costOf(f, 'lent', 'copiedPayloadBytes');
    const bad = copied.filter(broken).length;
    const [copy] = copied;
    const [bare, , late] = mapped;
    const others = copy!.costs.peer['copiedPayloadBytes'] ?? 0;
    const saw = `Copied at once: ${bad === 0 ? 'nothing goes wrong, not even under bare references' : `${bad} runs with findings`}; the backend copies ${bytes(copy!)} bytes of payload for ${copy!.loans} packets, everybody else ${others}. Mapped: ${bytes(bare!)} bytes where it takes the first moment for the end (and ${bare!.findings.length} kinds of findings), ${bytes(mapped[1]!)} where it waits for the last reference, ${bytes(late!)} where it waits no longer than half a second.`;
    if (bad > 0 || bytes(copy!) <= bytes(late!)) return { verdict: 'refuted', saw };
    return {
      verdict: others === 0 && broken(bare!) ? 'confirmed' : 'qualified',
      saw,
      token: gravest([bare!]),
    };
  },
});

/** Pages that are a process's, or of the page cache. */
const USERS = ['nfs-odirect', 'vringfd', 'vmsplice', 'sendfile-locked', 'nfs-buffered'];

const C11 = experiment({
  id: 'C11',
  claim: 'PageForeign works: a flag and a destructor in struct page',
  hypothesis:
    'Called from the routine that frees pages, the destructor in struct page tells rightly, whatever the stack did with the page.',
  method:
    "That design with what it was made for, a guest's pages over a bridge, to a guest that never takes its packets and in a TCP stream; under every operation; then with pages that have other references, of processes and of the page cache; and what pages that are not foreign pay for it.",
  refuting: "with a guest's pages, a completion that is early, lost or doubled",
  runs: {
    guests: ['netback-bridge', 'netback-hostile'].map((w) => clock('page-foreign', w, ERA)),
    foreign: story('page-foreign', 'foreign-page', '3.8'),
    operations: everyOperation('page-foreign', ERA),
    users: USERS.map((w) => clock('page-foreign', w, ERA)),
    ordinary: clock('page-foreign', 'ordinary', ERA),
    plain: clock('naive-sendpage', 'ordinary', ERA),
    lent: ['page-foreign', 'naive-sendpage'].map((d) => clock(d, 'netback-bridge', ERA)),
  },
  settle({ guests, foreign, operations, users, ordinary, plain, lent }) {
    const bad = [...guests, foreign].filter(broken).length;
    const ops = operations.filter(broken).length;
    const names = Object.keys(plain.costs.ordinary);
    const more = names.filter(
      (n) => costOf(ordinary, 'ordinary', n) !== costOf(plain, 'ordinary', n),
    );
    const wrong = faultWords(USERS, users);
    const saw = `With a guest's pages ${bad === 0 ? 'no finding' : `${bad} runs with findings`}, and ${ops === 0 ? 'no operation breaks it' : `${ops} operations break it`}. With pages that somebody else has references to, whose count never falls to nothing, it is ${wrong === '' ? 'right as well' : wrong}. Other traffic pays ${more.length === 0 ? 'nothing that is counted, the test of the flag apart' : `more in ${listOf(more)}`}; its own, ${round(perSegment(lent[0]!, 'atomicsRef') + perSegment(lent[0]!, 'atomicsDesign'))} locked operations per segment against ${round(perSegment(lent[1]!, 'atomicsRef'))}.`;
    const token = gravest([...guests, foreign]) ?? operations.find(broken)?.token ?? gravest(users);
    if (bad > 0) return { verdict: 'refuted', saw, token };
    return { verdict: ops > 0 || wrong !== '' ? 'qualified' : 'confirmed', saw, token };
  },
});

export const XEN_DEVEL: Source = {
  id: 'C',
  author: 'Ian Campbell',
  title: 'SKB paged fragment lifecycle on receive',
  date: 'xen-devel, 2011',
  about:
    "A mail that asks for advice: netback had to give up mapping its guests' pages, as the stack cannot say when it is done with one. It tells what was tried, and why it failed.",
  experiments: [C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13, C14],
};
