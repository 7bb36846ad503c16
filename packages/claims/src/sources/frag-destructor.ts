// The patch itself, reposted on 25 January 2013.
import { experiment, type Source } from '../experiment.ts';
import { broken, everyOperation, gravest, refutedOperations } from '../reading.ts';
import { clock, lab, layout, operation, search, swarm } from '../run.ts';
import { variant } from '../variants.ts';
import { listOf, plural } from '../words.ts';

const ERA = '3.8';
const IAN = 'ian-frag-destructor';
const SET_LATE = variant(IAN, 'set-late');

const everything = everyOperation(IAN, ERA);
const NAMED = [
  'skb_clone',
  '__pskb_pull_tail',
  'tcp_fragment',
  'tcp_retrans_try_collapse',
  'skb_linearize',
];

const F1 = experiment({
  id: 'F1',
  claim:
    'the callback comes when all clones, retransmissions and pull-ups are done, and not before',
  hypothesis:
    'Whatever the stack does with a fragment, its destructor runs when the last copy of the entry is released.',
  method:
    'Every operation in every order of release; the smallest NFS write and the smallest transfer over a lossy wire in every order of their steps; random runs; five workloads by the clock.',
  refuting: 'an early, doubled or lost callback under a clone, a retransmission or a pull-up',
  runs: {
    operations: everything,
    carried: lab('carried', IAN, ERA),
    searches: [search(IAN, 'nfs-tcp-retransmit', ERA), search(IAN, 'nfs-odirect', ERA)],
    random: [swarm(IAN, 'bulk-loss~1', ERA, 12), swarm(IAN, 'tap-slow-reader~2', ERA, 12)],
    loads: [
      'nfs-odirect',
      'bulk-loss',
      'loopback-slow-reader',
      'tap-slow-reader',
      'reset-midway',
    ].map((w) => clock(IAN, w, ERA)),
  },
  settle({ operations, carried, searches, random, loads }) {
    const bad = refutedOperations(everything, operations);
    const runs = [...random, ...loads].filter(broken).length + searches.filter(broken).length;
    const named = bad.filter((id) => NAMED.includes(id));
    const states = searches.reduce((n, s) => n + s.states, 0);
    const cut = searches.some((s) => s.result === 'bound-reached');
    const stale = bad.filter((id) => carried.stale.includes(id));
    const bare = bad.filter((id) => !stale.includes(id));
    const fails = [
      bare.length === 0
        ? ''
        : ` It fails where a page enters or leaves a fragment with a bare reference: ${listOf(bare)}.`,
      stale.length === 0
        ? ''
        : ` It fails where an entry is filled in without its destructor, and keeps the one that stood there before: ${listOf(stale)}.`,
    ].join('');
    const saw = `${named.length === 0 ? 'Clones, retransmissions and pull-ups hold in every order' : `Broken by ${listOf(named)}`}${bad.length === 0 ? ', and so does every other operation' : ', and so does every other operation but those named here'}; ${plural(states, 'state')} and ${random.reduce((n, r) => n + r.steps, 0)} random steps ${runs === 0 ? 'without a finding' : `with findings in ${plural(runs, 'run')}`}.${fails}`;
    const token = gravest([...random, ...loads]) ?? operations.find(broken)?.token ?? null;
    if (named.length > 0 || runs > 0) return { verdict: 'refuted', saw, token };
    return { verdict: bad.length > 0 || cut ? 'qualified' : 'confirmed', saw, token };
  },
});

const F2 = experiment({
  id: 'F2',
  claim: 'code that copies fragments carries the destructor along, unchanged',
  hypothesis:
    'As page and destructor form one member of the fragment, every place that copies the page pointer copies the destructor with it.',
  method:
    'Each operation on lent pages, and a look at what it leaves: does a lent page stand anywhere without the destructor beside it?',
  refuting: 'code that copies entries and loses it',
  runs: { carried: lab('carried', IAN, ERA), apart: operation(IAN, 'unconverted code', ERA) },
  settle({ carried, apart }) {
    const { whole, apart: pages, stale } = carried;
    const saw = `${pages.length === 0 ? 'Behind every operation that leaves a lent page somewhere it stands beside it' : `It stands beside every lent page, but for operations that take page, offset and size apart: ${listOf(pages)}`}; code outside the tree that does so ${apart.verdict === 'refuted' ? 'breaks' : 'does not break'} it.${stale.length === 0 ? '' : ` The other way round, where an entry is filled in field by field the destructor that stood there stays: ${listOf(stale)}.`}`;
    if (whole.length <= pages.length) return { verdict: 'refuted', saw, token: apart.token };
    const clean = pages.length + stale.length === 0;
    return { verdict: clean ? 'confirmed' : 'qualified', saw, token: apart.token };
  },
});

