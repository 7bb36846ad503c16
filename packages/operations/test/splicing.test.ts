// Pages that are received on one socket and spliced on to another one: what hangs beside a page stays behind, and a process at
// the other end keeps it as long as it likes.
import { eraOf, type Design } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as perFrag } from '../../../strategies/ian-frag-destructor.ts';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { design as foreign } from '../../../strategies/page-foreign.ts';
import { design as rpcReply } from '../../../strategies/rpc-reply.ts';
import { design as sendZcFixed } from '../../../strategies/send-zc-fixed.ts';
import { design as stablePages } from '../../../strategies/stable-pages.ts';
import { design as perShinfo } from '../../../strategies/rusty-shinfo-orig-one-loan.ts';
import { design as sockWfree } from '../../../strategies/sock-wfree.ts';
import { OPERATIONS, carriedIn, runMatrixCell } from '../src/index.ts';
import { RecipeBench } from './recipe-bench.ts';

const operation = (id: string) => OPERATIONS.find((o) => o.id === id)!;
const cell = (design: Design, id: string, era = '7.2.13') =>
  runMatrixCell(design, operation(id), eraOf(era)!);

describe.each([
  ['into a unix stream', 'unix_stream_sendpage', '6.1.192', 'delivered'],
  [
    'into a unix stream, by an iterator',
    'unix_stream_sendmsg (MSG_SPLICE_PAGES)',
    '7.2.13',
    'delivered',
  ],
  ['to the reader of a socket in a map', 'bpf_tcp_ingress (sendpage)', '6.1.192', 'delivered'],
  ['into a second connection, by a program', 'skb_send_sock', '7.2.13', 'wire'],
])('%s', (_, id, era, harm) => {
  test('a destructor in the entry stays behind, and the page is read when it was written anew', () => {
    const { verdict, property, harm: worst } = cell(perFrag, id, era);
    expect([verdict, property, worst]).toEqual(['refuted', 'corrupt', harm]);
  });

  test('what hangs in the page goes with it', () => {
    expect(cell(foreign, id, era).verdict).toBe('proven');
  });

  test('MSG_ZEROCOPY has given the first reader a copy', () => {
    expect(cell(msgZerocopy, id, era).verdict).toBe('copied');
  });
});

test('what waits at a unix stream is charged to its other end: a sender of TCP is told nothing when it is read', () => {
  for (const [id, era] of [
    ['unix_stream_sendpage', '6.1.192'],
    ['unix_stream_sendmsg (MSG_SPLICE_PAGES)', '7.2.13'],
  ] as const) {
    expect(cell(sockWfree, id, era).heldBy).not.toContain('unix reader');
    const bench = new RecipeBench(era, 'sole owner');
    operation(id).apply(bench);
    expect([bench.sk.slot, bench.sk.wmemAlloc]).toEqual([bench.sk.flow, 0]);
  }
});

test('a pipe behind a unix stream keeps the page as long as it likes', () => {
  const { property, heldBy } = cell(foreign, 'unix_stream_splice_read');
  expect([property, heldBy.includes('pipe')]).toEqual([null, true]);
});

test('a packet that is redirected whole keeps all that it has, until the reader of another socket has it', () => {
  const { verdict, heldBy, verdicts } = cell(perFrag, 'sk_psock_skb_ingress');
  expect([verdict, heldBy.includes('psock reader'), verdicts.unbounded]).toEqual([
    'proven',
    true,
    'refuted',
  ]);
});

test('from 5.10 to 5.18 its pages are copied into its head first: who hangs at what they leave is never told', () => {
  const id = 'sk_psock_skb_ingress';
  expect(cell(perFrag, id, '5.10.223').verdict).toBe('copied');
  expect(cell(foreign, id, '5.10.223').verdict).toBe('copied');
  expect(cell(naive, id, '5.10.223').properties).toEqual(['early']); // the reader has what was sent
  expect(cell(perShinfo, id, '5.10.223').property).toBe('lost');
  expect(carriedIn(operation(id), '5.10.223')).toEqual([]);
  expect(cell(naive, id, '6.1.192')).toMatchObject({ property: 'corrupt', harm: 'delivered' });
});

test('a socket in a map copies what is spliced into it, from 6.5 on', () => {
  expect(cell(perFrag, 'bpf_tcp_ingress (sendpage)').verdict).toBe('n/a');
});

describe('a socket of vsock on the same host', () => {
  test('keeps the very packet for as long as it likes, which a process with MSG_ZEROCOPY waits for', () => {
    for (const design of [msgZerocopy, sendZcFixed]) {
      const { verdict, verdicts } = cell(design, 'virtio_transport_fill_skb (loopback)');
      expect([verdict, verdicts.unbounded]).toEqual(['proven', 'refuted']);
    }
    expect(cell(naive, 'virtio_transport_fill_skb (loopback)').harm).toBe('delivered');
  });

  test('has given nobody a copy: what is redirected from it to a connection is told of while that sends it', () => {
    for (const design of [msgZerocopy, sendZcFixed]) {
      const { verdict, property, harm } = cell(design, 'skb_send_sock (vsock)');
      expect([verdict, property, harm]).toEqual(['refuted', 'corrupt', 'wire']);
      expect(cell(design, 'skb_send_sock').verdict).toBe('copied'); // as over TCP the receiver has asked
    }
  });

  test('is where processes lend, and no protocol of the kernel', () => {
    const outside = (design: Design) =>
      cell(design, 'virtio_transport_fill_skb (loopback)').outside;
    expect([perFrag, sendZcFixed, rpcReply, stablePages].map(outside)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});
