// The matrix says what an operation adds to a packet that only was in flight, and calls proven only what happened.
import { ERAS, eraOf, espInput, pskbCopy, skbLinearize, type Design } from '@lastref/kernel';
import { allDesigns, canaries } from '@lastref/runner';
import { describe, expect, test } from 'vitest';
import {
  casesOf,
  matrixOperations,
  operationWorkload,
  orders,
  runMatrixCell,
  runMatrixRow,
  type Operation,
  type Situation,
} from '../src/index.ts';
import { against, matrixDocument } from '../src/matrix.ts';
import { LONG } from '../../../scripts/tier.ts';

const files = await allDesigns();
const fileOf = (id: string) => files.find((f) => f.design.id === id)!;
const operation = (id: string) => matrixOperations().find((m) => m.id === id)!;
const cell = (design: string, id: string, era: string) =>
  runMatrixCell(fileOf(design).design, operation(id), eraOf(era)!);
/** Of whoever lends what a driver has received, in any kernel. */
const ofDriver = (id: string, era: string) =>
  runMatrixCell(
    { ...fileOf('page-pool').design, domain: { by: ['driver'], source: 'tests' } },
    operation(id),
    eraOf(era)!,
  );

test('the control row stands first, and what it refutes is added by nothing', () => {
  expect(matrixOperations()[0]!.id).toBe('control');
  const plan = {
    designs: [fileOf('rpc-reply')],
    eras: ['3.8'],
    head: false,
    faults: false,
    stopped: [],
  };
  const filler = cell('copy-always', 'control', '3.8'); // stands for the rows that nobody looks at here
  const looked = ['control', 'pskb_copy', 'skb_clone'];
  const [control, ...rest] = matrixDocument(
    plan,
    matrixOperations().map(({ id }) => ({
      design: 'rpc-reply',
      operation: id,
      cells: [looked.includes(id) ? cell('rpc-reply', id, '3.8') : filler],
    })),
  ).rows.map((r) => ({ mover: r.mover, ...r.cells['rpc-reply']! }));
  expect([control!.mover, control!.verdict, control!.adds]).toEqual([
    'control',
    'refuted',
    ['corrupt', 'early'],
  ]);
  const copied = rest.find((r) => r.mover === 'pskb_copy')!;
  expect([copied.verdict, copied.property, copied.adds]).toEqual(['refuted', 'corrupt', []]);
});

test('a worse harm is more than the control has: over loopback an application reads what was acknowledged', () => {
  const [control, loopback] = ['control', 'loopback_xmit'].map((id) =>
    cell('tcp-ack-callback', id, '3.8'),
  );
  expect([control!.property, control!.harm]).toEqual(['corrupt', 'wire']);
  expect([loopback!.property, loopback!.harm]).toEqual(['corrupt', 'delivered']);
  expect(against(loopback!, control!).adds).toEqual(['corrupt']);
  expect(against(control!, loopback!).adds).toEqual([]);
});

describe('no proof of what never happened', () => {
  test.each([
    ['msg-zerocopy', 'skb_shift', '4.14', 'refused'],
    ['ian-frag-destructor', 'skb_shift', '4.14', 'proven'],
    ['ian-frag-destructor', 'skb_add_rx_frag', '3.18', 'not-exercised'],
    ['copy-always', 'kfree_skb', '3.8', 'copied'],
    ['ian-frag-destructor', 'tcp_splice_read', '2.6.24', 'n/a'],
  ])('%s under %s in %s: %s', (design, id, era, verdict) => {
    expect(cell(design, id, era).verdict).toBe(verdict);
  });
});

test('what is told before anybody lets go is stretched by nobody', () => {
  expect(cell('naive-sendpage', 'skb_zerocopy', '7.2.13').heldBy).toEqual([]);
  expect(cell('ian-frag-destructor', 'skb_zerocopy', '7.2.13').heldBy).toContain('netlink message');
});

test('a program that has yet to say its verdict puts off the telling, though a device has the packet last', () => {
  const { verdict, verdicts, heldBy } = cell('ian-frag-destructor', 'nf_queue', '3.8');
  expect([verdict, verdicts.unbounded]).toEqual(['proven', 'refuted']);
  expect(heldBy).toEqual(expect.arrayContaining(['queue reader', 'tx completion']));
  expect(cell('ian-frag-destructor', 'dev_hard_start_xmit', '3.8').verdicts.unbounded).toBe(
    'holds',
  );
  expect(cell('naive-sendpage', 'nf_queue', '3.8').heldBy).toEqual([]);
});

