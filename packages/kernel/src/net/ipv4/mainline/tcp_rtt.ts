// How long a packet and its ACK take, and the timeout that follows (RFC 6298 with Linux's bounds).
import { after } from '../tcp_sock.ts';
import type { MainSock } from './tcp_main_sock.ts';
import { rtoMax } from './tcp_rearm.ts';

/** @kernel net/ipv4/tcp_input.c tcp_rtt_estimator, tcp_set_rto (6.12) */
export function estimateRtt(sk: MainSock, rtt: number): void {
  const floor = sk.sysctl.rtoMinUs;
  let m = rtt;
  if (sk.srttUs === 0) {
    sk.srttUs = m << 3;
    sk.mdevUs = m << 1;
    sk.rttvarUs = Math.max(sk.mdevUs, floor);
    sk.mdevMaxUs = sk.rttvarUs;
    sk.rttSeq = sk.sndNxt;
  } else {
    m -= sk.srttUs >> 3;
    sk.srttUs = Math.max(1, sk.srttUs + m);
    if (m < 0) {
      m = -m - (sk.mdevUs >> 2);
      if (m > 0) m >>= 3; // the timeout does not grow when the path gets faster
    } else {
      m -= sk.mdevUs >> 2;
    }
    sk.mdevUs += m;
    if (sk.mdevUs > sk.mdevMaxUs) {
      sk.mdevMaxUs = sk.mdevUs;
      sk.rttvarUs = Math.max(sk.rttvarUs, sk.mdevMaxUs);
    }
    if (after(sk.sndUna, sk.rttSeq)) {
      if (sk.mdevMaxUs < sk.rttvarUs) sk.rttvarUs -= (sk.rttvarUs - sk.mdevMaxUs) >> 2;
      sk.rttSeq = sk.sndNxt;
      sk.mdevMaxUs = floor;
    }
  }
  sk.rto = Math.min(rtoMax(sk), (sk.srttUs >> 3) + sk.rttvarUs);
}

/** Model: the least of all, not of the last five minutes. @kernel net/ipv4/tcp_input.c tcp_update_rtt_min */
export function updateMinRtt(sk: MainSock, rtt: number): void {
  if (rtt >= 0) sk.minRtt = Math.min(sk.minRtt, Math.max(1, rtt));
}
