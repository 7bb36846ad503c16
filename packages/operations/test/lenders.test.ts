// Who lends, from 6.5 on: sendmsg of a datagram socket and of a stream, and bytes that are copied into the same packet.
import { eraOf, type Design } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as perFrag } from '../../../strategies/ian-frag-destructor.ts';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { design as onSkb } from '../../../strategies/skb-destructor.ts';
import { OPERATIONS, carriedIn, existsIn, runMatrixCell } from '../src/index.ts';
import { RecipeBench } from './recipe-bench.ts';

const operation = (id: string) => OPERATIONS.find((o) => o.id === id)!;
const cell = (design: Design, id: string, era: string) =>
  runMatrixCell(design, operation(id), eraOf(era)!);

describe.each(['__ip_append_data (MSG_SPLICE_PAGES)', '__ip6_append_data (MSG_SPLICE_PAGES)'])(
  '%s',
  (id) => {
    test('lends in the place of ip_append_page, to the same designs with the same end', () => {
      expect(existsIn(operation(id), '6.1.192')).toBe(false);
      expect(existsIn(operation('ip_append_page'), '6.1.192')).toBe(false); // its udp_sendpage copies
      for (const design of [naive, perFrag, msgZerocopy, onSkb]) {
        const before = cell(design, 'ip_append_page', '5.10.223');
        const { verdict, properties } = cell(design, id, '7.2.13');
        expect([verdict, properties], design.id).toEqual([before.verdict, before.properties]);
      }
    });

    test('puts bytes that are copied into the packet of those that are lent', () => {
      const bench = new RecipeBench('7.2.13', 'sole owner');
      const sizes: number[][] = [];
      const { device } = bench;
      device.queueXmit = (skb) => {
        sizes.push(skb.shinfo.frags.slice(0, skb.shinfo.nrFrags).map(({ size }) => size));
        bench.hold(skb);
        return true;
      };
      operation(id).apply(bench);
      expect(sizes).toEqual([[1000, 200]]);
    });

    test('marks its packets since ESP asks for that', () => {
      const eras = ['7.2.13-espAsksMarker', '7.2.13', 'debian-6.12.117'];
      const marks = eras.map((era) => carriedIn(operation(id), era).includes('marker'));
      expect(marks).toEqual([false, true, true]);
    });
  },
);

test('a stream has what is lent and what is copied in one packet, and whoever counts in it is right', () => {
  const id = 'tcp_sendmsg_locked (lent and copied)';
  const bench = new RecipeBench('7.2.13', 'sole owner');
  operation(id).apply(bench);
  const { shinfo } = bench.m.queue.at(-1)!;
  const sizes = shinfo.frags.slice(0, shinfo.nrFrags).map(({ size }) => size);
  expect(sizes).toEqual([1000, 500, 1000]);
  for (const design of [perFrag, msgZerocopy])
    expect(cell(design, id, '7.2.13').verdict).toBe('proven');
  expect(cell(naive, id, '7.2.13').property).toBe('corrupt');
});
