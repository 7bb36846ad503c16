// What a script asks of a kernel that older ones have not got: settings, options and fields by their names.
// Looked up in 5.10.223, 6.1.192, Debian's 6.12.117 and 7.2.13; a release between two of them is as remembered.
import { NotInEra, changeAt, hasChange, spanText, type Era, type Since } from '@lastref/kernel';

const SINCE: Readonly<Record<string, Since>> = {
  'the sysctl tcp_invalid_ratelimit': '4.0', // commit 032ee4236954
  'the sysctl tcp_recovery': '4.4', // commit 4f41b1c58a32
  'the sysctl tcp_tso_rtt_log': '5.18', // commit 65466904b015
  'the sysctl tcp_shrink_window': { mainline: '6.5', backports: ['6.1.192'] }, // commit b650d953cd39; seen in 6.1.192, the point of the branch was not looked up
  'the sysctl tcp_pingpong_thresh': '6.7', // commit 562b1fdf061b; not in 6.1.192
  'the sysctl tcp_rto_max_ms': '6.15', // commit 1280c26228bd; not in 6.12.117
  'the sysctl tcp_ecn_option': '7.2', // in 7.2.13, not in 6.12.117; the first release was not looked up
  'SOL_SOCKET SO_ZEROCOPY': '4.14', // commit 76851d1212c1
  'SOL_TCP TCP_INQ': '4.18', // commit b75eba76d3d7
  'SOL_TCP TCP_NOTSENT_LOWAT': '3.12', // commit c9bee3b7fdec
  tcpi_rcv_wnd: '6.2', // commit 71fc704768f6; not in 6.1.192
};

function sinceOf(what: string): Since | null {
  return Object.hasOwn(SINCE, what) ? SINCE[what]! : null;
}

/** Everything that is not listed is. */
export function isThere(era: Era, what: string): boolean {
  const since = sinceOf(what);
  return since === null || hasChange(era.tree, changeAt(since));
}

/** Throws NotInEra if `era` has not got `what`. */
export function mustBeThere(era: Era, what: string): void {
  if (isThere(era, what)) return;
  throw new NotInEra(`${what} in ${era.id}: it ${spanText({ since: sinceOf(what), until: null })}`);
}
