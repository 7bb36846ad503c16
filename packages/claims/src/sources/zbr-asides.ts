// What the comments of December 2007 say in passing: UDP, other protocols, containers, and room in sk_buff.
import { experiment } from '../experiment.ts';
import { changed, faultWords, gravest } from '../reading.ts';
import { clock, lab, operation, story } from '../run.ts';
import { listOf, plural } from '../words.ts';

const ERA = '2.6.24';
const OVER_UDP = ['naive-sendpage', 'rpc-reply', 'tcp-ack-callback', 'sock-wfree'];

export const Z15 = experiment({
  id: 'Z15',
  claim: 'no one cares about transferring data over UDP',
  hypothesis: 'Nobody lends pages over UDP, so a way that leaves UDP out leaves nobody out.',
  method:
    'NFS over UDP, whose client of those years sends the pages of a write with sendpage: operations that lent pages, and what becomes of them under completion at the return, at the reply, at the ACK (of which UDP has none), and by the callback that the sentence is about.',
  refuting: 'pages are lent over UDP, and go out changed or are never given back',
  runs: { over: OVER_UDP.map((d) => clock(d, 'nfs-udp', ERA)) },
  settle({ over }) {
    const lent = over[0]!.loans;
    const { wire } = changed(over);
    const saw = `${plural(lent, 'write')} lent pages over UDP. ${faultWords(OVER_UDP, over) === '' ? 'Nothing went wrong' : `Of the ways out: ${faultWords(OVER_UDP, over)}`}; ${wire} ranges changed on the wire.`;
    if (lent === 0) return { verdict: 'confirmed', saw: 'No page was lent over UDP.' };
    const harmed = over.some((f) => f.findings.length > 0);
    return { verdict: harmed ? 'refuted' : 'qualified', saw, token: gravest(over) };
  },
});

export const Z16 = experiment({
  id: 'Z16',
  claim: 'sock_wfree is called for TCP, SCTP and DCCP',
  hypothesis:
    'The destructor that tells the socket is on what TCP, SCTP and DCCP transmit, so that one callback there serves all three.',
  method:
    'What pages are lent over in this model; for TCP, runs of sock_wfree for packets with lent pages.',
  refuting: 'one of the three transmits lent pages without it',
  runs: { over: lab('carriers', 'sock-wfree', ERA), wfree: lab('wfree', 'sock-wfree', ERA) },
  settle({ over, wfree }) {
    const runs = wfree.reduce((n, f) => n + f.runs, 0);
    const saw = `TCP: ${runs === 0 ? 'never' : `${plural(runs, 'run')} of sock_wfree for packets with lent pages`}. Pages are lent over ${listOf(over)}.`;
    if (runs === 0) return { verdict: 'refuted', saw };
    if (['sctp', 'dccp'].every((p) => over.includes(p))) return { verdict: 'confirmed', saw };
    return {
      verdict: 'not-settled',
      saw,
      missing:
        'SCTP and DCCP. Both charge what they transmit with skb_set_owner_w, but sendpage of both is sock_no_sendpage (net/sctp/protocol.c, net/dccp/ipv4.c), which copies: nobody could lend a page over them',
    };
  },
});

/** A flag, a pointer or a list in struct page, and nothing around the page. */
const WITHOUT = ['page-foreign', 'page-lru'];
const KINDS = ['netback-bridge', 'nfs-odirect', 'sendfile-locked', 'vmsplice'];

export const Z17 = experiment({
  id: 'Z17',
  claim: 'no way around wrapping the page in a container',
  hypothesis:
    'Whoever wants to be told of a page needs something around it (a pipe buffer, a counted destructor, a ubuf_info): the page alone has no place for it.',
  method:
    'The two designs that keep everything in struct page, with pages of a guest, of a process and of the page cache.',
  refuting: 'one of them is right with every kind of page',
  runs: {
    loads: WITHOUT.flatMap((d) => KINDS.map((w) => clock(d, w, ERA))),
    operations: WITHOUT.map((d) => operation(d, 'skb_clone', ERA)),
    slab: story('page-lru', 'slab-page', '3.8'),
  },
  settle({ loads, slab }) {
    const rows = WITHOUT.map((design, i) => {
      const own = loads.slice(i * KINDS.length, (i + 1) * KINDS.length);
      const right = KINDS.filter((_, n) => own[n]!.findings.length === 0 && own[n]!.loans > 0);
      return { design, right, wrong: faultWords(KINDS, own) };
    });
    const saw = `${rows.map((r) => `${r.design}: right on ${r.right.length === 0 ? 'none' : listOf(r.right)}${r.wrong === '' ? '' : `, ${r.wrong}`}`).join('; ')}. Memory of a slab: ${slab.findings.length > 0 ? 'wrong' : 'right'}.`;
    const token = gravest(loads);
    if (rows.some((r) => r.right.length === KINDS.length))
      return { verdict: 'refuted', saw, token };
    const some = rows.some((r) => r.right.length > 0);
    return { verdict: some ? 'qualified' : 'confirmed', saw, token };
  },
});

export const Z18 = experiment({
  id: 'Z18',
  claim: 'there is no way to add members to sk_buff',
  hypothesis:
    'A pointer for this would not be let into sk_buff, which every packet of every user would carry.',
  method:
    'What can be measured of it: sk_buff of each kernel as a compiler lays it out, without and with a pointer at its end, and what the slabs take, in whole cache lines, for one and for the pair that TCP allocates.',
  refuting: 'reviewers let one in that only zero-copy senders use',
  runs: { room: lab('room', 'naive-sendpage', ERA) },
  settle({ room }) {
    const then = room.find((r) => r.kernel === ERA)!;
    const one = room.filter((r) => r.objectWith > r.object).map((r) => r.kernel);
    const pair = room.filter((r) => r.pairWith > r.pair).map((r) => r.kernel);
    const grows = (kernels: readonly string[]): string =>
      kernels.length === 0 ? 'in no kernel laid out' : `in ${listOf(kernels)}`;
    const saw = `${ERA}: ${then.bytes} bytes, ${then.bytesWith} with a pointer, in an object of ${then.object} and of ${then.objectWith}; a pair in one of ${then.pair} and of ${then.pairWith}. The object grows ${grows(one)}, that of a pair ${grows(pair)}.`;
    if (then.objectWith > then.object) return { verdict: 'confirmed', saw };
    if (then.pairWith > then.pair) return { verdict: 'qualified', saw };
    return {
      verdict: 'not-settled',
      saw,
      missing:
        'reviewers: by its size nothing kept a pointer out at that time, and who may have one is for them to say',
    };
  },
});
