// LKML, 21 December 2008: Evgeniy Polyakov's idea, as quoted, and Rusty Russell's patch of that May.
import { experiment, type Source } from '../experiment.ts';
import { broken, everyOperation, found, gravest, refutedOperations } from '../reading.ts';
import { clock, lab, layout, operation, story } from '../run.ts';
import { variant } from '../variants.ts';
import { listOf, plural } from '../words.ts';

const ERA = '2.6.24';
const RUSTY = 'rusty-shinfo-orig';
const EVGENIY = 'evgeniy-partial';
const HEADS = ['pskb_expand_head', 'skb_cow'];

const R1 = experiment({
  id: 'R1',
  claim:
    'pskb_expand_head copies the destructor, so it must not trust the skb and must look at page counts',
  hypothesis:
    'Two shared infos have the same destructor after pskb_expand_head; one that acts at each call is called too soon, one that asks the page count is not.',
  method:
    'The destructor in the shared info under the operations that make a new head, once as proposed and once taking every call for the last; each in every order of release.',
  refuting: 'it makes no difference whether it looks, or looking is not enough',
  runs: {
    looking: HEADS.map((o) => operation(EVGENIY, o, ERA)),
    blind: HEADS.map((o) => operation(variant(EVGENIY, 'blind'), o, ERA)),
  },
  settle({ looking, blind }) {
    const wrong = looking.filter(broken).length;
    const wrongBlind = blind.filter(broken).length;
    const saw = `Without a look at the count it is early under ${wrongBlind} of ${HEADS.length} operations that make a new head (${listOf(HEADS)}), with it under ${wrong}.`;
    if (wrongBlind === 0 || wrong === HEADS.length) return { verdict: 'refuted', saw };
    return {
      verdict: wrong === 0 && wrongBlind === HEADS.length ? 'confirmed' : 'qualified',
      saw,
      token: blind.find(broken)!.token,
    };
  },
});

const PULLS = ['__pskb_pull_tail', 'skb_linearize', '___pskb_trim'];
const partial = everyOperation(EVGENIY, ERA);

const R2 = experiment({
  id: 'R2',
  claim: 'for __pskb_pull_tail the destructor could be called with the one page that goes',
  hypothesis:
    'A second parameter, the page, makes the destructor right for pages that leave their skb early.',
  method:
    'Pull-ups and trims with the partial call and without it; then every other operation with it.',
  refuting: 'pull-ups are wrong with the partial call too, or right without it',
  runs: {
    with: PULLS.map((o) => operation(EVGENIY, o, ERA)),
    without: PULLS.map((o) => operation(variant(EVGENIY, 'whole-only'), o, ERA)),
    all: partial,
  },
  settle({ with: called, without, all }) {
    const wrong = called.filter(broken).length;
    const wrongWithout = without.filter(broken).length;
    const elsewhere = refutedOperations(partial, all);
    const saw = `With the partial call ${wrong} of ${PULLS.length} pull-ups and trims go wrong, without it ${wrongWithout}. Elsewhere it does not help: ${elsewhere.length === 0 ? 'no operation leaves' : `${listOf(elsewhere)} leave`} the destructor behind.`;
    const token = without.find(broken)?.token ?? all.find(broken)?.token ?? null;
    if (wrongWithout === 0 || wrong === PULLS.length) return { verdict: 'refuted', saw, token };
    return { verdict: wrong === 0 ? 'confirmed' : 'qualified', saw, token };
  },
});

const HOOKED = ['pskb_copy', 'pskb_expand_head', 'skb_split', 'skb_segment'];
const old = everyOperation(RUSTY, ERA);
const recent = everyOperation(RUSTY, '3.8');

