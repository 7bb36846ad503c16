// The size of segments: what route, peer and window allow.
import { IP_TCP_HEADERS, type MainSock } from './tcp_main_sock.ts';

export function mtuToMss(sk: MainSock, mtu: number): number {
  const mss = Math.min(mtu - IP_TCP_HEADERS, sk.mssClamp);
  return Math.max(mss, sk.sysctl.minSndMss) - (sk.headerLen - 20);
}

export function boundToHalfWnd(sk: MainSock, size: number): number {
  const cutoff = sk.maxWindow > 536 ? sk.maxWindow >> 1 : sk.maxWindow;
  return cutoff > 0 && size > cutoff ? Math.max(cutoff, 68 - sk.headerLen) : size;
}

/** @kernel net/ipv4/tcp_output.c tcp_mtup_init */
export function mtupInit(sk: MainSock): void {
  sk.probe.enabled = sk.sysctl.mtuProbing > 1;
  sk.probe.high = sk.mssClamp + IP_TCP_HEADERS;
  sk.probe.low = sk.sysctl.baseMss + sk.headerLen + 20;
  sk.probe.size = 0;
}

/** @kernel net/ipv4/tcp_output.c tcp_sync_mss */
export function syncMss(sk: MainSock, pmtu: number): void {
  const { probe } = sk;
  if (probe.high > pmtu) probe.high = pmtu;
  let mss = boundToHalfWnd(sk, mtuToMss(sk, pmtu));
  if (probe.enabled) mss = Math.min(mss, mtuToMss(sk, probe.low));
  sk.pmtu = pmtu;
  sk.mss = mss;
}

/** @kernel net/ipv4/tcp_input.c tcp_mtup_probe_success */
export function mtupProbeSuccess(sk: MainSock): void {
  const { probe } = sk;
  sk.cwnd = Math.max(1, Math.floor((sk.cwnd * sk.mss) / mtuToMss(sk, probe.size)));
  sk.cwndCount = 0;
  sk.cwndStamp = sk.now;
  probe.low = probe.size;
  probe.size = 0;
  syncMss(sk, sk.pmtu);
}

/** @kernel net/ipv4/tcp_input.c tcp_mtup_probe_failed */
export function mtupProbeFailed(sk: MainSock): void {
  sk.probe.high = sk.probe.size - 1;
  sk.probe.size = 0;
}
