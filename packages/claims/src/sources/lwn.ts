// LWN, 25 July 2011: what goes wrong under NFS, and what the per-fragment destructor would give.
import { experiment, type Source } from '../experiment.ts';
import {
  broken,
  changed,
  costOf,
  earlyByPlace,
  everyOperation,
  found,
  gravest,
  placesText,
  refutedOperations,
  times,
} from '../reading.ts';
import { clock, lab, layout, operation, search, story, swarm, type ClockFacts } from '../run.ts';
import { variant } from '../variants.ts';
import { interval, listOf, plural, round, share } from '../words.ts';
import { L11 } from './lwn-forecast.ts';

/** The kernel of summer 2011, as near as the model has it. */
const ERA = '2.6.38';
const IAN = 'ian-frag-destructor';
const HELPERS_ALONE = variant(IAN, 'merges');
const WORKLOADS = [
  'nfs-odirect',
  'nfs-tcp-retransmit',
  'bulk-loss',
  'loopback-slow-reader',
  'tap-slow-reader',
  'reset-midway',
  'nfs-reconnect',
  'failover',
];

const L1 = experiment({
  id: 'L1',
  claim: 'a late answer overtakes a queued retransmission, which then carries new bytes',
  hypothesis:
    'The answer to the first transmission ends an NFS write while a retransmission of the same data is still queued, or with the driver; the page is rewritten, and the retransmission goes out with the new content.',
  method:
    'NFS O_DIRECT writers with the completion of those years (the reply ends the write): once with whole calls sent again, once with TCP alone sending again; then the smallest such write in every order of its steps.',
  refuting: 'no device ever reads other bytes than those that were submitted',
  runs: {
    runs: [
      clock('rpc-reply', 'nfs-odirect', ERA, 3),
      clock('rpc-reply', 'nfs-tcp-retransmit', ERA, 3),
    ],
    smallest: search('rpc-reply', 'nfs-tcp-retransmit', ERA, {}, 'corrupt'),
  },
  settle({ runs, smallest }) {
    const places = earlyByPlace(runs);
    const { wire } = changed(runs);
    const queued = places.some(([place]) => place === 'write queue' || place === 'qdisc');
    const withDriver = places.some(([place]) => place === 'tx ring');
    if (wire === 0) return { verdict: 'refuted', saw: 'No device read a changed byte.' };
    const saw = `${plural(wire, 'range')} went out changed; writes ended while a reader was left: ${placesText(places)}. The smallest case takes ${plural(smallest.steps, 'step')} from the first page lent.`;
    return {
      verdict: queued && withDriver ? 'confirmed' : 'qualified',
      saw,
      token: smallest.token ?? gravest(runs),
    };
  },
});

const L2 = experiment({
  id: 'L2',
  claim: 'O_DIRECT is hit hardest, buffered writes are exposed as well',
  hypothesis:
    'The sooner a buffer is used again after its completion, the likelier is a changed byte: worst where the application waits for just that, possible where it does not.',
  method:
    'The NFS workload of L1 over many seeds, the buffer used again at once and then after longer and longer pauses: the share of writes of which a device read changed bytes, with the interval in which 95 of 100 such samples have it. And buffered writes, whose application waits for nobody.',
  refuting:
    'the intervals do not lie apart, or a pause has a larger share than none, or buffered writes never go out changed',
  runs: {
    sweep: lab('reuse', 'rpc-reply', ERA),
    buffered: clock('rpc-reply', 'nfs-buffered', ERA),
  },
  settle({ sweep, buffered }) {
    const points = sweep.map((p) => ({ ...p, ...interval(p.shares) }));
    const [first, ...later] = points;
    const falls = later.some((p) => p.high < first!.low);
    const worse = later.some((p) => p.low > first!.high);
    const cached = times(buffered.beside.filter((f) => f.property === 'written'));
    const never = points.find((p) => p.wire === 0);
    const text = points
      .filter((p) => p.wire > 0 || p === first)
      .map((p) => `${share(p.mean)} (${share(p.low)} to ${share(p.high)}) at ${p.delayMs} ms`);
    const tail = never === undefined ? '' : `, none from ${never.delayMs} ms on`;
    const saw = `Writes with changed bytes on the wire, by the pause before the buffer is used again, with the interval over ${plural(first!.shares.length, 'seed')}: ${text.join(', ')}${tail}. Buffered: ${plural(cached, 'read')} of bytes that were written to under writeback, before anybody was told; such pages are dirty and go out once more.`;
    if (!falls || worse) return { verdict: 'refuted', saw };
    return { verdict: cached > 0 ? 'confirmed' : 'qualified', saw };
  },
});

