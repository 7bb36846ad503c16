// Retransmission, zero-window probes, delayed ACKs, and sending on behind small queues.
import { CHANGES } from '../../changes.ts';
import { tcpDone } from './tcp.ts';
import { RTO_MAX, TcpState, type TcpSock } from './tcp_sock.ts';
import { enterLoss, retransmitQueue } from './tcp_ack.ts';
import { Went, armRto, retransmitSkb, sendAck, tcpPush, writeWakeup } from './tcp_output.ts';

/** Attempts before the connection is given up. @kernel include/net/tcp.h TCP_RETR2 */
const RETRIES = 15;
/** The same without an application. @kernel net/ipv4/tcp_timer.c tcp_orphan_retries (2.6.24) */
const ORPHAN_RETRIES = 8;
/** What the host itself has dropped is tried again so soon. @kernel include/net/tcp.h TCP_RESOURCE_PROBE_INTERVAL */
const RESOURCE_PROBE = 500_000;

/**
 * What a qdisc has dropped is tried again soon, without backing off. What was not sent for another reason, as the clone
 * is still about, counts as sent: the timer backs off.
 * @kernel net/ipv4/tcp_timer.c tcp_retransmit_timer, tcp_probe_timer (2.6.24; 6.1 waits RESOURCE_PROBE however short the timeout is)
 */
export function onRetransmitTimer(sk: TcpSock): boolean {
  if (sk.state === TcpState.CLOSED || !sk.k.agenda.isArmed(sk.rtoTimer.place)) return false;
  sk.k.agenda.disarm(sk.rtoTimer.place);
  if (sk.packetsOut === 0) {
    if (sk.sendHead === null) return true;
    probe(sk);
    return true;
  }
  if (++sk.backoff > (sk.dead ? ORPHAN_RETRIES : RETRIES)) {
    tcpDone(sk);
    return true;
  }
  sk.timeouts++;
  enterLoss(sk);
  const head = sk.writeQueue.first!;
  if (retransmitSkb(sk, head) === Went.DROPPED) {
    sk.backoff--;
    sk.k.agenda.arm(sk.rtoTimer.place, sk.k.agenda.now + Math.min(sk.rto, RESOURCE_PROBE));
    return true;
  }
  sk.rto = Math.min(sk.rto * 2, RTO_MAX);
  armRto(sk);
  return true;
}

/** The timeout itself stays: it is measured. @kernel net/ipv4/tcp_output.c tcp_send_probe0 */
function probe(sk: TcpSock): void {
  const went = writeWakeup(sk);
  if (sk.packetsOut > 0 || sk.sendHead === null) {
    sk.probes = 0;
    sk.backoff = 0;
    return;
  }
  sk.probes++;
  if (went !== Went.DROPPED && sk.backoff < RETRIES) sk.backoff++;
  const most = went === Went.DROPPED ? RESOURCE_PROBE : RTO_MAX;
  const { agenda } = sk.k;
  agenda.arm(sk.rtoTimer.place, agenda.now + Math.min(sk.rto * 2 ** sk.backoff, most));
}

/** @kernel net/ipv4/tcp_timer.c tcp_delack_timer */
export function onDelackTimer(sk: TcpSock): boolean {
  if (!sk.k.agenda.isArmed(sk.delackTimer.place)) return false;
  sk.k.agenda.disarm(sk.delackTimer.place);
  if (sk.ackPending) sendAck(sk);
  return true;
}

/** What was held back goes on. @kernel net/ipv4/tcp_output.c tcp_tsq_handler (3.6), tcp_tsq_write (4.9) */
export function tcpTsqHandler(sk: TcpSock): void {
  const { state } = sk;
  const sends =
    state === TcpState.ESTABLISHED ||
    state === TcpState.FIN_WAIT1 ||
    state === TcpState.CLOSE_WAIT ||
    state === TcpState.LAST_ACK ||
    state === TcpState.CLOSING;
  if (!sends) return;
  if (sk.k.era.changes.has(CHANGES.smallQueuesOnRetransmit)) retransmitQueue(sk);
  tcpPush(sk);
}