test("a program behind a bridge's netfilter queue keeps a guest's packet, which nobody has cloned, until its message refers to the pages", () => {
  const of = (design: string, era: string) => cell(design, 'nf_queue (handed over)', era);
  for (const [era, copied] of [
    ['3.2', false],
    ['3.8', false],
    ['3.18', true], // skb_zerocopy asks skb_orphan_frags
    ['7.2.13', true],
  ] as const) {
    const { verdict, verdicts, outside } = of('ubuf-orphan', era);
    expect([era, verdict, outside]).toEqual([era, copied ? 'copied' : 'proven', false]);
    expect(verdicts.unbounded === 'refuted').toBe(!copied);
    expect(of('page-foreign', era).verdicts.unbounded).toBe('refuted');
    expect(of('tcp-ack-callback', era).outside).toBe(true);
  }
});

test('who splices has received: what may not be kept has been copied by then', () => {
  expect(cell('msg-zerocopy', 'skb_splice_bits (page)', '7.2.13').verdict).toBe('copied');
  expect(cell('ian-frag-destructor', 'skb_splice_bits (page)', '7.2.13').properties).toContain(
    'early',
  );
});

test('a guest behind a macvtap gets the pages of MSG_ZEROCOPY themselves, and puts off the telling as long as it likes', () => {
  const of = (design: string, era: string) => cell(design, 'tap_handle_frame', era);
  for (const era of ['4.14', '7.2.13']) {
    const { verdict, verdicts } = of('msg-zerocopy', era);
    expect([era, verdict, verdicts.unbounded]).toEqual([era, 'proven', 'refuted']);
    expect(cell('msg-zerocopy', 'tun_net_xmit', era).verdict).toBe('copied');
    expect(of('ubuf-orphan', era).verdict).toBe('copied'); // dev_forward_skb asks of those
    expect(of('tcp-ack-callback', era).harm).toBe('delivered');
  }
  expect(of('ubuf-orphan', '2.6.32').verdict).toBe('n/a');
});

test('a tap gets copies of what may not be kept, with a ring and without: a packet too long for a frame keeps nobody waiting', () => {
  for (const id of ['packet_rcv', 'tpacket_rcv (copy_thresh)']) {
    const of = (design: string) => cell(design, id, '7.2.13');
    expect(of('msg-zerocopy').verdict).toBe('copied');
    expect(of('msg-zerocopy').heldBy).not.toContain('tap reader');
    expect(of('ian-frag-destructor').heldBy).toContain('tap reader');
  }
});

test('what IP or AF_PACKET does to pages says nothing of a design that was made for TCP alone', () => {
  const outside = (design: string, id: string) => cell(design, id, '7.2.13').outside;
  for (const id of [
    'ip_fragment (fast)',
    'ip_fragment (slow)',
    'ip_frag_reasm (coalesce)',
    '__ip_append_data (MSG_SPLICE_PAGES)',
    '__ip6_append_data (MSG_SPLICE_PAGES)',
    'rxkad_verify_packet',
    'tpacket_snd',
  ]) {
    for (const design of ['msg-zerocopy', 'sock-wfree', 'splice-pipe-release', 'tx-count'])
      expect([id, design, outside(design, id)]).toEqual([id, design, true]);
    expect(outside('ian-frag-destructor', id)).toBe(false);
  }
  expect(outside('ubuf-orphan', 'tpacket_snd')).toBe(false);
  expect(outside('msg-zerocopy', 'tcp_fragment')).toBe(false);
});

