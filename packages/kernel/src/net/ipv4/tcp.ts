// The end of a connection: closing, aborting, giving back what is queued.
import { putPage } from '../../mm/page_alloc.ts';
import { kfreeSkb } from '../core/skb_free.ts';
import { tcpSendFin, tcpSendReset } from './tcp_output.ts';
import { type TcpSock, TcpState, wmemFreeSkb } from './tcp_sock.ts';

/** No more will be sent: queues a FIN. @kernel net/ipv4/tcp.c tcp_close */
export function tcpClose(sk: TcpSock): void {
  if (sk.state === TcpState.ESTABLISHED) sk.state = TcpState.FIN_WAIT1;
  else if (sk.state === TcpState.CLOSE_WAIT) sk.state = TcpState.LAST_ACK;
  else return;
  tcpSendFin(sk);
}

/** Abortive close: RST to the peer, everything queued is freed. @kernel net/ipv4/tcp.c tcp_disconnect */
export function tcpAbort(sk: TcpSock): void {
  if (sk.state === TcpState.CLOSED) return;
  tcpSendReset(sk);
  tcpDone(sk);
}

/** The connection is over: purges queues, stops timers. Clones in flight are not touched. */
export function tcpDone(sk: TcpSock): void {
  const { k } = sk;
  sk.state = TcpState.CLOSED;
  writeQueuePurge(sk);
  k.lifetime.closed(sk);
  for (let skb = sk.receiveQueue.shift(); skb !== null; skb = sk.receiveQueue.shift())
    kfreeSkb(k, skb);
  for (let skb = sk.outOfOrder.shift(); skb !== null; skb = sk.outOfOrder.shift()) kfreeSkb(k, skb);
  sk.rcvQueued = 0;
  k.agenda.disarm(sk.rtoTimer.place);
  k.agenda.disarm(sk.delackTimer.place);
  dropSndmsgPage(sk);
  sk.stack.forget(sk);
  sk.user?.closed(sk);
}

/** Nothing more will be sent by copying. @kernel net/ipv4/tcp_ipv4.c tcp_v4_destroy_sock */
export function dropSndmsgPage(sk: TcpSock): void {
  if (sk.sndmsgPage !== null) putPage(sk.k, sk.sndmsgPage);
  sk.sndmsgPage = null;
}

/** @kernel include/net/tcp.h tcp_write_queue_purge */
export function writeQueuePurge(sk: TcpSock): void {
  for (let skb = sk.writeQueue.shift(); skb !== null; skb = sk.writeQueue.shift())
    wmemFreeSkb(sk, skb);
  sk.sendHead = null;
  sk.packetsOut = 0;
  sk.sackedOut = 0;
  sk.lostOut = 0;
  sk.retransOut = 0;
}
