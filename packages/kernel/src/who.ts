// Who is needed for something to happen, from the weakest to the strongest: what a reviewer asks of a hole first.

/**
 * remote peer: whoever is at the other end of the wire, or on it, and sends, loses, delays or answers. guest: a virtual
 * machine, or its driver. local user: a program without privileges. root: an administrator, or a program with
 * CAP_NET_RAW or CAP_NET_ADMIN (a tap, a queue of netfilter). What an administrator has set up before (a tunnel, a bridge, a
 * sysctl) needs nobody any more.
 */
export const WHO = ['remote peer', 'guest', 'local user', 'root'] as const;
export type Who = (typeof WHO)[number];
