// The plain id of a design is what its author wrote, and a variant says what it repairs. Each of these is a finding of a
// reader who had the sources at hand.
import { Kernel, NoProbe, eraOf, inDomain, type Design } from '@lastref/kernel';
import { experimentsCalled } from '@lastref/claims';
import { matrixOperations, runMatrixCell } from '@lastref/operations';
import { DstPeer, WORKLOADS } from '@lastref/workloads';
import { allDesigns, literalOf } from '@lastref/runner';
import { layouts } from '@lastref/runner/layouts';
import { cellWord, compareMarkdown, compareSchema, mostWorthLooking } from '@lastref/report';
import { Cell, type CellResult } from '@lastref/search';
import { describe, expect, test, vi } from 'vitest';
import { sample } from '../../scripts/tier.ts';
import { answered } from './house/reference.ts';

const designs = (await allDesigns()).map((file) => file.design);
const named = (id: string): Design => designs.find((d) => d.id === id)!;

function run(id: string, workload: string, era = '2.6.24'): CellResult {
  const found = WORKLOADS.find((w) => w.id === workload)!;
  return new Cell({ design: named(id), workload: found, era: eraOf(era)!, seed: 1 }).runByClock();
}

const refuted = (id: string, workload: string, era?: string): string[] =>
  Object.entries(run(id, workload, era).judgement.verdicts)
    .filter(([, verdict]) => verdict === 'refuted')
    .map(([property]) => property);

test('the two ways of one sentence, each with its objection later that evening, have one status', () => {
  for (const id of ['skb-destructor', 'page-lru']) {
    expect(named(id).status, id).toBe('considered');
    expect(named(id).source, id).toContain('his own objection, at 21:19');
  }
});

test('what its author calls a hack is claimed as one', () => {
  for (const { id, claim } of experimentsCalled(['Z8', 'Z13']))
    expect(claim, id).toMatch(/, as a hack$/);
});

describe('variants', () => {
  const variants = designs.filter((d) => literalOf(d) !== d.id);

  test('each names a design that is no variant, is called after it, and stands behind it', () => {
    const ids = designs.map((d) => d.id);
    expect(variants.length).toBeGreaterThan(2);
    for (const design of variants) {
      const literal = literalOf(design);
      expect(literalOf(named(literal))).toBe(literal);
      expect(design.id.startsWith(`${literal}-`), design.id).toBe(true);
      const between = ids.slice(ids.indexOf(literal) + 1, ids.indexOf(design.id));
      for (const id of between) expect(literalOf(named(id)), id).toBe(literal);
      expect(ids.indexOf(design.id)).toBeGreaterThan(ids.indexOf(literal));
      expect(design.reading, design.id).toBeTruthy();
    }
  });
});

describe('the callback in sock_wfree', () => {
  test.each(['nfs-odirect', 'bulk-loss', 'sendfile-locked', 'loopback-slow-reader'])(
    'asks skb_cloned(), and is told nothing where TCP keeps what it sends: %s',
    (workload) => {
      const { judgement } = run('sock-wfree', workload);
      const { loans, completions } = judgement;
      expect([loans > 0, completions]).toEqual([true, 0]);
    },
  );

  test('UDP charges the packet itself, and it is told', () => {
    expect(refuted('sock-wfree', 'nfs-udp')).toEqual([]);
    expect(run('sock-wfree', 'nfs-udp').judgement.completions).toBeGreaterThan(0);
  });

  test('looking at page counts instead, it is right where every request is followed by another', () => {
    for (const workload of ['nfs-odirect', 'bulk-loss', 'sendfile-locked'])
      expect(refuted('sock-wfree-asks-pages', workload), workload).toEqual([]);
  });
});

