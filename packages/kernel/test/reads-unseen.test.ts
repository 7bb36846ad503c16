// Whether a peer can see when a program reads: what it would see is an acknowledgement or an offer.
import { expect, test } from 'vitest';
import { TcpState, eraOf, readsUnseen, type TcpSock } from '../src/index.ts';

/** A new connection of Ethernet, behind a wire, with one segment that nobody has acknowledged or read. */
const quiet = {
  k: { era: eraOf('3.8')! },
  route: { device: { lendsNothing: true } },
  stack: {},
  state: TcpState.ESTABLISHED as number,
  finReceived: false,
  rcvMss: 1448,
  advmss: 1460,
  rcvbuf: 6 << 20,
  rcvQueued: 1448,
  rcvSsthresh: 14_600,
  rcvWscale: 7,
  rcvWup: 0,
  rcvWnd: 14_600,
  rcvNxt: 1448,
  ackPending: true,
};
const unseen = (change: Partial<typeof quiet>, segments = 200): boolean =>
  readsUnseen({ ...quiet, ...change } as unknown as TcpSock, segments);

test('it cannot, of a connection that goes on and a buffer that holds all that may come', () => {
  expect(unseen({})).toBe(true);
});

test.each<[string, Partial<typeof quiet>]>([
  ['what is read is what was lent', { route: { device: { lendsNothing: false } } }],
  ['the program hangs up behind the last byte', { finReceived: true }],
  ['the connection is over', { state: TcpState.CLOSED }],
  ['two segments wait to be acknowledged', { rcvNxt: 2896 }],
  ['what is offered has doubled', { rcvWnd: 5840, rcvSsthresh: 2 * 5840 }],
  ['the buffer is small', { rcvbuf: 512 << 10 }],
  ['half of the buffer waits', { rcvQueued: 3 << 20, rcvSsthresh: 2000 }],
  ['the stack acknowledges by rules of its own', { stack: { cleanupRbuf: () => {} } }],
])('it can where %s', (_, change) => {
  expect(unseen(change)).toBe(false);
});

test('it can where more may come than the buffer holds, with what is offered for that', () => {
  const most = Math.ceil((quiet.rcvbuf - quiet.rcvQueued - quiet.rcvSsthresh) / (3 * quiet.advmss));
  expect([unseen({}, most - 1), unseen({}, most)]).toEqual([true, false]);
});