const L3 = experiment({
  id: 'L3',
  claim: 'the destructor of an skb does not tell that its pages are free',
  hypothesis:
    'After the destructor of the skb has run, clones, pull-ups and moved fragments still have its pages.',
  method:
    'The plain skb destructor as completion: a clone, a pull-up and operations that move fragments to another skb, each in every order of letting go; then ordinary workloads.',
  refuting: 'the destructor is never early under any of them',
  runs: {
    clone: operation('skb-destructor', 'skb_clone', ERA),
    pull: operation('skb-destructor', '__pskb_pull_tail', ERA),
    moves: [
      operation('skb-destructor', 'skb_split', ERA),
      operation('skb-destructor', 'skb_shift', ERA),
      operation('skb-destructor', 'skb_gro_receive', ERA),
    ],
    runs: [clock('skb-destructor', 'nfs-odirect', ERA), clock('skb-destructor', 'bulk-loss', ERA)],
  },
  settle({ clone, pull, moves, runs }) {
    const early = [clone, pull, ...moves].filter((f) => f.properties.includes('early')).length;
    const places = earlyByPlace(runs);
    const saw = `Early under ${early} of ${2 + moves.length} operations; under load, with a reader left: ${placesText(places)}.`;
    if (early === 0 && places.length === 0) return { verdict: 'refuted', saw };
    return {
      verdict: early === 2 + moves.length ? 'confirmed' : 'qualified',
      saw,
      token: clone.token,
    };
  },
});

const L4 = experiment({
  id: 'L4',
  claim: 'content changes, but no page gets a new owner under a reader',
  hypothesis:
    'As the stack takes page references itself, a lent page never reaches the allocator while somebody can read it; what goes wrong is its content.',
  method:
    'Bare page references and completion at the return of sendpage, under every workload: pages that reach an allocator too soon, and bytes that change. Then pages that do not come from the free list.',
  refuting:
    'some lent page reaches an allocator while a reader is left, or no content ever changes',
  runs: {
    runs: WORKLOADS.map((w) => clock('naive-sendpage', w, ERA)),
    exhaustive: search('naive-sendpage', 'nfs-odirect', ERA, {}, 'stray'),
    slab: story('naive-sendpage', 'slab-page', '3.8'),
    foreign: story('naive-sendpage', 'foreign-page', '3.8'),
  },
  settle({ runs, exhaustive, slab, foreign }) {
    const strays = times(found(runs, 'stray')) + (exhaustive.result === 'refuted' ? 1 : 0);
    const { wire, delivered } = changed(runs);
    const special = [slab, foreign].filter((f) => found([f], 'stray').length > 0);
    const saw = `Pages of the free list: ${strays} reached it too soon, while ${wire} ranges on the wire and ${delivered} delivered ones had changed. Pages from elsewhere: ${special.length} of 2 kinds (memory of a slab, a guest's page) went to an allocator that is not theirs.`;
    if (strays > 0 || wire + delivered === 0)
      return { verdict: 'refuted', saw, token: gravest(runs) };
    const token = gravest(special);
    return {
      verdict: special.length > 0 ? 'qualified' : 'confirmed',
      saw,
      token: token ?? gravest(runs),
    };
  },
});

/** As reposted, and with all operations that came until then. */
const REPOST = '3.8';
const everything = everyOperation(IAN, REPOST);
const withoutMerging = ['skb_can_coalesce', 'tcp_retrans_try_collapse', 'skb_shift'].map((id) =>
  operation(HELPERS_ALONE, id, REPOST),
);