describe('sendpage puts two senders into one skb', () => {
  const SHARED = ['nfs-odirect', 'bulk-loss', 'vmsplice', 'dst-replicas'];

  test.each(SHARED)(
    'rusty-shinfo-orig has one destructor for it, and on %s one of them is never told',
    (workload) => {
      expect(refuted('rusty-shinfo-orig', workload)).toContain('lost');
      expect(refuted('rusty-shinfo-orig-one-loan', workload)).not.toContain('lost');
    },
  );

  test('over loopback each packet is one segment up to 2.6.26, of one sender; then it has several, and of several', () => {
    const lost = (era: string): boolean =>
      refuted('rusty-shinfo-orig', 'loopback-slow-reader', era).includes('lost');
    expect([lost('2.6.24'), lost('2.6.24+loopbackTso'), lost('2.6.28')]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('no line of the patch has to do with that: it is right on what it names, a ring of descriptors', () => {
    const isFor = (id: string): string[] =>
      WORKLOADS.filter((w) => w.lends !== undefined && inDomain(named(id).domain, w.lends)).map(
        (w) => w.id,
      );
    expect(isFor('rusty-shinfo-orig')).toEqual(['vringfd', 'vringfd-reader-stops']);
    for (const workload of isFor('rusty-shinfo-orig'))
      expect(refuted('rusty-shinfo-orig', workload), workload).toEqual([]);
    expect(isFor('rusty-shinfo-orig-one-loan')).toEqual(expect.arrayContaining(SHARED));
  });

  // "Every user of that field should copy it into private area and invoke from own destructor callback" [19 Dec 2007, 21:19]
  test.each(['skb-destructor', 'no-clone'])('%s invokes the destructor that it found', (id) => {
    for (const workload of SHARED) expect(refuted(id, workload), workload).not.toContain('lost');
  });

  test('evgeniy-partial finds the owner by the page: what is lost is lost where the pointer is not carried', () => {
    expect(refuted('evgeniy-partial', 'no-sg')).toEqual([]); // nothing is split, everything is copied in the end
    expect(refuted('evgeniy-partial', 'bulk-loss')).toContain('lost');
  });
});

test('the flag of no-clone goes along where frags do: TCP copies whatever it sends', () => {
  const found = refuted('no-clone', 'nfs-tcp-retransmit', '3.8');
  expect(found.filter((property) => property !== 'late')).toEqual([]); // late stands beside the word, by chance
});

test('skb_orphan_frags came in 3.6: before, a process that does not read keeps the pages of ubuf-orphan', () => {
  const copied = (era: string): number =>
    run('ubuf-orphan', 'vringfd-reader-stops', era).costs.lent['copiedPayloadBytes']!;
  expect(copied('3.2+orphansFrags')).toBe(copied('3.8'));
  expect(copied('3.2')).toBeLessThan(copied('3.8')); // what a bridge floods is cloned, and copied for that
});

describe('a peer of distributed storage accepts the next connection when the last one is over [dst_accept]', () => {
  test('so that what it reads of a new one, it reads behind the end of the old one', () => {
    const read = vi.spyOn(DstPeer.prototype, 'received');
    run('sum-then-copy', 'dst-disconnect', '7.2.13');
    const connections = read.mock.calls.map(([connection]) => connection);
    const far = connections.filter((c) => c.peer.options.name === 'far');
    read.mockRestore();
    const turns = far.filter((c, i) => c !== far[i - 1]);
    expect(turns.length).toBeGreaterThan(2);
    expect(new Set(turns).size).toBe(turns.length);
  });

  test.each(['rpc-reply', 'own-acks', 'skb-destructor', 'tcp-ack-callback'])(
    'and its answer comes too late for %s to be early',
    (id) => {
      expect(refuted(id, 'dst-disconnect').filter((p) => p !== 'late')).toEqual([]);
    },
  );
});

test('sendfile of a clean page sets no PG_writeback: nobody waits, and the receiver gets what was written', () => {
  expect(refuted('stable-pages', 'sendfile-writer')).toEqual(['corrupt', 'early']);
  expect(refuted('stable-pages', 'nfs-buffered')).toEqual([]);
  expect(refuted('rpc-reply', 'nfs-buffered')).toEqual(['written']);
});

test.each(['nfs-odirect', 'iscsi-write', 'dst-replicas'])(
  'O_DIRECT lends pages that a process has mapped: their count never falls to nothing, on %s',
  (workload) => {
    expect(refuted('page-foreign', workload, '2.6.32')).toContain('lost');
    expect(refuted('page-lru', workload)).toContain('lost');
  },
);

test('skb_add_rx_frag puts in a page of the driver, and takes nothing from anybody', () => {
  const rx = matrixOperations().find((o) => o.id === 'skb_add_rx_frag')!;
  for (const id of [
    'ian-frag-destructor',
    'msg-zerocopy',
    'rusty-shinfo-orig-one-loan',
    'copy-always',
  ])
    expect(runMatrixCell(named(id), rx, eraOf('3.18')!).verdict, id).toBe('not-exercised');
});

const plain = designs.filter((design) => design.home === undefined);

test.each(sample(plain, 5))(
  'traffic that asks for nothing pays for nothing under $id',
  ({ id }) => {
    /** Entries merge, too. What a patch adds to every shared info is not free: the class that a head comes from. */
    const paid = (design: string, era: string): object => {
      const costs = Object.entries(run(design, 'ordinary', era).costs.ordinary);
      const heads = costs.filter(([name]) => name.startsWith('kmalloc'));
      const others = costs.filter((cost) => !heads.includes(cost));
      return { ...Object.fromEntries(others), heads: heads.reduce((sum, [, n]) => sum + n, 0) };
    };
    expect(paid(id, '2.6.24')).toEqual(paid('naive-sendpage', '2.6.24'));
    // skb_shift asks whether entries may be one (2.6.29 on), and looks at a shared info that the patch has made longer
    const lines = { cacheLines: 0, structLines: 0 };
    expect({ ...paid(id, '3.8'), ...lines }).toEqual({
      ...paid('naive-sendpage', '3.8'),
      ...lines,
    });
  },
);

test('a sender whose bytes go on in an entry of somebody else is told when they are gone', () => {
  for (const id of ['splice-pipe-release', 'tcp-ack-callback'])
    expect(run(id, 'bulk-loss').judgement.completions, id).toBe(
      run(id, 'bulk-loss').judgement.loans,
    );
});

test('a destructor for each page is an array: as many pointers as there are frags', () => {
  const { doc } = layouts({
    designs: [named('rusty-page-shinfo')],
    era: '3.8',
    struct: 'skb_shared_info',
  });
  expect(doc.rows.map((r) => r.growth)).toEqual([136]);
});

test('a struct is laid out in the kernel that the design was made for, and in 3.8', () => {
  const kernels = (id: string) => [
    ...new Set(
      layouts({ designs: [named(id)], era: null, struct: null }).doc.rows.map((r) => r.era),
    ),
  ];
  expect(kernels('evgeniy-partial')).toEqual(['2.6.28', '3.8']);
  expect(kernels('ian-frag-destructor')).toEqual(['3.8']);
  expect(kernels('page-pool')).toEqual(['debian-6.12.117', '3.8']);
});

describe('designs that came into use elsewhere', () => {
  test('page-net-priv counts what the network has, and forgets all of it when the connection is gone', () => {
    for (const workload of ['sendfile-locked', 'bulk-loss', 'loopback-slow-reader', 'vmsplice'])
      expect(refuted('page-net-priv', workload, '2.6.28'), workload).not.toContain('early');
    // the ring still has packets of it: "no data are going to be sent" [iscsi_check_closewait]
    expect(refuted('page-net-priv', 'listener-stop', '2.6.28')).toContain('early');
  });

  test('page-net-priv counts a proxy that sends on by reference what somebody has lent', () => {
    expect(refuted('page-net-priv', 'splice-proxy', '2.6.28')).not.toContain('early');
  });

  test('devmap-page hears of whichever put leaves a count of 1; who does not ask pays nothing', () => {
    for (const workload of ['nfs-odirect', 'iscsi-recovery', 'vringfd']) {
      expect(refuted('devmap-page', workload, '5.10.223'), workload).not.toContain('early');
      expect(refuted('devmap-page', workload, '5.10.223'), workload).not.toContain('lost');
    }
    const hears = ({ design }: { design: Design }): boolean =>
      new Kernel(design, eraOf('3.8')!, new NoProbe(), 16).hearsIdle;
    expect(designs.filter((design) => hears({ design })).map((d) => d.id)).toEqual(['devmap-page']);
  });

  test('an ACK that overtakes a retransmission in the ring: tx-count waits for the transmission', () => {
    expect(refuted('tcp-ack-callback', 'nfs-tcp-retransmit', '3.8')).toContain('early');
    expect(refuted('tx-count', 'nfs-tcp-retransmit', '3.8')).toEqual([]);
    expect(refuted('tx-count', 'reset-midway', '7.2.13')).toEqual([]);
  });

  test('an answer by another portal: wmem-drained waits until the first device has nothing left', () => {
    expect(refuted('rpc-reply', 'iscsi-recovery', '7.2.13')).toContain('early');
    expect(refuted('wmem-drained', 'iscsi-recovery', '7.2.13')).toEqual([]);
    expect(refuted('wmem-drained', 'iscsi-write', '7.2.13')).toContain('early'); // no connection was lost
  });

  test('sum-then-copy sends a copy of what has changed since it was sent, and of nothing else', () => {
    const copied = (workload: string): number[] =>
      ['sum-then-copy', 'rpc-reply'].map(
        (id) => run(id, workload, '7.2.13').costs.lent['copiedPayloadBytes']!,
      );
    const [theirs, plain] = copied('iscsi-digest');
    expect(theirs! - plain!).toBeGreaterThan(4096);
    const [same, as] = copied('iscsi-write');
    expect(same).toBe(as);
  });
});

describe('where the source leaves a reading open, the other one has a row', () => {
  test('the first answer of the protocol ends a call that was sent twice', () => {
    expect(refuted('own-acks', 'nfs-udp', '3.8')).not.toContain('early');
    expect(refuted('own-acks-first-answer', 'nfs-udp', '3.8')).toContain('early');
  });

  test.each(['bulk-loss', 'loopback-slow-reader', 'dst-replicas'])(
    'a destructor that looks at page counts tells everybody if it goes where pages go: %s',
    (workload) => {
      expect(refuted('evgeniy-partial', workload, '2.6.28')).toContain('lost');
      expect(refuted('evgeniy-partial-carried', workload, '2.6.28')).not.toContain('lost');
      expect(refuted('evgeniy-partial-carried', workload, '2.6.28')).not.toContain('early');
    },
  );

  test('and is left behind where another socket takes the page alone, or the block copy ends before it', () => {
    expect(refuted('evgeniy-partial-carried', 'splice-proxy', '2.6.28')).toContain('lost');
    const head = matrixOperations().find((o) => o.id === 'pskb_expand_head')!;
    const word = (era: string) =>
      runMatrixCell(named('evgeniy-partial-carried'), head, eraOf(era)!).verdict;
    expect([word('2.6.28'), word('2.6.38')]).toEqual(['proven', 'refuted']);
  });
});

describe('a design that was made for something else', () => {
  const asked = 'compare --era 3.2 --json --designs ubuf-orphan,rpc-reply,naive-sendpage';
  const workloads = 'sendfile-writer,vringfd,nfs-odirect,ordinary';
  const ran = answered(...asked.split(' '), '--workloads', workloads);
  const doc = compareSchema.parse(JSON.parse(ran.stdout));
  const cell = (design: string, workload: string) =>
    doc.rows.find((r) => r.design === design && r.workload === workload)!;

  test('is run all the same, its findings are kept, and the cell stands in brackets', () => {
    const outside = cell('ubuf-orphan', 'sendfile-writer');
    expect([outside.domain, cellWord(outside)]).toEqual([false, '(delivered)']);
    expect(outside.findings.map((f) => f.harm)).toContain('delivered');
    expect(cellWord(cell('naive-sendpage', 'sendfile-writer'))).toBe('delivered');
    expect(compareMarkdown(doc, 'x')).toContain('(delivered)');
  });

  test('is told from one that was made for it, and what lends nothing is outside of nothing', () => {
    const inside = (id: string) =>
      doc.rows.filter((r) => r.design === id && r.domain).map((r) => r.workload);
    expect(inside('ubuf-orphan')).toEqual(['vringfd', 'ordinary']);
    expect(inside('rpc-reply')).toEqual(['nfs-odirect', 'ordinary']);
    expect(inside('naive-sendpage')).toHaveLength(4);
  });

  test.each([
    ['msg-zerocopy', 'requests', 'tcp', '3.18', '4.14'],
    ['ubuf-orphan', 'guest', 'device', '2.6.38', '3.2'],
  ] as const)(
    'and nobody could send for %s before it was merged',
    (id, by, over, before, since) => {
      const inside = [before, since].map((era) =>
        inDomain(named(id).domain, { by, over }, eraOf(era)),
      );
      expect(inside).toEqual([false, true]);
    },
  );

  test.each([
    ['sock-wfree', 'requests', 'tcp', true],
    ['sock-wfree', 'requests', 'udp', false], // "no one cares about transferring data over UDP"
    ['tcp-ack-callback', 'guest', 'device', false],
    ['stable-pages', 'writeback', 'tcp', true],
    ['stable-pages', 'requests', 'tcp', false], // O_DIRECT: no PG_writeback
    ['rpc-reply', 'socket', 'tcp', true], // a capture: it may be a protocol that answers
    ['page-foreign', 'socket', 'tcp', false], // and is no guest
    ['ian-frag-destructor', 'driver', 'device', true], // its card names no domain
  ] as const)('%s, lent by %s over %s: %s', (id, by, over, inside) => {
    expect(inDomain(named(id).domain, { by, over })).toBe(inside);
  });

  test('a marker tells nobody, and no workload calls that its fault: who writes in place is its question', () => {
    const marker = named('shared-frag-marker');
    for (const { id, lends } of WORKLOADS)
      expect(inDomain(marker.domain, lends), id).toBe(lends === undefined);
    expect(marker.domain!.source).toContain('f4c50a4034e6');
  });

  test('nvme-tcp throws its queue away with the socket: old bytes that drain by themselves are not its fault', () => {
    expect(refuted('wmem-drained', 'nfs-reconnect', '3.8')).toContain('corrupt');
    const lent = (workload: string) => WORKLOADS.find((w) => w.id === workload)!.lends;
    const { domain } = named('wmem-drained');
    expect(inDomain(domain, lent('dst-disconnect'))).toBe(false);
    expect(inDomain(domain, lent('dst-replicas'))).toBe(true);
    expect(inDomain(named('own-acks').domain, lent('dst-disconnect'))).toBe(true);
    // an initiator resets what it gives up since 2016 [open-iscsi 742e4e2fae1f]
    const { since, ...ofAnyTime } = domain!;
    const recovery = (of: typeof domain) => (era: string) =>
      inDomain(of, lent('iscsi-recovery'), eraOf(era));
    const eras = ['2.6.24', '3.18', '4.14', '7.2.13'];
    expect(eras.map(recovery(ofAnyTime))).toEqual([false, false, true, true]);
    expect([since, ...eras.map(recovery(domain))]).toEqual(['5.0', false, false, false, true]); // nvme-tcp
    expect(inDomain(named('own-acks').domain, lent('iscsi-recovery'), eraOf('3.18'))).toBe(true);
  });

  test('what is most worth looking at is in the domain, where anything is', () => {
    const ids = new Set(['ubuf-orphan', 'rpc-reply']);
    const rows = doc.rows.filter((r) => ids.has(r.design));
    expect(mostWorthLooking(rows, ids)!.row.domain).toBe(true);
  });

  test('and every card that names a domain cites who says so', () => {
    const cited = designs.filter((d) => d.domain !== undefined);
    expect(cited.length).toBeGreaterThan(7);
    for (const { id, domain } of cited) expect(domain!.source.length, id).toBeGreaterThan(20);
  });
});
