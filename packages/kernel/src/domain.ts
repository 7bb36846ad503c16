// What a design was made for, and what a workload lends: whether the one is the other.
import { CHANGES, type KnownChange } from './changes.ts';
import type { Era } from './era.ts';
import { changeAt, hasChange } from './tree.ts';

/**
 * Who lends: a protocol that answers each request (NFS, iSCSI, distributed storage), the same with pages under
 * writeback, a stream that nobody answers (sendfile, splice, vmsplice), a guest whose packets a backend
 * maps (netback), a process that hands whole packets to a device (vringfd, vhost), a driver with its receive buffers; somebody
 * who has a socket.
 */
export const LENDERS = [
  'requests',
  'writeback',
  'stream',
  'guest',
  'process',
  'driver',
  'socket',
] as const;
/** What carries the pages: a socket's transport, or a device that is handed whole packets. */
export const CARRIERS = ['tcp', 'udp', 'vsock', 'device'] as const;

/** What is lent: by whom, and over what. */
export interface Lending {
  readonly by: (typeof LENDERS)[number];
  readonly over: (typeof CARRIERS)[number];
  /** Who closes a connection leaves what is queued there to drain by itself; or does in kernels that lack a change. */
  readonly drains?: true | { readonly until: KnownChange };
  /** Somebody on the lending host gets the very pages: a tap, or a receiver over loopback. */
  readonly onHost?: true;
  /** It is memory of a device, which has no struct page and counts nothing for itself. @kernel include/net/netmem.h struct net_iov (6.12) */
  readonly memory?: 'device';
}

/** What a design was made for, in its author's words. Left out: any lender, any carrier; no lender: it tells nobody. */
export interface Domain {
  readonly by?: readonly Lending['by'][];
  readonly over?: readonly Lending['over'][];
  /** Its protocol throws away what is queued when it closes a connection: nothing drains behind its back. */
  readonly drains?: false;
  /** Its stack gives pages to devices alone: none of its packets comes to a tap or a receiver on the same host. */
  readonly onHost?: false;
  /** It asks the count of a struct page, keeps something in one, or has a processor look at what it holds. */
  readonly memory?: 'pages';
  /** The release of the trunk before which nobody lent so, as what it takes was not there. */
  readonly since?: string;
  /** The release of the trunk from which on nobody does any more, as what it takes is gone. */
  readonly until?: string;
  /** The sentence that says so, and where it stands. */
  readonly source: string;
}

/** Those that may stand behind a socket of which nothing else is known, as in a capture. */
const BEHIND_SOCKETS: readonly Lending['by'][] = ['requests', 'writeback', 'stream'];

/**
 * Over UDP pages under writeback were lent by NFS alone, which copies what it sends from 5.1 on; over vsock processes lend alone, by
 * MSG_ZEROCOPY and SEND_ZC, and no protocol of the kernel's.
 * @kernel net/sunrpc/socklib.c xprt_sock_sendmsg, net/sunrpc/xprtsock.c xs_udp_send_request (5.10); AFS copies: net/rxrpc/sendmsg.c rxrpc_send_data (5.10);
 * net/vmw_vsock/virtio_transport_common.c virtio_transport_send_pkt_info (6.12)
 */
function mayLend(by: Lending['by'], over: Lending['over'], era: Era | undefined): boolean {
  if (over === 'vsock') return by === 'stream';
  return by !== 'writeback' || over !== 'udp' || era?.changes.has(CHANGES.rpcSendCopies) !== true;
}

/**
 * Was a design made for this, as it is lent in a kernel like `era` (undefined: in any)? Without a domain for all, and
 * what lends nothing is outside of nothing.
 */
export function inDomain(
  domain: Domain | undefined,
  lending: Lending | undefined,
  era?: Era,
): boolean {
  if (domain === undefined || lending === undefined) return true;
  const { by, over, drains, onHost, memory } = domain;
  if (isOfAnotherTime(domain, era)) return false;
  if (drains === false && drainsIn(lending, era)) return false;
  if (onHost === false && lending.onHost === true) return false;
  if (memory === 'pages' && lending.memory === 'device') return false;
  const lenders = lending.by === 'socket' ? BEHIND_SOCKETS : [lending.by];
  const there = lenders.filter((l) => mayLend(l, lending.over, era));
  return (
    (by === undefined || there.some((l) => by.includes(l))) &&
    (over?.includes(lending.over) ?? true)
  );
}

/** Is `era` older than what the design was made for, or newer? */
export function isOfAnotherTime(domain: Domain | undefined, era: Era | undefined): boolean {
  if (domain === undefined || era === undefined) return false;
  const { since, until } = domain;
  const has = (release: string): boolean => hasChange(era.tree, changeAt(release));
  return (since !== undefined && !has(since)) || (until !== undefined && has(until));
}

function drainsIn({ drains }: Lending, era: Era | undefined): boolean {
  if (drains === undefined || drains === true) return drains === true;
  return era?.changes.has(drains.until) !== true;
}
