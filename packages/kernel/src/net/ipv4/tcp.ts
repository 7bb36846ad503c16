// The end of a connection. Three things that are easily taken for one: the connection ends (tcpDone), the application
// lets go of the socket (tcpClose, tcpAbort), and what is queued is freed, which needs both.
import { putPage } from '../../mm/page_alloc.ts';
import { kfreeSkb, kfreeSkbNow } from '../core/skb_free.ts';
import { tcpSendFin, tcpSendReset } from './tcp_output.ts';
import { type TcpSock, TcpState, wmemFreeSkb } from './tcp_sock.ts';

/** No more will be sent: a FIN goes behind what is queued. Reading goes on. @kernel net/ipv4/tcp.c tcp_shutdown */
export function tcpShutdown(sk: TcpSock): void {
  if (closeState(sk)) tcpSendFin(sk);
}

/** The state after this side's FIN; true if there is one to send. @kernel net/ipv4/tcp.c tcp_close_state */
function closeState(sk: TcpSock): boolean {
  if (sk.state === TcpState.ESTABLISHED || sk.state === TcpState.SYN_RECV)
    sk.state = TcpState.FIN_WAIT1;
  else if (sk.state === TcpState.CLOSE_WAIT) sk.state = TcpState.LAST_ACK;
  else return false;
  return true;
}

/**
 * The application lets go of the socket, which goes on by itself until all that is queued is acknowledged. If
 * something was never read, the peer gets a RST instead, and the write queue is purged.
 * @kernel net/ipv4/tcp.c tcp_close (2.6.24; 2.6.37 for a connection that is gone already)
 */
export function tcpClose(sk: TcpSock): void {
  if (sk.dead) return;
  sk.dead = true;
  const unread = receiveQueuePurge(sk);
  if (sk.state === TcpState.CLOSED) {
    destroySock(sk);
  } else if (sk.state === TcpState.SYN_SENT) {
    tcpDone(sk);
  } else if (unread > 0) {
    tcpSendReset(sk);
    tcpDone(sk);
  } else {
    tcpShutdown(sk);
    if (sk.state === TcpState.FIN_WAIT2) dropSndmsgPage(sk); // only a small tcp_timewait_sock stays
  }
}

/**
 * Abortive close, as SO_LINGER with no time asks for: RST to the peer, and everything queued is freed at once.
 * @kernel net/ipv4/tcp.c tcp_disconnect, tcp_need_reset (2.6.24)
 */
export function tcpAbort(sk: TcpSock): void {
  if (sk.dead) return;
  sk.dead = true;
  const { state } = sk;
  if (state === TcpState.CLOSED) {
    destroySock(sk);
    return;
  }
  const pending = sk.sndNxt !== sk.writeSeq;
  const last = state === TcpState.CLOSING || state === TcpState.LAST_ACK;
  const silent = state === TcpState.SYN_SENT || state === TcpState.TIME_WAIT;
  if (!silent && (!last || pending)) tcpSendReset(sk);
  tcpDone(sk);
}

/**
 * The connection is over: no timers, no packets any more. What is queued goes when the socket is closed, which the
 * application does when it likes; the write queue goes at once from 2018 on. Clones in flight are not touched.
 * @kernel net/ipv4/tcp.c tcp_done (2.6.24), net/ipv4/tcp_input.c tcp_reset (6.1)
 */
export function tcpDone(sk: TcpSock): void {
  if (sk.state === TcpState.CLOSED) return;
  const { agenda } = sk.k;
  if (sk.state === TcpState.SYN_RECV) {
    sk.dead = true; // a request that was never more: tcp_check_req drops it, and nobody is told
    sk.user = null;
  }
  sk.state = TcpState.CLOSED;
  agenda.disarm(sk.rtoTimer.place);
  agenda.disarm(sk.delackTimer.place);
  sk.stack.forget(sk);
  if (sk.dead) destroySock(sk);
  else if (sk.k.era.resetPurges) writeQueuePurge(sk);
  sk.user?.closed(sk);
}

/** @kernel net/ipv4/inet_connection_sock.c inet_csk_destroy_sock, net/ipv4/tcp_ipv4.c tcp_v4_destroy_sock */
function destroySock(sk: TcpSock): void {
  const { k } = sk;
  writeQueuePurge(sk);
  receiveQueuePurge(sk);
  for (let skb = sk.outOfOrder.shift(); skb !== null; skb = sk.outOfOrder.shift()) kfreeSkb(k, skb);
  sk.rcvQueued = 0;
  dropSndmsgPage(sk);
}

/** Frees what nobody will read. Returns its bytes. */
function receiveQueuePurge(sk: TcpSock): number {
  let bytes = 0;
  for (let skb = sk.receiveQueue.shift(); skb !== null; skb = sk.receiveQueue.shift()) {
    bytes += Math.max(0, skb.len - Math.max(0, (sk.copiedSeq - skb.seq) | 0));
    kfreeSkbNow(sk.k, skb);
  }
  sk.rcvQueued -= bytes;
  return bytes;
}

/** Nothing more will be sent by copying. @kernel net/ipv4/tcp_ipv4.c tcp_v4_destroy_sock */
export function dropSndmsgPage(sk: TcpSock): void {
  if (sk.sndmsgPage !== null) putPage(sk.k, sk.sndmsgPage);
  sk.sndmsgPage = null;
}

/** Once. @kernel include/net/tcp.h tcp_write_queue_purge */
function writeQueuePurge(sk: TcpSock): void {
  if (sk.purged) return;
  sk.purged = true;
  for (let skb = sk.writeQueue.shift(); skb !== null; skb = sk.writeQueue.shift())
    wmemFreeSkb(sk, skb);
  sk.sendHead = null;
  sk.packetsOut = 0;
  sk.sackedOut = 0;
  sk.lostOut = 0;
  sk.retransOut = 0;
  sk.k.lifetime.closed(sk);
}