const L5 = experiment({
  id: 'L5',
  claim: 'helpers around every get and put of a frag page are foundation enough',
  hypothesis:
    'Once each get_page and put_page of a fragment goes through a helper, a destructor can be built by changing these helpers alone.',
  method:
    'Every operation on fragments in every order of release, under the per-fragment destructor as posted; again with nothing but the two helpers changed; and under code outside the tree that was not converted.',
  refuting: 'some converted operation completes early or never although the helpers count',
  runs: {
    helpers: lab('helpers', IAN, REPOST),
    carried: lab('carried', IAN, REPOST),
    full: everything,
    alone: withoutMerging,
    halves: story(HELPERS_ALONE, 'page-in-halves', REPOST),
    owners: story(HELPERS_ALONE, 'two-owners', REPOST),
    unconverted: operation(IAN, 'unconverted code', REPOST),
  },
  settle({ helpers, carried, full, alone, halves, owners, unconverted }) {
    const bad = refutedOperations(everything, full);
    const merging = refutedOperations(withoutMerging, alone).filter((id) => !bad.includes(id));
    const stories = [halves, owners].filter(broken);
    const told = [
      broken(halves) ? ['page-in-halves'] : [],
      broken(owners) ? ['two-owners'] : [],
    ].flat();
    const past = helpers.bare.filter((id) => id !== 'unconverted code');
    const reach = `${past.length === 0 ? 'Whatever takes or drops a reference of a frag page goes through the helpers' : `Past the helpers, with a bare get_page or put_page: ${listOf(past)}`}. ${bad.length === 0 ? 'Every operation holds in every order.' : 'Every operation holds in every order, but for those named here.'}`;
    if (2 * bad.length >= full.length)
      return { verdict: 'refuted', saw: `${reach} Broken: ${listOf(bad)}.` };
    const stale = bad.filter((id) => carried.stale.includes(id));
    const bare = bad.filter((id) => !stale.includes(id));
    const more: string[] = [];
    if (merging.length + stories.length > 0)
      more.push(
        `a rule for contiguous bytes of one page, which become one entry whatever their destructors (without it it fails under ${listOf([...merging, ...told])})`,
      );
    if (bare.length > 0)
      more.push(
        `an answer where a page enters or leaves a fragment with a bare reference (${listOf(bare)})`,
      );
    if (stale.length > 0)
      more.push(
        `a line where an entry is filled in without its destructor, which leaves the one that stood there before beside a page that nobody lent (${listOf(stale)})`,
      );
    if (unconverted.verdict === 'refuted') more.push('all code outside the tree converted');
    return {
      verdict: more.length === 0 && past.length === 0 ? 'confirmed' : 'qualified',
      saw: `${reach} ${more.length === 0 ? 'Nothing else is needed.' : `What the helpers do not give: ${listOf(more)}.`}`,
      token: gravest(stories) ?? full.find(broken)?.token ?? unconverted.token,
    };
  },
});

/** What larger structs change: the class of a head, and lines. And what the producer does. */
const SIZES = /^kmalloc|Lines$|^completions$/;

function classes(f: ClockFacts): [number, number][] {
  const { ordinary } = f.costs;
  return Object.entries(ordinary)
    .filter(([name]) => name.startsWith('kmalloc'))
    .map(([name, n]) => [Number(name.slice('kmalloc'.length)), n]);
}

/** Heads allocated, of any class; and their bytes for each segment. */
function heads(f: ClockFacts): number {
  return classes(f).reduce((sum, [, n]) => sum + n, 0);
}

function headBytes(f: ClockFacts): number {
  const bytes = classes(f).reduce((sum, [size, n]) => sum + size * n, 0);
  return bytes / costOf(f, 'ordinary', 'segments');
}

/** In words, behind `heads on their way out`. */
function outgoing(before: number, after: number): string {
  return before === after
    ? `the ${round(before)} bytes for each segment that they took before`
    : `${round(after)} bytes for each segment in place of ${round(before)}`;
}

