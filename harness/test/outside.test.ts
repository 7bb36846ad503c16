// Operations that meet packets of a write queue alone: a design whose packets never stand there is run, and said to be outside.
import type { Design } from '@lastref/kernel';
import { findEra, threatOf } from '@lastref/runner';
import { design as ian } from '@lastref/strategies/ian-frag-destructor';
import { design as zerocopy } from '@lastref/strategies/msg-zerocopy';
import { design as foreign } from '@lastref/strategies/page-foreign';
import { design as pool } from '@lastref/strategies/page-pool';
import { design as ring } from '@lastref/strategies/rusty-shinfo-orig';
import { design as fixed } from '@lastref/strategies/send-zc-fixed';
import { design as marker } from '@lastref/strategies/shared-frag-marker';
import { design as acks } from '@lastref/strategies/tcp-ack-callback';
import { design as ubuf } from '@lastref/strategies/ubuf-orphan';
import { matrixShown } from '@lastref/report';
import { expect, test } from 'vitest';
import {
  against,
  matrixOperations,
  operationWorkload,
  runMatrixCell,
  whoOf,
} from '@lastref/operations';

const called = (id: string) => matrixOperations().find((o) => o.id === id)!;
const shown = (design: Design, id: string, era = '7.2.13') => {
  const cell = runMatrixCell(design, called(id), findEra(era));
  return matrixShown(against(cell, runMatrixCell(design, called('control'), findEra(era))));
};

test('a driver receives its pages: none of them stands in a write queue', () => {
  expect(shown(pool, 'skb_split')).toBe('(lost)');
  expect(shown(pool, 'skb_split, esp_input')).toBe('(lost)');
  expect(shown(pool, 'skb_try_coalesce')).toBe('proven');
});

test("nor do a guest's", () => {
  expect(shown(ubuf, 'tcp_fragment')).toMatch(/^\(/);
});

test('what leaves through a tunnel is summed first, and TCP has marked what it lends: it comes there as a copy', () => {
  for (const id of ['esp_output_tail', 'esp6_output_tail', 'iptfs_consume_frags']) {
    expect(shown(acks, id), id).toMatch(/^\(/);
    for (const design of [pool, ubuf, ian, fixed]) expect(shown(design, id), id).not.toMatch(/^\(/);
  }
});

test('a packet that was handed over whole is a guest’s or a process’s, and no socket’s', () => {
  const id = 'skb_segment (handed over)';
  for (const design of [acks, pool]) expect(shown(design, id), design.id).toMatch(/^\(/);
  for (const design of [ubuf, foreign, ring, ian]) expect(shown(design, id)).not.toMatch(/^\(/);
  expect(whoOf(called(id), undefined)).toBe('guest');
});

test('what comes up on the lending host is brought about from the wire only where a driver lends what it has received', () => {
  const who = (design: Design, id: string) =>
    threatOf('early', operationWorkload(called(id), 'shared'), design).who;
  for (const id of ['esp_input', 'tcp_collapse', 'skb_try_coalesce']) {
    expect([id, who(pool, id), who(ian, id)]).toEqual([id, 'remote peer', 'remote peer']);
    expect([id, who(foreign, id), who(zerocopy, id)]).toEqual([id, 'guest', 'local user']);
  }
  for (const id of ['skb_shift', 'pskb_copy', 'tcp_clone_payload'])
    expect(who(zerocopy, id)).toBe('remote peer'); // its ACKs
  expect(who(pool, 'nf_queue')).toBe('root');
});

test('SEND_ZC is for datagrams, too, and MSG_ZEROCOPY of 4.14 is not', () => {
  const id = '__ip_append_data (MSG_SPLICE_PAGES)';
  expect([shown(fixed, id), shown(zerocopy, id)]).toEqual(['refused', '(refused)']); // more is said to follow: neither lends
});

test('a design that was made for whoever lends is at home there, and one that promises nobody to be told', () => {
  expect(shown(ian, 'skb_split')).toBe('proven');
  expect(shown(marker, 'skb_split')).not.toMatch(/^\(/);
});
