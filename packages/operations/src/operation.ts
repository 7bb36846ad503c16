// What an operation on fragments is, what it carries, and the stage on which its recipe runs.
import {
  type Pipe,
  type StepSource,
  type Who,
  type Kernel,
  type Design,
  type Domain,
  type Lending as LentBy,
  type Loan,
  type Page,
  allocSkb,
  inDomain,
  type Nic,
  type SkBuff,
  type TcpSock,
  CHANGES,
  inSpan,
  lackOf,
  treeCalled,
  type NamedSpan,
  type Since,
  type Span,
  BASE_HEADERS,
  linearPacket,
  skbOrphan,
  skbOrphanFrags,
  skbOrphanFragsRx,
  skbPush,
  skbUnclone,
  zerocopySgFromIovec,
} from '@lastref/kernel';

/**
 * What travels with a fragment: its page, a destructor in the entry itself, the marker of the shared info that says
 * "not the stack's own" (SKBTX_SHARED_FRAG), an owner record in the shared info, an owner record in the sk_buff.
 */
export type Slot = 'page' | 'destructor slot' | 'marker' | 'shared-info slot' | 'sk_buff slot';

/** One of them, and the changes that brought it and ended it; null: as long as the operation exists. */
export interface Carried extends Span {
  readonly what: Slot;
}

/** Whose packets an operation meets, and the change since which they come there; left out: as long as it exists. */
export interface Met extends LentBy {
  readonly since?: Since;
}

/** Part of a page that its producer is about to lend. */
export interface Lending {
  readonly page: Page;
  readonly pageOffset: number;
  readonly size: number;
  readonly loan: Loan;
}

/** The stage on which a recipe runs: two neighbours of a write queue that carry lent pages. */
export interface OperationBench {
  readonly k: Kernel;
  readonly sk: TcpSock;
  /** Two pages and a half, of the first loan. */
  readonly first: SkBuff;
  /** Half a page and a whole one, of the second loan. */
  readonly second: SkBuff;
  /**
   * A packet made from `skb` as TCP transmits it, in the driver's hands; as sole owner, `skb` is acknowledged then. Of a design that is made
   * for no socket it is `skb` itself, as tun and vhost hand it over, where nobody else has the data.
   */
  packet(skb: SkBuff): SkBuff;
  /** For operations on the write queue: as `packet`, but only if the case is that the data is shared. */
  inFlight(skb: SkBuff): void;
  /** A write-queue skb that the operation has used up. */
  dequeue(skb: SkBuff): void;
  /** An ACK has come for the first of the write queue. */
  acknowledge(): void;
  /** `skb` is in the hands of `who` from now on. */
  hold(skb: SkBuff, who: string): void;
  /** The operation has used up a packet: frees it, and nobody has to release it. */
  used(skb: SkBuff): void;
  /** The packet is part of another one now. */
  gone(skb: SkBuff): void;
  /** Packets that somebody holds now. */
  inHands(): readonly SkBuff[];
  /** Pages without an sk_buff, in the hands of `who`, who lets go by `release`. */
  holdPages(pipe: Pipe, who: string): void;
  /** A part of the machine that holds packets now: each step of `source` lets go of one, on behalf of `who`. */
  watch(source: StepSource, who: string, verb?: number): void;
  /** As `watch`, for what only happens when nobody else has anything left to do: a timer of half a minute. */
  atLast(source: StepSource, who: string): void;
  /** A page of a third loan, which the operation itself lends on behalf of somebody else; the others are acknowledged before. */
  fresh(): Lending;
  /** As `fresh`, of the same socket as they. */
  next(): Lending;
  /** Both halves of a page of the same socket, the second one of a fourth loan. */
  halves(): readonly [Lending, Lending];
  /** The device that the socket's route goes to: watched. */
  readonly device: Nic;
}

/**
 * Which situation the operation finds: does anybody else have the data; and, where nobody does, of two packets that become
 * one, is one of them the stack's own, of which nothing was lent?
 */
export type Situation = 'shared' | 'sole owner' | 'first is ordinary' | 'second is ordinary';

/** Whoever has sent the packet that an operation meets: which of them that is hangs on who lends. */
export const SENDER = 'sender';

