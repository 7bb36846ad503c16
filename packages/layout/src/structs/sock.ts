import { array, fn, ptr, struct, ulong, type Aggregate, type Member } from '../ctype.ts';

/**
 * struct sock, include/net/sock.h: its last six fields, and all before them as one block of `bytes`. The sizes are those
 * of the headers' fields under SMP, NET_NS, XFRM, NET_DMA, SECURITY and RPS, without lock debugging, TIMER_STATS and
 * NETPRIO_CGROUP.
 */
export function sock(bytes: number): Aggregate {
  return struct(
    array(bytes / 8, ulong('everything_before')),
    fn('sk_state_change', 'sk_data_ready', 'sk_write_space', 'sk_error_report'),
    fn('sk_backlog_rcv', 'sk_destruct'),
  );
}

/** The same fields where others follow: from 5.10 on, as Debian configures it. Where sk_data_ready moved, it is not shown. */
function sockFrom510(before: number, behind: number, callbacks: readonly Member[]): Aggregate {
  return struct(
    array(before / 8, ulong('everything_before')),
    callbacks,
    ptr('struct sock_reuseport', 'sk_reuseport_cb'),
    array(behind / 8, ulong('everything_behind')),
  );
}

export const SOCK_5_10 = sockFrom510(680, 24, [
  ...fn('sk_state_change', 'sk_data_ready', 'sk_write_space', 'sk_error_report'),
  ...fn('sk_backlog_rcv', 'sk_destruct'),
]);
export const SOCK_6_1 = sockFrom510(672, 40, [
  ...fn('sk_state_change', 'sk_data_ready', 'sk_write_space', 'sk_error_report'),
  ...fn('sk_backlog_rcv', 'sk_validate_xmit_skb', 'sk_destruct'),
]);
const CALLBACKS = fn(
  'sk_state_change',
  'sk_write_space',
  'sk_error_report',
  'sk_backlog_rcv',
  'sk_destruct',
);
export const SOCK_6_12 = sockFrom510(688, 40, CALLBACKS);
export const SOCK_7_2 = sockFrom510(704, 48, CALLBACKS);
