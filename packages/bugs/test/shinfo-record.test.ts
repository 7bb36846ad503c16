// The record that bugs of one's own begin with goes where a ubuf_info goes.
import { GetPutPage, type Design } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { design as zerocopy } from '../../../strategies/msg-zerocopy.ts';
import { connected } from '../../kernel/test/machine.ts';
import { ShinfoRecord } from '../src/shinfo-record.ts';

const record: Design = { ...zerocopy, create: (k) => new ShinfoRecord(k) };
const none: Design = { ...zerocopy, create: (k) => new GetPutPage(k) };

test.each([
  ['MSG_ZEROCOPY, whose calls join', zerocopy, 1],
  ['a record', record, 2],
  ['bare references', none, 1],
] as const)('%s: bytes that were copied take no room, another owner does', (_, design, packets) => {
  const m = connected({ design, era: '6.1.192' });
  m.sk.driven = true; // all of it waits
  m.send(new Uint8Array(100));
  m.lend(m.page());
  m.lend(m.page());
  expect([m.queue.length, m.queue[0]!.shinfo.nrFrags]).toEqual([packets, 4 - packets]);
});
