// An operation is in the trees that its changes say, and carries there what they carry.
import { ERAS, NotInEra } from '@lastref/kernel';
import { Cell } from '@lastref/search';
import { lacks } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design } from '../../../strategies/naive-sendpage.ts';
import { OPERATIONS, UNCONVERTED, carriedIn, existsIn, operationWorkload } from '../src/index.ts';
import { sample } from '../../../scripts/tier.ts';

describe('an operation', () => {
  const operation = (id: string) => OPERATIONS.find((m) => m.id === id)!;
  const ids = ERAS.map((era) => era.id);

  test('is where its changes say', () => {
    const where = (id: string): string[] => ids.filter((era) => existsIn(operation(id), era));
    expect(where('tcp_clone_payload')).toEqual(['debian-6.12.117', '7.2.13']);
    expect(where('tcp_clone_payload, esp_input')).toEqual(['debian-6.12.117', '7.2.13']);
    expect(where('tcp_mtu_probe (copy)')).toEqual(ids.slice(0, -2));
    expect(where('tcp_splice_read')).toEqual(ids.slice(1));
    expect(where('skb_splice_bits (clone)')).toEqual(['2.6.28']);
    expect(where('pipe_to_sendpage')).toEqual(ids.slice(1, -2));
    expect(where('skb_unclone')).toEqual(ids.slice(ids.indexOf('3.18')));
    expect(existsIn(operation('skb_unclone'), '3.9')).toBe(true);
    for (const [id, before, from] of [
      ['skb_append_datato_frags', '2.6.14', '2.6.15'],
      ['dev_hard_start_xmit', '2.6.17', '2.6.18'],
      ['skb_add_rx_frag', '2.6.27', '2.6.28'],
    ] as const)
      expect([id, ...[before, from].map((k) => existsIn(operation(id), k))]).toEqual([
        id,
        false,
        true,
      ]);
    // IPv4 coalesced from 3.5 on, chained again from 4.3 on, and coalesces for this host from 5.3 on
    expect(where('ip_frag_reasm (chain)')).toEqual([...ids.slice(0, ids.indexOf('3.8')), '4.14']);
    expect(where('ip_frag_reasm (coalesce)')).toEqual([
      '3.8',
      '3.18',
      ...ids.slice(ids.indexOf('5.10.223')),
    ]);
    // a device without scatter/gather gets linear packets: tun before TUNSETOFFLOAD, veth before it asked for pages itself
    for (const id of ['tun_net_xmit', 'br_flood'])
      expect([id, ...where(id)]).toEqual([id, ...ids.slice(1)]);
    expect(where('veth_xmit')).toEqual(ids.slice(ids.indexOf('3.18')));
    expect(['3.9', '3.10'].map((k) => existsIn(operation('veth_xmit'), k))).toEqual([false, true]);
    expect(where('pskb_copy, esp_input')).toEqual(ids.slice(ids.indexOf('4.14')));
    // the guard of 2024 went to all stable branches: no modelled kernel maps the page of a file to a receiver
    expect(where('tcp_zerocopy_receive (guarded)')).toEqual(ids.slice(ids.indexOf('5.10.223')));
    expect(where('tcp_zerocopy_receive')).toEqual([]);
    expect(existsIn(operation('tcp_zerocopy_receive'), '6.1.76')).toBe(true);
  });

  test('carries what its tree carries', () => {
    const marks = (id: string): string[] =>
      ids.filter((era) => carriedIn(operation(id), era).includes('marker'));
    expect(marks('skb_split')).toEqual(ids.slice(ids.indexOf('3.18')));
    expect(marks('skb_shift')).toEqual(['6.1.192', 'debian-6.12.117', '7.2.13']);
    expect(marks('skb_zerocopy')).toEqual(['debian-6.12.117']);
    expect(marks('tpacket_snd')).toEqual(ids.slice(ids.indexOf('5.10.223')));
  });
});

test.each([...OPERATIONS, UNCONVERTED].map((o) => [o.id, o] as const))(
  '%s is played where it is, refused where it is not',
  (_, operation) => {
    const turn = 1 + OPERATIONS.indexOf(operation); // -1: unconverted code
    for (const situation of sample(['shared', 'sole owner'] as const, 2, turn)) {
      const workload = operationWorkload(operation, situation);
      const has = ERAS.filter((era) => existsIn(operation, era.id));
      expect(ERAS.filter((era) => lacks(workload, era) === null)).toEqual(has);
      for (const era of has) new Cell({ design, workload, era, seed: 1 }).runByClock();
      for (const era of ERAS.filter((e) => !has.includes(e)))
        expect(() => new Cell({ design, workload, era, seed: 1 })).toThrow(NotInEra);
    }
  },
);