const L6 = experiment({
  id: 'L6',
  claim: 'who sets no destructor pays for no more than a test',
  hypothesis:
    'Traffic without destructors makes no atomic operation, allocation or copy more than before.',
  method:
    'Traffic that lends nothing, alone and beside an NFS writer, with the design and with bare references: every counter. And the structs, as a compiler lays them out.',
  refuting: 'a counter of atomics, allocations or copies differs',
  runs: {
    with: [clock(IAN, 'ordinary', ERA), clock(IAN, 'nfs-tcp-retransmit', ERA)],
    without: [clock('naive-sendpage', 'ordinary', ERA), clock('naive-sendpage', 'ordinary', ERA)],
    layout: layout(IAN, '3.0'),
  },
  settle({ with: [alone], without: [before], layout: { structs, buffer } }) {
    const names = Object.keys(before!.costs.ordinary).filter((n) => !SIZES.test(n));
    const more = names.filter(
      (n) => costOf(alone!, 'ordinary', n) !== costOf(before!, 'ordinary', n),
    );
    if (heads(alone!) !== heads(before!)) more.push('heads');
    const grown = structs.filter((s) => s.growth > 0);
    const memory = grown.map(
      (s) => `${s.struct} grows from ${s.bytes - s.growth} to ${s.bytes} bytes`,
    );
    const saw = `${more.length === 0 ? 'All counters of locked operations, allocations and copies are equal' : `These differ: ${listOf(more)}`} over ${costOf(alone!, 'ordinary', 'segments')} segments. But memory: ${listOf(memory)}, so the buffer of a received frame takes ${buffer.bytes} bytes, from the cache of ${buffer.sizeClass}, and heads on their way out ${outgoing(headBytes(before!), headBytes(alone!))}.`;
    if (more.length > 0) return { verdict: 'refuted', saw };
    return { verdict: grown.length > 0 ? 'qualified' : 'confirmed', saw };
  },
});

const L7 = experiment({
  id: 'L7',
  claim: 'fragments may share a destructor, which runs once, behind the last of them',
  hypothesis:
    'With one destructor on a group of pages, the callback comes once, after the release of the last, in whatever order.',
  method:
    'One loan of three fragments that an operation spreads over several packets; everybody lets go in every order, and completions are counted.',
  refuting: 'an order with no completion, with two, or with one while a fragment is still held',
  runs: { group: lab('group', IAN, ERA) },
  settle({ group }) {
    const { orders, once, operations, earliest, latest } = group;
    const saw = `${once} of ${orders} orders under ${plural(operations, 'operation')}: exactly once, behind the last reader; told after ${earliest} to ${latest} releases, as the order had it.`;
    return { verdict: once === orders ? 'confirmed' : once === 0 ? 'refuted' : 'qualified', saw };
  },
});

const L8 = experiment({
  id: 'L8',
  claim: "the stack takes no page reference then: the caller's must last",
  hypothesis:
    'With a destructor present the page count stays where the caller has it, and a caller who drops its own reference early has the page freed under the stack.',
  method:
    'Page counts of lent pages at every step of five stories; then the same with an owner who lets go right after lending, beside a design under which the stack counts pages (msg-zerocopy).',
  refuting: "a count above the caller's own, or an early drop that does no harm",
  runs: {
    design: lab('references', IAN, '3.8'),
    control: lab('references', 'msg-zerocopy', '3.8'),
  },
  settle({ design, control }) {
    const saw = `At most ${plural(design.most, 'reference')} on a lent page, the owner's own among them (${control.most} where the stack counts pages). An owner who drops his at once has a freed page read in ${design.freedUnderReader} of ${design.stories} stories (${control.freedUnderReader} there).`;
    if (design.most > 1 || design.freedUnderReader === 0) return { verdict: 'refuted', saw };
    return { verdict: control.freedUnderReader === 0 ? 'confirmed' : 'qualified', saw };
  },
});

