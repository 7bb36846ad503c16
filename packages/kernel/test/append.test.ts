// Whose bytes may go beside what an skb has: a record of one owner has room for one, and none is taken by bytes that were copied.
import { expect, test } from 'vitest';
import { design as zerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as fixedBuffers } from '../../../strategies/send-zc-fixed.ts';
import { design as oneLoan } from '../../../strategies/rusty-shinfo-orig-one-loan.ts';
import { design as controlBlock } from '../../../strategies/skb-cb.ts';
import { skbOrphanFragsRx, wmemFreeSkb } from '../src/index.ts';
import { connected } from './machine.ts';

const RECORDS = [fixedBuffers, oneLoan, controlBlock];

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

/** MSG_ZEROCOPY: calls of one socket, of a page each, with nothing sent meanwhile. */
function calls(n: number, era = '4.14') {
  const m = connected({ design: zerocopy, era, frames: 2048 });
  m.sk.driven = true;
  m.sk.sndbuf = 1 << 24;
  const loans = Array.from({ length: n }, (_, i) => m.k.newLoan(0, i + 1));
  const call = (i: number): void => {
    m.lend(m.page(), 0, 4096, loans[i]);
    m.k.lifetime.released(loans[i]!);
  };
  return { m, loans, call };
}

test('a call joins the ubuf_info of the one before as long as that has a packet which was not sent: one packet, one notification', () => {
  const { m, loans, call } = calls(3);
  m.send(new Uint8Array(100));
  call(0);
  call(1);
  expect([m.queue.length, m.queue[0]!.len]).toEqual([1, 100 + 2 * 4096]);
  m.sk.sendHead = null; // all of it has been sent
  call(2);
  expect(m.queue.length).toBe(2);
  const { k, sk } = m;
  const told = () => k.zerocopyQueues[0]?.pending.map(({ lo, hi }) => [lo, hi]) ?? [];
  wmemFreeSkb(sk, sk.writeQueue.shift()!);
  expect(told()).toEqual([[0, 1]]); // none before both are over
  wmemFreeSkb(sk, sk.writeQueue.shift()!);
  expect(told()).toEqual([[0, 2]]); // ranges that go on in one another are joined there
  k.zerocopyQueues[0]!.take();
  expect(loans.map((loan) => loan.completed)).toEqual([true, true, true]);
});

test('what one of joined calls had copied is said of all', () => {
  const { m, call } = calls(2);
  call(0);
  call(1);
  const [both] = m.queue;
  skbOrphanFragsRx(m.k, both!);
  expect(m.k.zerocopyQueues[0]!.pending).toMatchObject([{ lo: 0, hi: 1, copied: true }]);
});

test('no more than half a megabyte is joined', () => {
  const { m, call } = calls(130);
  for (let i = 0; i < 130; i++) call(i);
  const owners = new Set(m.queue.map(({ shinfo }) => shinfo.loan));
  expect([owners.size, m.queue.every(({ shinfo }) => shinfo.loan !== null)]).toEqual([2, true]);
});

test.each([
  ['4.14', 2],
  ['5.10.223', 1],
])(
  'what goes on in the page of the call before has an entry of its own up to 5.9, in %s',
  (era, entries) => {
    const { m, loans } = calls(2, era);
    const page = m.page();
    m.lend(page, 0, 2000, loans[0]);
    m.lend(page, 2000, 2000, loans[1]);
    expect([m.queue.length, m.queue[0]!.shinfo.nrFrags]).toEqual([1, entries]);
  },
);
