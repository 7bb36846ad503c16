// The end of a connection: shut down, closed, aborted, given up.
import { kfreeSkb, kfreeSkbNow } from '../../core/skb_free.ts';
import { dropSndmsgPage } from '../tcp.ts';
import { TcpState, wmemFreeSkb } from '../tcp_sock.ts';
import { chronoStop } from './tcp_info.ts';
import { Shutdown, type MainSock } from './tcp_main_sock.ts';
import { sendFin } from './tcp_output.ts';
import { armTimer, clearTimer } from './tcp_rearm.ts';
import { sendActiveReset } from './tcp_transmit.ts';

/** `how`: Shutdown bits. @kernel net/ipv4/tcp.c tcp_shutdown, tcp_close_state */
export function mainShutdown(sk: MainSock, how: number): void {
  sk.shutdown |= how;
  if ((how & Shutdown.SEND) !== 0 && closeState(sk)) sendFin(sk);
}

function closeState(sk: MainSock): boolean {
  if (sk.state === TcpState.ESTABLISHED || sk.state === TcpState.SYN_RECV)
    sk.state = TcpState.FIN_WAIT1;
  else if (sk.state === TcpState.CLOSE_WAIT) sk.state = TcpState.LAST_ACK;
  else return false;
  return true;
}

/** The application lets go. @kernel net/ipv4/tcp.c __tcp_close (6.12) */
export function mainClose(sk: MainSock): void {
  if (sk.dead) return;
  sk.shutdown = Shutdown.RCV | Shutdown.SEND;
  let unread = 0;
  for (let skb = sk.receiveQueue.shift(); skb !== null; skb = sk.receiveQueue.shift()) {
    unread += Math.max(0, skb.len - Math.max(0, (sk.copiedSeq - skb.seq) | 0));
    kfreeSkbNow(sk.k, skb);
  }
  sk.rcvQueued -= unread;
  sk.dead = true;
  if (sk.state === TcpState.CLOSED) {
    destroy(sk);
  } else if (sk.state === TcpState.SYN_SENT) {
    mainDone(sk);
  } else if (unread > 0) {
    sendActiveReset(sk);
    mainDone(sk);
  } else {
    if (closeState(sk)) sendFin(sk);
    if (sk.state === TcpState.FIN_WAIT2) timeWait(sk);
  }
}

/** SO_LINGER without a time. @kernel net/ipv4/tcp.c tcp_disconnect */
export function mainAbort(sk: MainSock): void {
  const silent = sk.state === TcpState.SYN_SENT || sk.state === TcpState.CLOSED;
  sk.dead = true;
  if (!silent && sk.state !== TcpState.TIME_WAIT) sendActiveReset(sk);
  mainDone(sk);
}

/** @kernel net/ipv4/tcp.c tcp_done */
export function mainDone(sk: MainSock): void {
  if (sk.state === TcpState.CLOSED) {
    if (sk.dead) destroy(sk);
    return;
  }
  sk.state = TcpState.CLOSED;
  clearTimer(sk);
  sk.k.agenda.disarm(sk.delackTimer.place);
  sk.stack.forget(sk);
  sk.shutdown = Shutdown.RCV | Shutdown.SEND;
  if (sk.dead) destroy(sk);
  sk.user?.closed(sk);
}

/** The peer does not answer. @kernel net/ipv4/tcp_timer.c tcp_write_err */
export function tcpWriteErr(sk: MainSock): void {
  sk.error = 'ETIMEDOUT';
  writeQueuePurge(sk);
  mainDone(sk);
}

/** @kernel net/ipv4/tcp_input.c tcp_reset (6.1) */
export function mainReset(sk: MainSock): void {
  if (sk.state === TcpState.SYN_SENT) sk.error = 'ECONNREFUSED';
  else if (sk.state === TcpState.CLOSE_WAIT) sk.error = 'EPIPE';
  else if (sk.state !== TcpState.CLOSED) sk.error = 'ECONNRESET';
  if (sk.k.era.resetPurges) writeQueuePurge(sk);
  mainDone(sk);
}

function destroy(sk: MainSock): void {
  writeQueuePurge(sk);
  for (let skb = sk.receiveQueue.shift(); skb !== null; skb = sk.receiveQueue.shift())
    kfreeSkbNow(sk.k, skb);
  for (let skb = sk.outOfOrder.shift(); skb !== null; skb = sk.outOfOrder.shift())
    kfreeSkb(sk.k, skb);
  sk.rcvQueued = 0;
  dropSndmsgPage(sk);
}

/** @kernel net/ipv4/tcp.c tcp_write_queue_purge */
export function writeQueuePurge(sk: MainSock): void {
  if (sk.purged) return;
  sk.purged = true;
  for (let skb = sk.writeQueue.shift(); skb !== null; skb = sk.writeQueue.shift())
    wmemFreeSkb(sk, skb);
  sk.sendHead = null;
  sk.packetsOut = 0;
  sk.sackedOut = 0;
  sk.lostOut = 0;
  sk.retransOut = 0;
  chronoStop(sk, 1);
  sk.k.lifetime.closed(sk);
}

/** Ticks of TIME_WAIT, and of FIN_WAIT2 without an application. @kernel include/net/tcp.h TCP_TIMEWAIT_LEN */
export const TIMEWAIT = 60_000_000;

/** Closed at both ends: it answers for a while. @kernel net/ipv4/tcp_minisocks.c tcp_time_wait */
export function timeWait(sk: MainSock): void {
  if (sk.state !== TcpState.FIN_WAIT2 || sk.finReceived) sk.state = TcpState.TIME_WAIT;
  writeQueuePurge(sk);
  dropSndmsgPage(sk);
  sk.k.agenda.disarm(sk.delackTimer.place);
  armTimer(sk, 7, TIMEWAIT);
  sk.ackState = 0;
}
