// TLS in the kernel and AF_XDP: whoever reads a lent page later than the call that put it there.
import { eraOf, type Design } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as perFrag } from '../../../strategies/ian-frag-destructor.ts';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { design as foreign } from '../../../strategies/page-foreign.ts';
import { design as controlBlock } from '../../../strategies/skb-cb.ts';
import { design as skbDestructor } from '../../../strategies/skb-destructor.ts';
import { OPERATIONS, operationWorkload, orders, runMatrixCell } from '../src/index.ts';

const operation = (id: string) => OPERATIONS.find((o) => o.id === id)!;
const cell = (design: Design, id: string, era = '7.2.13') =>
  runMatrixCell(design, operation(id), eraOf(era)!);

/** Orders by who lets go, and after how many of them each loan was told. */
const told = (design: Design, id: string) => {
  const workload = operationWorkload(operation(id), 'sole owner');
  return [...orders({ design, workload, era: eraOf('7.2.13')!, seed: 1 })].map((o) => ({
    releases: o.name.split(', '),
    told: [...o.told.values()],
  }));
};

describe.each([
  ['an open record', 'sk_msg_page_add', 'tls sender'],
  ['an asynchronous cipher', 'tls_do_encryption (async)', 'crypto engine'],
  [
    'a record that a device encrypts',
    'tls_append_frag (TLS_TX_ZEROCOPY_RO)',
    'ack of the second connection',
  ],
])('%s', (_, id, reader) => {
  test('reads what was written anew, where the destructor of an entry has stayed behind', () => {
    const { verdict, property, harm } = cell(perFrag, id);
    expect([verdict, property, harm]).toEqual(['refuted', 'corrupt', 'wire']);
  });

  test('is waited for by whoever follows the page', () => {
    expect(cell(foreign, id).verdict).toBe('proven');
    for (const order of told(foreign, id)) {
      const last = order.releases.findIndex((name) => name.startsWith(reader));
      expect(Math.max(...order.told)).toBeGreaterThan(last);
    }
  });

  test('gets copies of MSG_ZEROCOPY, whose packet a socket has received', () => {
    expect(cell(msgZerocopy, id).verdict).toBe('copied');
  });
});

test('on the way in a cipher reads clones of the packets, with all that hangs in their data', () => {
  const id = 'tls_strp_msg_hold';
  for (const design of [perFrag, foreign]) {
    const { verdict, heldBy } = cell(design, id);
    expect([verdict, heldBy.includes('crypto engine')]).toEqual(['proven', true]);
  }
  expect(cell(naive, id).property).toBe('corrupt');
  expect(cell(msgZerocopy, id).verdict).toBe('copied');
  expect(cell(perFrag, id, '5.10.223').verdict).toBe('n/a');
});

test('who has sent with MSG_MORE keeps his record open, and the page with it, as long as he likes', () => {
  const { verdicts, heldBy } = cell(foreign, 'sk_msg_page_add');
  expect([verdicts.unbounded, heldBy.includes('tls sender')]).toEqual(['refuted', true]);
});

test('a device has nothing of it but packets where its socket has not asked for zero copies: no such record before 5.19', () => {
  expect(cell(perFrag, 'tls_append_frag (TLS_TX_ZEROCOPY_RO)', '5.10.223').verdict).toBe('n/a');
  expect(cell(perFrag, 'tls_append_frag (TLS_TX_ZEROCOPY_RO)', '6.1.192').verdict).toBe('refuted');
});

test('AF_XDP tells by the destructor of its packet, or by its control block: nobody but the driver has that', () => {
  const id = 'xsk_build_skb_zerocopy';
  for (const era of ['6.1.192', '7.2.13'])
    expect([skbDestructor, controlBlock].map((d) => cell(d, id, era).verdict)).toEqual([
      'proven',
      'proven',
    ]);
  expect(cell(naive, id).property).toBe('corrupt');
  expect(cell(msgZerocopy, id).verdict).toBe('n/a'); // its sockets are those of TCP
});

test('but virtio_net without NAPI takes the packet from its socket before the device has read it: the destructor tells too early', () => {
  const id = 'xsk_build_skb_zerocopy (no NAPI)';
  for (const era of ['6.1.192', '7.2.13']) {
    const { verdicts, harm } = cell(skbDestructor, id, era);
    expect([era, verdicts.early, harm]).toEqual([era, 'refuted', 'wire']);
  }
  expect(cell(perFrag, id).verdict).toBe('proven'); // it asks no sk_buff
});
