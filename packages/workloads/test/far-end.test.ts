// The other end of a program's connections: whether its reading can be told from reading later.
import { Kernel, NoProbe, Side, TcpState, eraOf, type Route, type TcpSock } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { FarEnd } from '../src/apps/far-end.ts';

/** A connection behind a wire, all of which is read and acknowledged. */
const idle = {
  route: { device: { lendsNothing: true } },
  stack: {},
  state: TcpState.ESTABLISHED,
  finReceived: false,
  mss: 1448,
  advmss: 1460,
  rcvbuf: 6 << 20,
  rcvQueued: 0,
  rcvSsthresh: 14_600,
  rcvWscale: 7,
  rcvWup: 0,
  rcvWnd: 14_600,
  rcvNxt: 0,
  k: { era: eraOf('3.8')! },
  ackPending: false,
} as unknown as TcpSock;

test('who only reads may read first, and who answers what it has read may not', () => {
  const mayComeFirst = (answerEvery?: number): boolean => {
    const k = new Kernel(naive, eraOf('3.8')!, new NoProbe(), 16);
    const options = { side: Side.PEER, route: {} as Route, readBytes: 1, readTicks: 1 };
    const end = new FarEnd(k, answerEvery === undefined ? options : { ...options, answerEvery });
    end.established(idle);
    return end.mayComeFirst(100);
  };
  expect([mayComeFirst(), mayComeFirst(64)]).toEqual([true, false]);
});
