// Who marks pages of somebody else: TCP since 3.9, datagrams not before ESP asked for it.
import { expect, test } from 'vitest';
import { Loopback, Side, UdpSock, udpSendmsg, udpSendpage } from '../src/index.ts';
import { design as sharedFragMarker } from '../../../strategies/shared-frag-marker.ts';
import { bareKernel, newPage } from './machine.ts';

/** May ESP write over a page that was lent to a datagram in a kernel like `era`? */
function writable(era: string): boolean {
  const k = bareKernel({ era, design: sharedFragMarker });
  const to = { localAddress: 1, localPort: 800, peerAddress: 2, peerPort: 4500 };
  const sk = new UdpSock(k, 'client', Side.LENT, new Loopback(k, 'lo', 9000), to);
  const page = newPage(k);
  udpSendmsg(sk, page.address, 8, true);
  expect(udpSendpage(sk, page, 0, 1000, k.newLoan(0, 1), true)).toBe(1000);
  return k.lifetime.mayWriteFrags(sk.writeQueue.first!);
}

test('ip_append_page and __ip_append_data forgot the marker; the fix of ESP sets it [f4c50a4034e6]', () => {
  expect(['3.18', '5.10.223', '7.2.13-espAsksMarker'].map(writable)).toEqual([true, true, true]);
  expect(['7.2.13', 'debian-6.12.117'].map(writable)).toEqual([false, false]);
});