export interface Operation extends NamedSpan {
  readonly file: string;
  /** The change that brought it, as far as the trees we read tell. */
  readonly since: Since;
  /** What happens to page references, in a few words. */
  readonly refs: string;
  readonly carries: readonly Carried[];
  /**
   * What it does to the packet that it is given, where that is not to take, copy or move its frags: it changes nothing
   * and makes nothing, or it lends a page of its own.
   */
  readonly effect?: 'looks' | 'lends';
  /** Who writes in place into what it leaves behind: a helper whose products ESP may get. @kernel commit 48f6a5356a33, f84eca581739 */
  readonly feeds?: 'esp_input';
  /** Who lends so, where that is not for everybody: a design that was not made for it is not asked. */
  readonly lends?: LentBy;
  /**
   * Whose packets it meets, where not everybody's come there: what it does to those of a design that was not made for
   * that is shown as outside of what it was made for.
   */
  readonly meets?: readonly Met[];
  /** Somebody on the lending host stands there between the sender and its device: a tap, a receiver, a program, a driver that takes the packet from its socket. */
  readonly onHost?: true;
  /** It makes one packet of two, which need not be alike. */
  readonly joins?: true;
  /** What else its recipe runs, where that is younger. */
  readonly needs?: readonly NamedSpan[];
  /** Who is needed to have it run on pages that somebody has lent, by the rule of `whoOf`. */
  readonly who: Who | typeof SENDER;
  /** Runs it on the bench. */
  readonly apply: (bench: OperationBench) => void;
}

/** Packets of the write queue of a TCP socket, which its user has filled. */
export const WRITE_QUEUE: readonly LentBy[] = [{ by: 'socket', over: 'tcp' }];

/** Datagrams that a socket sends, what one of vsock sends, and what a process sends from a ring of its own. */
export const DATAGRAMS: readonly LentBy[] = [{ by: 'socket', over: 'udp' }];
export const OVER_VSOCK: readonly LentBy[] = [{ by: 'socket', over: 'vsock' }];
export const PACKETS: readonly LentBy[] = [{ by: 'process', over: 'device' }];

/** Packets of a guest; those that a guest or a process has handed over whole; and what a driver has received. */
export const GUEST: LentBy = { by: 'guest', over: 'device' };
export const HANDED_OVER: readonly LentBy[] = [...PACKETS, GUEST];
export const RECEIVED: readonly LentBy[] = [{ by: 'driver', over: 'device' }];

/** `lent`, as memory of a device. */
export function deviceMemory(lent: readonly LentBy[]): readonly LentBy[] {
  return lent.map((one) => ({ ...one, memory: 'device' }));
}

/** Was a design made for packets that somebody hands over whole, and for no socket, which would send clones of what it keeps? */
export function isForDevices({ domain }: Design): boolean {
  const isHis = (lent: LentBy): boolean => inDomain(domain, lent);
  return HANDED_OVER.some(isHis) && ![...WRITE_QUEUE, ...DATAGRAMS, ...OVER_VSOCK].some(isHis);
}

/** All but the packets of a TCP socket. */
export const NOT_OF_TCP: readonly LentBy[] = [...DATAGRAMS, ...HANDED_OVER, ...RECEIVED];

/**
 * What GRO gets: what a driver has received, and from 3.7 on what has left a tunnel (gro_cells), from 4.15 on a guest (tun), or from
 * 5.13 on a veth. Neither loopback nor veth, tun, macvlan or netback called it before.
 * @kernel napi_gro_receive, napi_gro_frags: called by no file of net/ and none of these drivers in 2.6.32 and 3.6 but net/core/dev.c
 * itself (2.6.38: and vlan_core.c); net/ipv4/ip_gre.c gro_cells_receive (3.7.2, 3.8)
 */
export const AT_GRO: readonly Met[] = [
  ...RECEIVED,
  ...[...WRITE_QUEUE, ...HANDED_OVER].map((lent) => ({ ...lent, since: CHANGES.groCells })),
];