const R3 = experiment({
  id: 'R3',
  claim: 'a child keeps a reference on its parent, which goes when all children have gone',
  hypothesis:
    'With `orig`, whoever takes fragments over keeps the data that they came from, so the destructor runs behind all of them.',
  method:
    'The chain under the four operations that the patch hooks, then under every other: as the kernel was in May 2008, and with the operations that came until 3.8.',
  refuting: 'an operation that the patch hooks, and that completes early in the kernel of May 2008',
  runs: { old, recent },
  settle({ old: before, recent: after }) {
    const bad = refutedOperations(old, before);
    const badLater = refutedOperations(recent, after);
    const hooked = HOOKED.some((id) => bad.includes(id)); // of what came later its author could know nothing
    const newer = badLater.filter((id) => !bad.includes(id));
    const saw = `Of its four hooked operations ${4 - HOOKED.filter((id) => bad.includes(id)).length} hold in every order in 2.6.24, ${4 - HOOKED.filter((id) => badLater.includes(id)).length} in 3.8. Of all operations of 2.6.24 it fails under ${bad.length === 0 ? 'none' : listOf(bad)}; in 3.8 under ${newer.length === 0 ? 'no more' : `${listOf(newer)} as well`}.`;
    const token = after.find(broken)?.token ?? before.find(broken)?.token ?? null;
    if (hooked) return { verdict: 'refuted', saw, token };
    return { verdict: bad.length + badLater.length > 0 ? 'qualified' : 'confirmed', saw, token };
  },
});

const R4 = experiment({
  id: 'R4',
  claim: 'the shared info needs a way back to the head of its data',
  hypothesis:
    'Whoever has only the shared info cannot find the head to free, as the distance between the two varies.',
  method:
    'The sizes of the data areas in front of shared infos that were freed on four workloads, and of a packet that went through two tunnels; releases at which nobody has an sk_buff, which knows its head; what a distance taken for the usual one would free there; and what the field costs in the struct.',
  refuting: 'the distance is always the same, or somebody with an sk_buff is at every release',
  runs: { heads: lab('heads', RUSTY, ERA), layout: layout(RUSTY, ERA) },
  settle({ heads, layout: { structs } }) {
    const shinfo = structs.find((s) => s.struct === 'skb_shared_info')!;
    const saw = `${heads.distances.length} distances between head and shared info were met: ${listOf(heads.distances.map(String))} bytes. ${heads.parents} of ${heads.seen} releases were of a parent, where nobody has an sk_buff; taking the commonest distance would have freed ${heads.missed} of them in the wrong place. The patch's fields (${shinfo.adds.join(', ')}) take the struct to ${shinfo.bytes} bytes, ${shinfo.growth} more.`;
    if (heads.distances.length < 2 || heads.parents === 0) return { verdict: 'refuted', saw };
    const needed = heads.missed > 0 && shinfo.adds.includes('len');
    return { verdict: needed ? 'confirmed' : 'qualified', saw };
  },
});

const LOADS = [
  'bulk-loss',
  'loopback-slow-reader',
  'tap-slow-reader',
  'no-sg',
  'reset-midway',
  'vringfd',
];

const R5 = experiment({
  id: 'R5',
  claim: 'the destructor can come in any context, so work that may sleep must be queued',
  hypothesis:
    'The data is released wherever its last user is; a destructor that copies to user memory has to put that off.',
  method:
    'The contexts in which the destructor ran on six workloads, tun with its ring of descriptors among them; a producer whose callback may sleep, told through a queue and told at once.',
  refuting: 'the destructor always comes in process context, or sleeping there does no harm',
  runs: {
    loads: LOADS.map((w) => clock(RUSTY, w, ERA)),
    queued: story(RUSTY, 'may-sleep', ERA),
    atOnce: story(variant(RUSTY, 'at-once'), 'may-sleep', ERA),
    irqs: story(variant(RUSTY, 'at-once'), 'irqs-off', '3.8'),
  },
  settle({ loads, queued, atOnce, irqs }) {
    const softirq = loads.reduce(
      (n, f) => n + f.contexts.softirq + f.contexts.hardirq + f.contexts.irqsOff,
      0,
    );
    const process = loads.reduce((n, f) => n + f.contexts.process, 0);
    const harmed = found([atOnce], 'context').length > 0;
    const safe = found([queued], 'context').length === 0;
    const saw = `It ran ${process} times in process context and ${softirq} times elsewhere. A callback that may sleep: ${harmed ? 'caught in softirq' : 'not caught'} where it is called at once, ${safe ? 'fine' : 'caught all the same'} where it is queued. With interrupts off: ${found([irqs], 'context').length > 0 ? 'caught' : 'not reached'}.`;
    if (softirq === 0 || !harmed) return { verdict: 'refuted', saw };
    return { verdict: safe ? 'confirmed' : 'qualified', saw, token: gravest([atOnce]) };
  },
});

