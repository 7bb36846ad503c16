// Whose bytes may go beside what an skb has: a record of one owner has room for one, and none is taken by bytes that were copied.
import { expect, test } from 'vitest';
import { design as zerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as fixedBuffers } from '../../../strategies/send-zc-fixed.ts';
import { design as oneLoan } from '../../../strategies/rusty-shinfo-orig-one-loan.ts';
import { design as controlBlock } from '../../../strategies/skb-cb.ts';
import { connected } from './machine.ts';

const RECORDS = [zerocopy, fixedBuffers, oneLoan, controlBlock];

test.each(RECORDS)(
  '$id: a header that was copied and the pages behind it are one packet, those of the next sender another',
  (design) => {
    const m = connected({ design, era: '6.1.192' });
    m.sk.driven = true; // all of it waits
    m.send(new Uint8Array(100));
    m.lend(m.page());
    expect([m.queue.length, m.queue[0]!.len]).toEqual([1, 100 + 4096]);
    m.lend(m.page());
    expect(m.queue.length).toBe(2);
  },
);