test('before tunnels had GRO, in 3.7, a driver alone had packets for it', () => {
  const outside = (design: string, era: string) => cell(design, 'skb_gro_receive', era).outside;
  for (const design of ['splice-pipe-release', 'sock-wfree', 'page-foreign', 'ubuf-orphan'])
    expect(['2.6.32', '3.2', '3.8', '7.2.13'].map((era) => outside(design, era))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  expect(ofDriver('skb_gro_receive', '3.2').outside).toBe(false);
});

test('a socket of TCP asks for time stamps from 3.17 on, one of UDP since 2.6.30, a guest never', () => {
  const outside = (design: string, era: string) => cell(design, 'skb_tstamp_tx', era).outside;
  expect(['3.2', '3.18'].map((era) => outside('tcp-ack-callback', era))).toEqual([true, false]);
  expect(['3.2', '3.18'].map((era) => outside('own-acks', era))).toEqual([false, false]);
  expect(outside('page-foreign', '3.18')).toBe(true);
});

test('no packet of TCP is sent to many, cut by IP or put together; what drivers and guests have may be', () => {
  const ids = ['macvlan_broadcast', 'skb_morph', 'ip_fragment (slow)', 'ip_frag_reasm (coalesce)'];
  for (const id of [...ids, 'rxkad_verify_packet']) {
    const outside = (design: string) => cell(design, id, '7.2.13').outside;
    expect([id, outside('tcp-ack-callback'), outside('tx-count')]).toEqual([id, true, true]);
    expect([id, outside('page-pool'), outside('page-foreign')]).toEqual([id, false, false]);
  }
});

test('a stream carries ESP from 5.6 on, and never AH: before, pages of TCP come to no cipher on the way in', () => {
  const outside = (design: string, id: string, era: string) => cell(design, id, era).outside;
  for (const id of ['esp_input', 'esp6_input (async)', 'skb_shift, esp_input'])
    expect(['4.14', '5.10.223'].map((era) => outside('tcp-ack-callback', id, era))).toEqual([
      true,
      false,
    ]);
  for (const id of ['esp_input (GRO)', 'ah_input'])
    expect(['tcp-ack-callback', 'page-pool'].map((of) => outside(of, id, '7.2.13'))).toEqual([
      true,
      false,
    ]);
});

test('what a socket of TCP lends is none of a guest, and none of a driver', () => {
  for (const id of [
    'skb_fill_page_desc',
    'skb_can_coalesce',
    'tcp_sendmsg_locked (lent and copied)',
    'zerocopy_fill_skb_from_devmem',
  ]) {
    const outside = (design: string) => cell(design, id, '7.2.13').outside;
    expect([id, outside('page-foreign'), outside('page-pool')]).toEqual([id, true, true]);
    expect([id, outside('msg-zerocopy'), outside('own-acks')]).toEqual([id, false, false]);
  }
});

test('a stack that writes into the rings of a device by itself has no tap, no receiver and no bridge on its host: what they do to packets says nothing of it', () => {
  const onHost = [
    'loopback_xmit',
    'packet_rcv',
    'tcp_queue_rcv',
    'tcp_splice_read',
    'tun_net_xmit',
  ];
  for (const id of [
    ...onHost,
    'nf_queue',
    'skb_zerocopy',
    'skb_clone',
    'pskb_copy',
    'skb_orphan',
    'unix_stream_splice_read',
    'esp_input',
    'skb_gro_receive',
    'driver frag',
    'xennet_release_tx_bufs',
    'unconverted code',
  ]) {
    const { outside, verdict } = cell('tx-count', id, '7.2.13');
    expect([id, outside, verdict === 'n/a']).toEqual([id, true, false]);
    expect([id, cell('tcp-ack-callback', id, '7.2.13').outside]).toEqual([id, false]);
  }
  for (const id of ['skb_segment', 'dev_hard_start_xmit', 'tcp_fragment', 'tcp_clone_payload'])
    expect([id, cell('tx-count', id, '7.2.13').outside]).toEqual([id, false]);
});

test('pages on the stage are under writeback: who waits for its end waits for the reply, and not for the return', () => {
  for (const id of ['control', 'ip_fragment (slow)', 'tcp_queue_rcv']) {
    const of = (design: string) => cell(design, id, '3.2');
    const { verdict, verdicts } = of('stable-pages');
    expect([id, verdict, verdicts]).toEqual([
      id,
      of('rpc-reply').verdict,
      of('rpc-reply').verdicts,
    ]);
  }
  expect(cell('stable-pages', 'control', '3.2').verdicts.late).toBe('refuted'); // an ACK came before
});

test('what skb_shift breaks, a retransmission of small packets breaks from 4.10 on', () => {
  const of = (design: string, id: string, era: string) => cell(design, id, era).verdict;
  expect(of('rusty-shinfo-orig-one-loan', 'tcp_retrans_try_collapse', '3.18')).toBe('proven');
  for (const era of ['4.14', '7.2.13']) {
    expect(of('rusty-shinfo-orig-one-loan', 'tcp_collapse_retrans', era)).toBe('refuted');
    expect(of('msg-zerocopy', 'tcp_collapse_retrans', era)).toBe('refused');
    expect(of('ian-frag-destructor', 'tcp_collapse_retrans', era)).toBe('proven');
  }
});

test('a packet of a guest has no clone before it: segments outlive what skb_segment did not orphan (CVE-2014-0131)', () => {
  expect(cell('ubuf-orphan', 'skb_segment', '3.8').properties).toContain('corrupt');
  expect(cell('ubuf-orphan', 'skb_segment', '3.18').verdict).toBe('copied');
  expect(cell('ubuf-orphan', 'skb_segment (handed over)', '3.8').properties).toContain('corrupt');
  expect(cell('msg-zerocopy', 'skb_segment (handed over)', '4.14').verdict).toBe('proven');
});

describe('partners that are not alike', () => {
  const marker = (design: Design, situation: Situation, era: string): boolean => {
    const workload = operationWorkload(operation('skb_shift, esp_input'), situation);
    const input = { design, workload, era: eraOf(era)!, seed: 1 };
    return [...orders(input)].some((o) => o.judgement.verdicts.unmarked === 'refuted');
  };

  test('a marker that skb_shift does not carry is missed only where the packet that grows had none', async () => {
    const old = (await canaries()).find((d) => d.design.id === 'canary-marker-of-2025')!.design;
    const before = '7.2.13-markerCarried'; // what TCP marks the kernel of then does not carry either
    expect(marker(old, 'shared', before)).toBe(false); // both were marked
    expect(marker(old, 'first is ordinary', before)).toBe(true);
    const today = fileOf('shared-frag-marker').design;
    expect(marker(today, 'first is ordinary', '7.2.13')).toBe(false);
  });

  test('are asked of what makes one packet of two, and of nothing else', () => {
    expect(casesOf(operation('skb_try_coalesce'))).toContain('second is ordinary');
    expect(casesOf(operation('skb_clone'))).toEqual(['shared', 'sole owner']);
  });
});

test('an era that no run can tell from another is not run again, and says the same as if it were', () => {
  const pairs = [
    ['rusty-shinfo-orig-one-loan', 'pskb_expand_head'],
    ['page-foreign', '__pskb_pull_tail'],
    ['msg-zerocopy', 'skb_try_coalesce'],
  ] as const;
  for (const [design, id] of LONG ? pairs : pairs.slice(0, 1)) {
    const at = { faults: false, head: false };
    const row = runMatrixRow(fileOf(design).design, operation(id), ERAS, at);
    const alone = ERAS.map((era) => cell(design, id, era.id));
    expect(row, `${design} under ${id}`).toEqual(alone);
  }
});

test('a packet that its socket has nothing to do with any more was acknowledged: who goes by ACKs is told', () => {
  for (const id of ['skb_cow', 'skb_gro_receive_list', 'esp_output_tail'])
    expect(cell('tx-count', id, '7.2.13').verdict, id).toBe('proven');
  const { property, verdicts } = cell('tcp-ack-callback', 'esp_output_tail', '7.2.13');
  expect([property, verdicts.lost]).toEqual(['corrupt', 'holds']); // told, while a cipher still reads
});

test('an ACK covers all that was sent, whichever packet the operation took first: who goes by ACKs loses nothing to reassembly', () => {
  for (const design of ['splice-pipe-release', 'tcp-ack-callback'])
    for (const era of ['2.6.24', '7.2.13'])
      expect(cell(design, 'skb_morph', era).verdicts.lost, `${design} ${era}`).toBe('holds');
});

test('what only a receiver does meets no page that may not be kept: copies took its place before', () => {
  for (const id of ['skb_morph', 'skb_try_coalesce', 'skb_copy_datagram_iovec'])
    for (const era of ['4.14', '6.1.192', '7.2.13'])
      expect(cell('msg-zerocopy', id, era).verdict, `${id} ${era}`).toBe('copied');
});

test.each([
  ['3.8', 'refuted'],
  ['3.18', 'proven'],
  ['7.2.13', 'proven'],
])(
  'in Linux %s who counts transmissions, where software cuts a packet of TCP up: the segments are charged in its place from 3.10 on',
  (era, verdict) => {
    expect(cell('tx-count', 'skb_segment', era).verdict).toBe(verdict);
    expect(cell('naive-sendpage', 'skb_segment', era).verdict).toBe('refuted');
  },
);

test('an MTU probe stands in the write queue until its ACK, and its transmissions are counted as all are', () => {
  for (const era of ['debian-6.12.117', '7.2.13']) {
    const of = (design: string) => cell(design, 'tcp_clone_payload', era);
    expect([era, of('tx-count').verdict]).toEqual([era, 'proven']);
    expect([era, of('msg-zerocopy').harm]).toEqual([era, 'wire']);
  }
});

test('a packet is charged to its socket once before a driver takes it from there: no transmission stays out for ever', () => {
  for (const era of ['2.6.24', '2.6.28', '7.2.13'])
    expect([era, cell('tx-count', 'skb_orphan', era).verdicts.lost]).toEqual([era, 'holds']);
});

test("no guest's packet and none of a driver goes to the loopback, and what AF_PACKET sends there does", () => {
  const outside = (design: string) => cell(design, 'loopback_xmit', '3.8').outside;
  expect(['page-foreign', 'page-pool'].map(outside)).toEqual([true, true]);
  expect(['ubuf-orphan', 'tcp-ack-callback', 'own-acks'].map(outside)).toEqual([
    false,
    false,
    false,
  ]);
});

test('what waits in a receive queue an application reads, and no device', () => {
  const queued = ['skb_try_coalesce', 'pskb_carve_inside_header', 'skb_copy_datagram_iovec'];
  for (const id of [...queued, 'tcp_queue_rcv'])
    expect([id, cell('tcp-ack-callback', id, '7.2.13').harm]).toEqual([id, 'delivered']);
  expect(cell('tcp-ack-callback', 'skb_gro_receive', '7.2.13').harm).toBe('wire'); // it may be forwarded
});

test('IP clears the control block of what has come up, on the stage as in a machine with a device: nobody tells twice by it', () => {
  for (const id of ['tcp_queue_rcv', 'skb_morph', 'skb_copy_datagram_iovec', 'loopback_xmit'])
    expect([id, cell('skb-cb', id, '2.6.24').properties]).toEqual([id, ['corrupt', 'early']]);
  for (const id of ['tcp_collapse', 'esp_input'])
    expect([id, cell('skb-cb', id, '2.6.24').verdict]).toEqual([id, 'copied']);
  for (const era of ['2.6.24', '7.2.13'])
    // a tap has its own record there
    expect([era, cell('skb-cb', 'ip_fragment (slow)', era).verdict]).toEqual([era, 'copied']);
  expect(cell('skb-cb', 'nf_queue', '2.6.24').heldBy).not.toContain('queue reader'); // its message is another packet
});

test('of datagrams that GRO has chained the head alone is copied as it comes up: who waits for the last reader waits for the socket of the others', () => {
  for (const era of ['6.1.192', '7.2.13']) {
    const of = (design: string) => cell(design, 'skb_segment_list', era);
    for (const design of ['send-zc-fixed', 'ubuf-orphan']) {
      const { verdict, verdicts, outside, heldBy } = of(design);
      expect([era, design, verdict, verdicts.unbounded, outside]).toEqual([
        era,
        design,
        'proven',
        'refuted',
        false,
      ]);
      expect(heldBy).toContain('receive queue');
    }
    expect([era, of('own-acks').harm]).toEqual([era, 'delivered']);
    expect([era, of('msg-zerocopy').outside, of('page-pool').outside]).toEqual([era, true, true]);
  }
  expect(cell('send-zc-fixed', 'skb_copy_datagram_iovec', '7.2.13').verdict).toBe('copied'); // one by one
});

test('the probe that copies is a packet of its own, whose control block has no pointer of the packets that it was made of', () => {
  for (const era of ['2.6.24', '6.1.192']) {
    const of = (design: string) => cell(design, 'tcp_mtu_probe (copy)', era);
    expect([era, of('skb-cb').verdict]).toEqual([era, 'copied']);
    expect([era, of('skb-cb').heldBy]).toEqual([era, of('skb-destructor').heldBy]);
    expect([era, of('msg-zerocopy').properties]).toEqual([era, ['dishonest']]);
  }
});

test('segments of a packet that a process hands over say nothing of a design that was made for TCP', () => {
  const outside = (design: string) => cell(design, 'skb_segment (handed over)', '7.2.13').outside;
  const forTcp = [
    'splice-pipe-release',
    'tcp-ack-callback',
    'tx-count',
    'sock-wfree',
    'msg-zerocopy',
  ];
  expect(forTcp.map(outside)).toEqual(forTcp.map(() => true));
  expect(['ubuf-orphan', 'rusty-shinfo-orig', 'ian-frag-destructor'].map(outside)).toEqual([
    false,
    false,
    false,
  ]);
});

test("what TCP lends is marked by the kernel, whatever the design: ESP copies it where it asks, and takes a driver's pages for its own", () => {
  for (const id of ['naive-sendpage', 'splice-pipe-release', 'ian-frag-destructor']) {
    const unmarked = ['5.10.223', '6.1.192', '7.2.13'].map((era) =>
      cell(id, 'esp_input', era).properties.includes('unmarked'),
    );
    expect([id, ...unmarked]).toEqual([id, true, false, false]);
  }
  const lost = cell('naive-sendpage', 'skb_shift, esp_input', '7.2.13-markerCarried');
  expect(lost.properties).toContain('unmarked'); // CVE-2026-46300
  expect(cell('ian-frag-destructor', 'esp_input', '7.2.13').verdict).toBe('copied');
  expect(cell('page-pool', 'esp_input', '7.2.13').verdict).toBe('proven');
});

test('whoever cuts a packet up lets go of it: ESP decrypts the segments, and not the packet once more', () => {
  const of = (id: string, era: string) => cell(id, 'skb_segment, esp_input', era);
  for (const era of ['4.14', '5.10.223', '7.2.13']) {
    const words = ['copy-always', 'ubuf-orphan', 'page-pool'].map((id) => of(id, era).verdict);
    expect([era, ...words]).toEqual([era, 'copied', 'copied', 'proven']);
  }
  expect(of('ian-frag-destructor', '5.10.223').properties).toEqual(['unmarked']);
});

test('where ESP decrypts a duplicate in place, that hurts whoever has lent its pages, and no design whose packet has copies', () => {
  const of = (id: string) => cell(id, 'pskb_copy, esp_input', '7.2.13');
  expect(['copy-always', 'ubuf-orphan'].map((id) => of(id).verdict)).toEqual(['copied', 'copied']);
  expect([of('page-pool').harm, of('page-foreign').harm]).toEqual(['wire', 'wire']);
});

test('nor where the other one of the two is made linear before anybody has read it, as a device without scatter/gather wants it', () => {
  const linear: Operation = {
    ...operation('pskb_copy, esp_input'),
    apply: (b) => {
      const packet = b.packet(b.first);
      const copy = pskbCopy(b.k, packet);
      b.hold(copy, 'copy');
      espInput(b.k, copy, 'esp_input');
      skbLinearize(b.k, packet);
    },
  };
  const of = (id: string) => runMatrixCell(fileOf(id).design, linear, eraOf('7.2.13')!);
  expect(['copy-always', 'ubuf-orphan'].map((id) => of(id).verdict)).toEqual(['copied', 'copied']);
  expect([of('page-pool').harm, of('page-foreign').harm]).toEqual(['wire', 'wire']);
});

test('memory of a device has no struct page: whoever asks the count of one, keeps something there or sums its bytes was not made for it', () => {
  const inside = (id: string) => !cell(id, 'validate_xmit_unreadable_skb', '7.2.13').outside;
  const ofPages = ['sock-wfree-asks-pages', 'evgeniy-partial', 'evgeniy-partial-carried'];
  const inOne = ['page-lru', 'page-net-priv', 'devmap-page', 'stable-pages'];
  expect([...ofPages, ...inOne, 'sum-then-copy'].filter(inside)).toEqual([]);
  const others = ['ian-frag-destructor', 'msg-zerocopy', 'tx-count', 'sock-wfree'];
  expect(others.filter(inside)).toEqual(others);
});

test('over UDP pages under writeback were lent by NFS alone, which copies what it sends from 5.1 on', () => {
  const inside = (id: string, row: string, era: string) => !cell(id, row, era).outside;
  for (const row of ['ip_fragment (slow)', 'rxkad_verify_packet'])
    expect(['4.14', '5.10.223'].map((era) => inside('stable-pages', row, era))).toEqual([
      true,
      false,
    ]);
  expect(inside('stable-pages', 'tcp_fragment', '5.10.223')).toBe(true); // iSCSI lends on
  expect(inside('own-acks', 'ip_fragment (slow)', '5.10.223')).toBe(true); // a program may
});

test('what was merged with 3.0, 3.1, 3.9, 4.14, 4.18, 5.0 and 5.14 stands in brackets in kernels before, and what was taken out with 6.15 from then on', () => {
  const outside = (id: string, era: string, row = 'esp_input') => cell(id, row, era).outside;
  const guest = 'skb_segment (handed over)'; // corrupt there, up to 3.13
  expect(['2.6.38', '3.2'].map((era) => outside('ubuf-orphan', era, guest))).toEqual([true, false]);
  const probe = 'tcp_mtu_probe (copy)'; // dishonest there, up to 6.4
  expect(['3.18', '4.14'].map((era) => outside('msg-zerocopy', era, probe))).toEqual([true, false]);
  expect(['5.10.223', '6.1.192'].map((era) => outside('page-pool', era))).toEqual([true, false]);
  const managed = ['4.14', '5.10.223', 'debian-6.12.117', '7.2.13'];
  expect(managed.map((era) => outside('devmap-page', era))).toEqual([true, false, false, true]);
  const row = 'skb_split'; // early there, and the mark stays
  for (const [id, before, since] of [
    ['shared-frag-marker', '3.8', '3.18'],
    ['stable-pages', '2.6.38', '3.2'],
    ['wmem-drained', '4.14', '5.10.223'],
  ] as const)
    expect([id, outside(id, before, row), outside(id, since, row)]).toEqual([id, true, false]);
});

test('a packet that has come up to IP is charged to its sender no more: who counts charges is told while a receiver has it', () => {
  for (const id of ['tcp_queue_rcv', 'loopback_xmit'])
    expect([
      id,
      cell('tx-count', id, '7.2.13').property,
      cell('tx-count', id, '7.2.13').harm,
    ]).toEqual([id, 'corrupt', 'delivered']);
  expect(cell('tx-count', 'esp_input', '5.10.223').properties).toEqual(['unmarked', 'early']);
  expect(cell('tx-count', 'ah_input', '7.2.13').verdicts.unbounded).toBe('holds');
  expect(cell('sock-wfree', '__strp_recv', '7.2.13').harm).toBe('delivered');
});

test('what TCP joins and IP puts together has come up to IP: copies are made by then, and a sender is asked nothing', () => {
  const joined = cell('msg-zerocopy', 'skb_try_coalesce', '7.2.13');
  expect([joined.verdict, joined.verdicts.unbounded]).toEqual(['copied', 'holds']);
  const morphed = ['4.14', '7.2.13'].map((era) => cell('msg-zerocopy', 'skb_morph', era).verdict);
  expect(morphed).toEqual(['copied', 'copied']); // no fragment has pages of theirs where reassembly comes first (6.17)
  expect(cell('sock-wfree', 'skb_morph', '7.2.13').harm).toBe('wire');
});

test('an array behind frags[] goes with the block copy up to 2.6.32, and is left behind from then on', () => {
  const of = (era: string) => cell('rusty-page-shinfo', 'pskb_expand_head', era);
  expect(of('2.6.28').verdict).toBe('proven');
  expect(of('3.2').properties).toEqual(['lost']);
});

test('before macvlan was a bridge, in 2.6.33, what a socket sends to many came to no sister of its device', () => {
  const outside = (id: string, era: string) => cell(id, 'macvlan_broadcast', era).outside;
  const asked = ['rpc-reply', 'page-foreign'];
  expect(asked.map((id) => outside(id, '2.6.32'))).toEqual([true, false]);
  expect(asked.map((id) => outside(id, '2.6.38'))).toEqual([false, false]);
  expect(ofDriver('macvlan_broadcast', '2.6.32').outside).toBe(false);
});

test('veth gives up the sender of what it hands over up to 4.18 alone', () => {
  expect(cell('tx-count', 'veth_xmit', '4.14').harm).toBe('delivered');
  expect(cell('tx-count', 'veth_xmit', '5.10.223').verdict).toBe('proven');
});
