// Packets that a guest or a process hands over whole: nobody has cloned them before, as TCP does what it keeps, and they come to GRO
// and to IP by other ways.
import { eraOf, type Design } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as copies } from '../../../strategies/copy-always.ts';
import { design as zerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as noClone } from '../../../strategies/no-clone.ts';
import { design as foreign } from '../../../strategies/page-foreign.ts';
import { design as pool } from '../../../strategies/page-pool.ts';
import { design as shinfoOrig } from '../../../strategies/rusty-shinfo-orig.ts';
import { design as perFrag } from '../../../strategies/ian-frag-destructor.ts';
import { design as marker } from '../../../strategies/shared-frag-marker.ts';
import { design as wfree } from '../../../strategies/sock-wfree.ts';
import { design as count } from '../../../strategies/tx-count.ts';
import { design as orphan } from '../../../strategies/ubuf-orphan.ts';
import { isForDevices, matrixOperations, runMatrixCell, type MatrixCell } from '../src/index.ts';
import { RecipeBench } from './recipe-bench.ts';

const cell = (design: Design, id: string, era: string): MatrixCell =>
  runMatrixCell(
    design,
    matrixOperations().find((o) => o.id === id)!,
    eraOf(era)!,
  );
const says = (design: Design, id: string, era: string): string => {
  const { verdict, property, harm } = cell(design, id, era);
  return [verdict, property, harm].filter((word) => word !== null).join(' ');
};

test('are those of whom is made for guests and processes, and for no socket', () => {
  expect([orphan, foreign, shinfoOrig].map(isForDevices)).toEqual([true, true, true]);
  const others = [zerocopy, noClone, copies, pool, marker, count]; // sockets, anybody, a driver, nobody
  expect(others.map(isForDevices)).toEqual(others.map(() => false));
});

describe('ubuf_info of vhost', () => {
  test.each(['3.2', '3.8', '5.10.223', '7.2.13'])('Linux %s: in flight without a copy', (era) => {
    expect(says(orphan, 'control', era)).toBe('proven');
    expect(says(orphan, 'dev_hard_start_xmit', era)).toBe('proven');
    expect(says(orphan, 'skb_clone', era)).toBe('copied');
  });

  test.each([
    ['3.2', 'copied'], // out of what it was made for: GRO gets what a driver has received alone
    ['4.14', 'copied'], // behind a tunnel it has come up before
    ['5.10.223', 'refuted corrupt wire'], // IFF_NAPI, and nobody asks
    ['6.1.192', 'refused'],
    ['debian-6.12.117', 'refused'],
    ['7.2.13', 'refused'],
    ['7.2.13-groRefusesZerocopy', 'refuted corrupt wire'],
  ])('Linux %s: GRO that moves its pages: %s', (era, word) => {
    expect(says(orphan, 'skb_gro_receive', era)).toBe(word);
  });

  test('datagrams that GRO has chained behind a tun device wait in a socket for ever, from 5.10 on', () => {
    expect(cell(orphan, 'skb_segment_list', '4.14').verdict).toBe('n/a');
    const { verdict, verdicts, outside } = cell(orphan, 'skb_segment_list', '5.10.223');
    expect([verdict, verdicts.unbounded, outside]).toEqual(['proven', 'refuted', false]);
    expect(cell(zerocopy, 'skb_segment_list', '5.10.223').outside).toBe(true); // a veth has no such GRO yet
    expect(cell(zerocopy, 'esp_input (GRO)', '5.10.223').properties).toEqual([]);
    expect(cell(orphan, 'esp_input (GRO)', '5.10.223').properties).toEqual(['unmarked']);
  });

  test.each([
    ['3.2', 'tun_net_xmit', 'proven', 'refuted'], // a queue of tun, and no limit
    ['3.8', 'tun_net_xmit', 'copied', 'holds'],
    ['3.2', 'tap_handle_frame', 'copied', 'holds'], // dev_forward_skb copies before skb_orphan_frags is there
    ['3.2', 'tcp_queue_rcv', 'copied', 'holds'], // it comes up by macvlan
    ['7.2.13', 'tcp_queue_rcv', 'copied', 'holds'],
  ])('Linux %s, %s: %s', (era, id, verdict, unbounded) => {
    const found = cell(orphan, id, era);
    expect([found.verdict, found.verdicts.unbounded]).toEqual([verdict, unbounded]);
  });

  test('what has no pages left is told at once from 4.14 on, and with its packet before', () => {
    const late = (id: string, era: string): string => cell(orphan, id, era).verdicts.late;
    expect(['3.8', '4.14', '7.2.13'].map((era) => late('skb_linearize', era))).toEqual([
      'refuted',
      'holds',
      'holds',
    ]);
    expect(cell(orphan, 'nf_queue (sums)', '3.18').verdicts.unbounded).toBe('refuted');
    expect(cell(orphan, 'nf_queue (sums)', '4.14').verdicts.unbounded).not.toBe('refuted');
  });

  test('what is passed on to a tunnel has come up before, up to 6.17', () => {
    const words = ['4.14', 'debian-6.12.117', '7.2.13'].map((era) =>
      says(orphan, 'esp_output_tail', era),
    );
    expect(words).toEqual(['copied', 'copied', 'proven']);
  });

  test('skb_shift asks it from 4.14 on', () => {
    expect(says(orphan, 'skb_shift', '3.8')).toBe('refuted early hazard');
    expect(says(orphan, 'skb_shift', '4.14')).toBe('refused');
  });
});

describe('GRO merges no clones', () => {
  test.each([
    ['3.8', 'shared', false], // gro_cells hands it on
    ['3.8', 'sole owner', true],
    ['7.2.13', 'shared', true], // veth has unshared it
  ] as const)('Linux %s, %s: merged: %s', (era, situation, merged) => {
    const bench = new RecipeBench(era, situation);
    const called: string[] = [];
    bench.k.onOperation = (name) => called.push(name);
    matrixOperations()
      .find((o) => o.id === 'skb_gro_receive')!
      .apply(bench);
    expect(called.includes('skb_gro_receive')).toBe(merged);
  });

  test('veth unshares them first: who goes by the data of a packet is told early, and nothing is sent that has changed', () => {
    expect(says(wfree, 'skb_gro_receive', '7.2.13')).toBe('refuted early hazard');
    expect(cell(count, 'skb_gro_receive (head_frag)', '7.2.13').verdict).toBe('proven');
  });

  test('a packet in memory that another one has had: what stands behind its entries is not its own', () => {
    const { properties } = cell(
      // a destructor in each entry, which the head of a packet that joins does not overwrite
      perFrag,
      'skb_gro_receive (head_frag)',
      '3.8',
    );
    expect(properties).toContain('double');
  });
});