/**
 * What a tunnel gets by reference. Whoever encrypts sums first what no device will, and with that makes linear what is marked, as
 * TCP's pages are since 3.9. A datagram was summed by its socket (over IPv6, where the device sums none), and what came from a
 * device by whoever sent it. Left out: a device that encrypts and sums by itself (NETIF_F_HW_ESP_TX_CSUM) and leaves a packet of TCP
 * to the processor all the same.
 * @kernel net/xfrm/xfrm_output.c xfrm_output (4.9, 4.10, 5.10, 6.1, 7.2); net/xfrm/xfrm_iptfs.c iptfs_first_skb, iptfs_output_queued
 * (7.2); net/core/dev.c skb_checksum_help; net/ipv4/ip_output.c __ip_append_data (7.2)
 */
export const TUNNELLED = NOT_OF_TCP;

/** Files of the kernel that most of them stand in. */
export const SKBUFF = 'net/core/skbuff.c';
export const SKBUFF_H = 'include/linux/skbuff.h';
export const TCP_OUTPUT = 'net/ipv4/tcp_output.c';

const PAGE: Carried = { what: 'page', since: null, until: null };
const DESTRUCTOR: Carried = { what: 'destructor slot', since: null, until: null };
const SHINFO: Carried = { what: 'shared-info slot', since: null, until: null };
const SKB: Carried = { what: 'sk_buff slot', since: null, until: null };
const MARKER: Carried = { what: 'marker', since: CHANGES.marker, until: null };
const MARKER_FIXED: Carried = { what: 'marker', since: CHANGES.markerCarried, until: null };

/** The page alone, as a bare get_page takes it. */
export const PAGE_ONLY: readonly Carried[] = [PAGE];
/** What every copy of a whole entry carries. */
export const ENTRY: readonly Carried[] = [PAGE, DESTRUCTOR];
/** As ENTRY, and the marker is or-ed into the other shared info. */
export const ENTRY_AND_MARKER: readonly Carried[] = [PAGE, DESTRUCTOR, MARKER];
/** As ENTRY; that the marker stayed behind was found in 2026. */
export const ENTRY_MARKER_LATE: readonly Carried[] = [PAGE, DESTRUCTOR, MARKER_FIXED];
/** The data itself is shared, or block-copied: everything but what hangs on the sk_buff. */
export const DATA: readonly Carried[] = [PAGE, DESTRUCTOR, MARKER, SHINFO];
/** The very sk_buff goes on. */
export const WHOLE: readonly Carried[] = [PAGE, DESTRUCTOR, MARKER, SHINFO, SKB];

/** As WHOLE, but the packet that it becomes part of is marked only since the fixes of 2026. */
export const WHOLE_MARKER_LATE: readonly Carried[] = [PAGE, DESTRUCTOR, SHINFO, SKB, MARKER_FIXED];

/** As WHOLE up to the change `until`; from then on the page and its entry alone. */
export function wholeUntil(until: Since): readonly Carried[] {
  return [PAGE, DESTRUCTOR, { ...MARKER, until }, { ...SHINFO, until }, { ...SKB, until }];
}

/** As DATA up to the change `until`; from then on the page alone. */
export function dataUntil(until: Since): readonly Carried[] {
  return [PAGE, { ...DESTRUCTOR, until }, { ...SHINFO, until }];
}

/** What `operation` carries in the tree called `name`. */
export function carriedIn(operation: Operation, name: string): Slot[] {
  const tree = treeCalled(name);
  return operation.carries.filter((c) => inSpan(tree, c)).map((c) => c.what);
}

/** Has the tree called `name` got `operation`, and what its recipe runs? */
export function existsIn(operation: Operation, name: string): boolean {
  return lackOf(treeCalled(name), neededBy(operation)) === null;
}

/** Whoever can lend. */
const ANYBODY: readonly LentBy[] = [...RECEIVED, ...HANDED_OVER, ...DATAGRAMS, ...WRITE_QUEUE];

/**
 * Who is needed for an operation, the weakest, under a design that was made for `domain`. The rule: a host is set up for it (a tunnel,
 * a bridge, a device of a guest, a policy, a program of BPF, a sysctl), and needed is who has to act then. Where the way of a packet is
 * enough, that is its sender: a remote peer, where a driver lends what it has received; else a guest, or a local user. Where
 * something has to be acknowledged, answered, lost or delayed, it is a remote peer. Where a program has the packet and keeps it, or
 * lends, it is who runs that: a guest behind its device, a local user behind a socket or a pipe, root behind a tap, a queue of netfilter
 * or a ring of packets; and root, who detaches a device.
 */