const F3 = experiment({
  id: 'F3',
  claim: 'to set the destructor behind the first ref or unref is a misuse',
  hypothesis:
    'References that were taken before the destructor was set are counted in one place and dropped in another.',
  method:
    'The same design with the destructor set behind the first reference, in five stories: what stops the machine, what is found, and what is left over.',
  refuting: 'nothing goes wrong with a destructor that is set late',
  runs: {
    late: lab('misuse', SET_LATE, ERA),
    right: lab('misuse', IAN, ERA),
    operation: operation(SET_LATE, 'skb_clone', ERA),
  },
  settle({ late, right, operation: clone }) {
    const wrong = Math.max(late.stopped, late.found);
    const saw = `Set late: ${late.found} of ${late.stories} stories end in a finding, ${late.stopped} stop the machine${late.message === null ? '' : ` (${late.message})`}, and ${plural(late.leaked, 'page reference')} are never dropped. Set in time: ${Math.max(right.stopped, right.found)} of ${right.stories}, ${right.leaked} left over.`;
    if (wrong === 0 && late.leaked === 0) return { verdict: 'refuted', saw };
    const clean = right.found + right.stopped === 0;
    return {
      verdict: wrong === late.stories && clean ? 'confirmed' : 'qualified',
      saw,
      token: clone.token,
    };
  },
});

const F4 = experiment({
  id: 'F4',
  claim: 'to unref no destructor is harmless, to ref none is a bug',
  hypothesis:
    'The two functions under the helpers treat a missing destructor differently: one returns, the other stops the machine.',
  method:
    'Both called without a destructor; the helpers above them on a fragment that has none; and how often five stories call the two with none.',
  refuting: 'the unref stops the machine, or the ref does not',
  runs: { none: lab('null', IAN, ERA) },
  settle({ none }) {
    const saw = `ref: ${none.ref ?? 'nothing happens'}. unref: ${none.unref ?? 'nothing happens'}. On a fragment without a destructor the helpers count on its page: ${none.pageAfterRef} more, then ${none.pageAfterUnref}. Of ${none.calls} calls in the stories ${none.withNone} had none: the helpers ask first, so neither line is ever reached.`;
    const right = [
      none.ref !== null,
      none.unref === null,
      none.pageAfterRef === 1 && none.pageAfterUnref === 0,
    ];
    const verdict = right.every(Boolean)
      ? 'confirmed'
      : right[0] === false || right[1] === false
        ? 'refuted'
        : 'qualified';
    return {
      verdict,
      saw,
      byConstruction:
        'the two functions are the text of the patch (BUG_ON, and an early return), and what is called here is that text',
    };
  },
});

const PRIVATE = ['driver frag', 'unconverted code'];

const F5 = experiment({
  id: 'F5',
  claim: 'code that keeps fragments outside an sk_buff needs care',
  hypothesis:
    'Drivers with skb_frag_t of their own are not reached by the helpers, and can lose the destructor or count in the wrong place.',
  method:
    'A driver that keeps fragments in descriptors of its own, and code that was never converted; each in every order of release.',
  refuting: 'none of them changes anything',
  runs: {
    operations: PRIVATE.map((o) => operation(IAN, o, ERA)),
    control: operation(IAN, 'skb_clone', ERA),
  },
  settle({ operations, control }) {
    const bad = PRIVATE.filter((_, i) => broken(operations[i]!));
    const saw = `${bad.length} of ${PRIVATE.length} break the design: ${bad.length === 0 ? 'none' : listOf(bad)}. Inside an sk_buff, a clone does ${broken(control) ? 'too' : 'not'}.`;
    if (bad.length === 0) return { verdict: 'refuted', saw };
    return {
      verdict: bad.length === PRIVATE.length && !broken(control) ? 'confirmed' : 'qualified',
      saw,
      token: operations.find(broken)!.token,
    };
  },
});

const KERNELS = ['2.6.24', '3.0', '3.2', '3.8'];

const F6 = experiment({
  id: 'F6',
  claim: 'the structure grows',
  hypothesis:
    'One pointer more in each fragment makes the shared info of every packet longer, lent pages or not.',
  method:
    'The structs as a compiler lays them out, in four kernels, and the buffer of a frame received at an MTU of 1500 with them and without.',
  refuting: 'the pointer fits in a hole',
  runs: {
    with: KERNELS.map((e) => layout(IAN, e)),
    without: KERNELS.map((e) => layout('naive-sendpage', e)),
  },
  settle({ with: grown, without }) {
    const rows = KERNELS.map((kernel, i) => {
      const shinfo = grown[i]!.structs.find((s) => s.struct === 'skb_shared_info')!;
      const before = without[i]!.buffer.sizeClass;
      const after = grown[i]!.buffer.sizeClass;
      return { kernel, bytes: shinfo.bytes, growth: shinfo.growth, before, after };
    });
    const saw = rows
      .map(
        (r) =>
          `${r.kernel}: shared info ${r.bytes - r.growth} to ${r.bytes} bytes, receive buffer from the cache of ${r.before}${r.after === r.before ? ', as before' : ` to that of ${r.after}`}`,
      )
      .join('; ');
    const growing = rows.filter((r) => r.growth > 0).length;
    if (growing === 0) return { verdict: 'refuted', saw: `${saw}.` };
    return { verdict: growing === rows.length ? 'confirmed' : 'qualified', saw: `${saw}.` };
  },
});

export const FRAG_DESTRUCTOR: Source = {
  id: 'F',
  author: 'Ian Campbell, reposted by Alex Bligh',
  title: 'net: add support for per-paged-fragment destructors',
  date: 'netdev, 2011, reposted 25 January 2013',
  about:
    'The first of seven patches: a counted destructor beside the page pointer of a fragment, and what its description promises. It was not merged.',
  experiments: [F1, F2, F3, F4, F5, F6],
};