const R6 = experiment({
  id: 'R6',
  claim: 'the chain is walked in a loop, with payload-only references at each step',
  hypothesis:
    'Releasing the last of nested copies walks all of their parents, one after the other and without recursion.',
  method:
    'Copies of copies, up to 256 deep, released from the first to the last: what the last release walks and how many locked operations it makes; the longest walk in a transfer with losses.',
  refuting: 'the walk does not reach every parent, or costs more than its length',
  runs: { chain: lab('chain', RUSTY, ERA) },
  settle({ chain }) {
    const { depths } = chain;
    const whole = depths.every((d) => d.walked === d.depth + 1 && d.told);
    const payload = depths.every((d) => d.payload === d.depth);
    const long = depths.at(-1)!;
    const each = (long.atomics - depths[0]!.atomics) / Math.max(1, long.depth - depths[0]!.depth);
    const linear = depths.every((d) => d.atomics <= depths[0]!.atomics + 6 * d.depth);
    const saw = `${depths.map((d) => `${d.depth} deep: ${plural(d.walked, 'shared info')} freed, ${d.atomics} locked operations`).join('; ')}. That is ${each.toFixed(1)} for each parent, the producer told at the end; a child's reference on its parent was ${payload ? 'of the payload alone each time' : 'not always of the payload alone'}. Longest walk under losses: ${chain.inPractice}.`;
    if (!whole || !payload) return { verdict: 'refuted', saw };
    return {
      verdict: linear ? 'confirmed' : 'qualified',
      saw,
      byConstruction:
        'for the loop alone, which the model has from shinfo_put of the patch as it has its getData, (1 << SKB_DATAREF_SHIFT) + 1; that a walk reaches every parent, what it costs and when the producer is told was seen',
    };
  },
});

const R7 = experiment({
  id: 'R7',
  claim: 'better than a way back: the shared info ahead of the head of the data',
  hypothesis:
    'With the shared info in front, its own address is that of the allocation, and nobody needs to know how long the data is.',
  method:
    'The distances of R4, which would all be nothing; and the buffer of a frame received at an MTU of 1500 in every kernel, with the shared info behind the data, where it shares its last cache line with nobody who writes by DMA, and in front of it, rounded up to a cache line.',
  refuting: 'in some kernel a receive buffer needs a larger cache for it',
  runs: { heads: lab('heads', RUSTY, ERA), placed: lab('ahead', RUSTY, ERA) },
  settle({ heads, placed }) {
    const larger = placed.filter((p) => p.before > p.behind);
    const saw = `Instead of ${heads.distances.length} distances there would be one. A receive buffer comes from the same cache in ${listOf(placed.filter((p) => !larger.includes(p)).map((p) => p.kernel))}${larger.length === 0 ? '' : `, and from a larger one in ${listOf(larger.map((p) => `${p.kernel} (${p.before} in place of ${p.behind})`))}`}. Not looked at: buffers that a driver brings itself (build_skb, 3.5 on) have their room for it behind the data.`;
    if (heads.distances.length < 2) return { verdict: 'refuted', saw };
    if (larger.length === placed.length) return { verdict: 'refuted', saw };
    return { verdict: larger.length === 0 ? 'confirmed' : 'qualified', saw };
  },
});

export const RUSTY_RUSSELL: Source = {
  id: 'R',
  author: 'Rusty Russell, answering Jeremy Fitzhardinge and Evgeniy Polyakov',
  title: 'Support for zero-copy TCP transmit of user space data',
  date: 'LKML, 21 December 2008, with a patch of 8 May 2008',
  about:
    "A thread on zero-copy transmission from user space. One idea is a destructor that travels with the shared info and looks at page counts; the patch in the reply keeps a chain of parents instead, made for tun's ring of descriptors.",
  experiments: [R1, R2, R3, R4, R5, R6, R7],
};