export function whoOf({ who, meets = ANYBODY }: Operation, domain: Domain | undefined): Who {
  if (who !== SENDER) return who;
  const his = meets.filter((lent) => inDomain(domain, lent));
  const lenders = (his.length > 0 ? his : meets).map(({ by }) => by);
  if (lenders.includes('driver')) return 'remote peer';
  return lenders.includes('guest') ? 'guest' : 'local user';
}

/** All that a kernel must have for the recipe of `operation`. */
export function neededBy(operation: Operation): readonly NamedSpan[] {
  return [operation, ...(operation.needs ?? [])];
}

/** A second sk_buff with data of its own, so that something can be moved to it. */
export function emptySkb(k: Kernel, like: SkBuff): SkBuff {
  const skb = allocSkb(k, 256, false);
  skb.flow = like.flow;
  skb.seq = like.seq;
  return skb;
}

/** A packet that a guest or a process has handed over whole, as tun and vhost make it: no socket and no clone before it. */
export function handedOver(b: OperationBench): SkBuff {
  const { k, sk } = b;
  const { page, size, loan } = b.fresh();
  const bytes = { pages: [page], size, flow: sk.flow, seq: sk.writeSeq, saddr: 1, daddr: 2 };
  const skb = linearPacket(k, bytes, 28); // headers alone
  zerocopySgFromIovec(k, skb, bytes, loan, 'marked');
  b.hold(skb, 'packet');
  return skb;
}

/**
 * A packet that has come up from a device: a design that copies what a receiver may keep for ever has done so by then, and the
 * socket that has sent it knows nothing of it any more. Throws NoMemory, and then nothing has changed.
 * @kernel net/core/dev.c __netif_receive_skb_core, skb_orphan_frags_rx (3.8, 4.14), dev_forward_skb (3.2); net/ipv4/ip_input.c
 * ip_rcv_core, skb_orphan (ip_rcv of 3.6 and 4.9; 5.10, 7.2); drivers/net/loopback.c loopback_xmit (2.6.24); drivers/net/tun.c has
 * ubuf_infos in 3.6, not in 3.2
 */
export function received(b: OperationBench, packet: SkBuff): SkBuff {
  const { k } = b;
  if (!k.era.orphansFrags && isForDevices(k.design)) skbOrphanFrags(k, packet); // by macvlan: a tun device lent nothing yet
  skbOrphanFragsRx(k, packet);
  skbOrphan(k, packet);
  packet.cb = null; // IPCB, cleared by ip_rcv
  return packet;
}

/**
 * A packet that somebody has sent, as GRO gets it: with nobody sharing it where veth has GRO of its own, and as it is where a guest has
 * sent it, to a tun device with NAPI; before that behind a tunnel alone, whose outer packet has come up to IP. Throws NoMemory.
 * @kernel drivers/net/veth.c veth_xdp_rcv (5.13), skb_unclone (5.15.12, d2269ae48598); include/net/gro_cells.h gro_cells_receive;
 * drivers/net/tun.c tun_napi_receive (4.15, 5.10)
 */
export function atGro(b: OperationBench, packet: SkBuff): SkBuff {
  const { era, design } = b.k;
  if (era.vethGro) skbUnclone(b.k, packet);
  else if (!era.tunNapi || !inDomain(design.domain, GUEST)) received(b, packet);
  return packet;
}

/**
 * A packet as a tunnel gets it that encrypts: what a guest sends has come up to IP, where it is passed on.
 * @kernel net/core/dev.c __netif_receive_skb_core, skb_orphan_frags_rx (3.6, 5.10, 6.14, not 6.17)
 */
export function atTunnel(b: OperationBench, packet: SkBuff): SkBuff {
  const { era, design } = b.k;
  if (isForDevices(design) && !era.orphansRxLate) received(b, packet);
  return packet;
}

/** `packet` with the headers that TCP puts in front of it: for what looks at linear bytes. */
export function withHeaders(packet: SkBuff): SkBuff {
  skbPush(packet, BASE_HEADERS);
  return packet;
}
