import { array, fn, struct, ulong, type Aggregate } from '../ctype.ts';

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
