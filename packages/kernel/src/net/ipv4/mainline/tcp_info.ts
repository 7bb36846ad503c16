// struct tcp_info: what getsockopt(TCP_INFO) tells, by the kernel's names. And the clocks behind three of its fields.
import type { MainSock } from './tcp_main_sock.ts';

/** @kernel net/ipv4/tcp_output.c tcp_chrono_start: 1 busy, 2 limited by the peer's window, 3 by the send buffer (4.10) */
export function chronoStart(sk: MainSock, type: number): void {
  if (type > sk.chrono.type) chronoSet(sk, type);
}

/** @kernel net/ipv4/tcp_output.c tcp_chrono_stop */
export function chronoStop(sk: MainSock, type: number): void {
  if (sk.writeQueue.qlen === 0) chronoSet(sk, 0);
  else if (type === sk.chrono.type) chronoSet(sk, 1);
}

function chronoSet(sk: MainSock, type: number): void {
  const { chrono } = sk;
  chrono.ticks[chrono.type]! += sk.now - chrono.start;
  chrono.start = sk.now;
  chrono.type = type;
}

function chronoTicks({ chrono, now }: MainSock, type: number): number {
  return chrono.ticks[type]! + (chrono.type === type ? now - chrono.start : 0);
}

/** Times in µs, last_… in milliseconds. @kernel net/ipv4/tcp.c tcp_get_info (6.12) */
export function tcpInfo(sk: MainSock): Readonly<Record<string, number>> {
  const rwnd = chronoTicks(sk, 2);
  const sndbuf = chronoTicks(sk, 3);
  const ms = (since: number): number => Math.floor((sk.now - Math.max(0, since)) / 1000);
  return {
    tcpi_ca_state: sk.caState,
    tcpi_snd_cwnd: sk.cwnd,
    tcpi_snd_ssthresh: sk.ssthresh,
    tcpi_unacked: sk.packetsOut,
    tcpi_sacked: sk.sackedOut,
    tcpi_lost: sk.lostOut,
    tcpi_retrans: sk.retransOut,
    tcpi_retransmits: sk.retries,
    tcpi_total_retrans: sk.retransmits,
    tcpi_probes: sk.probes,
    tcpi_backoff: sk.backoff,
    tcpi_reordering: sk.reordering,
    tcpi_reord_seen: sk.reordSeen,
    tcpi_rtt: sk.srttUs >> 3,
    tcpi_rttvar: sk.mdevUs >> 2,
    tcpi_min_rtt: Number.isFinite(sk.minRtt) ? sk.minRtt : 0xffff_ffff,
    tcpi_rto: sk.rto,
    tcpi_ato: sk.ato,
    tcpi_snd_mss: sk.mss,
    tcpi_rcv_mss: sk.rcvMss,
    tcpi_advmss: sk.advmss,
    tcpi_pmtu: sk.pmtu,
    tcpi_snd_wnd: sk.sndWnd,
    tcpi_rcv_wnd: sk.rcvWnd,
    tcpi_rcv_ssthresh: sk.rcvSsthresh,
    tcpi_delivered: sk.delivered,
    tcpi_bytes_received: sk.bytesReceived,
    tcpi_notsent_bytes: (sk.writeSeq - sk.sndNxt) | 0,
    tcpi_busy_time: chronoTicks(sk, 1) + rwnd + sndbuf,
    tcpi_rwnd_limited: rwnd,
    tcpi_sndbuf_limited: sndbuf,
    tcpi_last_data_sent: ms(sk.lsndtime),
    tcpi_last_data_recv: ms(sk.lrcvtime),
    tcpi_snd_wscale: sk.wscaleOk ? sk.sndWscale : 0,
    tcpi_rcv_wscale: sk.wscaleOk ? sk.ownScale : 0,
    tcpi_options: (sk.tsOk ? 1 : 0) | (sk.sackOk ? 2 : 0) | (sk.wscaleOk ? 4 : 0),
  };
}