const L9 = experiment({
  id: 'L9',
  claim: 'a destructor through sendpage, and NFS that waits for it, ends the corruption',
  hypothesis:
    'If RPC completes a write only when the destructor says so, L1 cannot happen any more.',
  method:
    'The workloads of L1 under the per-fragment destructor: by the clock; in every order within a bound, with packets lost and sent again; and at random beyond it.',
  refuting: 'one run in which a write ends early or changed bytes are read',
  runs: {
    runs: [clock(IAN, 'nfs-odirect', ERA, 3), clock(IAN, 'nfs-tcp-retransmit', ERA, 3)],
    searches: [search(IAN, 'nfs-odirect', ERA), search(IAN, 'nfs-tcp-retransmit', ERA)],
    random: [swarm(IAN, 'nfs-odirect~2', ERA, 12), swarm(IAN, 'nfs-tcp-retransmit~2', ERA, 12)],
  },
  settle({ runs, searches, random }) {
    const bad = [...runs, ...random].filter(broken).length + searches.filter(broken).length;
    const cut = searches.filter((s) => s.result === 'bound-reached').length;
    const states = searches.reduce((n, s) => n + s.states, 0);
    const steps = random.reduce((n, r) => n + r.steps, 0);
    const saw = `${bad === 0 ? 'Nothing found' : `${bad} runs with a finding`}: ${plural(states, 'state')} visited${cut > 0 ? ` (${cut} searches not to their end)` : ', every one within the bounds'}, ${steps} random steps, ${runs.reduce((n, r) => n + r.completions, 0)} writes completed by the clock.`;
    const token = gravest([...runs, ...random]) ?? searches.find(broken)?.token ?? null;
    if (bad > 0) return { verdict: 'refuted', saw, token };
    return { verdict: cut > 0 ? 'qualified' : 'confirmed', saw };
  },
});

const ISCSI = ['iscsi-write', 'iscsi-recovery'];

const L10 = experiment({
  id: 'L10',
  claim: 'guests of Xen and iSCSI profit from the same mechanism',
  hypothesis:
    'What is wrong with NFS is wrong with other producers that lend pages and wait for an answer, and the same destructor puts it right.',
  method:
    "iSCSI writes with retransmissions and with session recovery, told when the status comes; a guest's packets over a bridge, told when they were handed on; and both told by the per-fragment destructor.",
  refuting: 'one of them is not at risk, or not helped',
  runs: {
    before: ISCSI.map((w) => clock('rpc-reply', w, ERA)),
    after: ISCSI.map((w) => clock(IAN, w, ERA)),
    guestBefore: clock('naive-sendpage', 'netback-bridge', ERA),
    guestAfter: clock(IAN, 'netback-bridge', ERA),
  },
  settle({ before, after, guestBefore, guestAfter }) {
    const risk = before.filter(broken).length;
    const left = after.filter(broken).length;
    const { wire } = changed(before);
    const saw = `iSCSI: ${risk} of ${ISCSI.length} workloads at risk when the status ends the command (${wire} ranges changed on the wire, ${placesText(earlyByPlace(before))}), ${left} with the destructor. A guest's packets: ${guestBefore.findings.length === 0 ? 'fine' : `${times(found([guestBefore], 'stray'))} pages to the wrong allocator and ${changed([guestBefore]).delivered} ranges changed in the other guest`} when told at once, ${guestAfter.findings.length === 0 ? `all ${guestAfter.completions} home` : 'no better'} with the destructor.`;
    const token = gravest([...before, guestBefore]);
    if (left > 0 || broken(guestAfter)) return { verdict: 'refuted', saw, token };
    return {
      verdict: risk === ISCSI.length && broken(guestBefore) ? 'confirmed' : 'qualified',
      saw,
      token,
    };
  },
});

export const LWN: Source = {
  id: 'L',
  author: 'Jonathan Corbet',
  title: 'SKB fragment lifetime tracking',
  date: 'LWN, 25 July 2011',
  about:
    'An article on patches by Ian Campbell: the network stack cannot say when it is done with a page, NFS loses data by it, and a destructor in each fragment would tell.',
  experiments: [L1, L2, L3, L4, L5, L6, L7, L8, L9, L10, L11],
};
