// Which kernel the machine behaves like where kernels differ. Designs are always run on one era at a time; every
// record names it. An era is a tree by name; all that it does follows from the changes that the tree has.
import { CHANGES, type KnownChange } from './changes.ts';
import { NotInEra } from './errors.ts';
import { hasChange, spanText, treeOf, type Tree } from './tree.ts';

/** Reference behaviour of pskb_expand_head. @kernel net/core/skbuff.c pskb_expand_head */
export const ExpandHead = {
  /** Up to 2.6.36: every frag page is taken and put again, even when the data has one owner. */
  ALWAYS: 0,
  /** 2.6.37 to 3.4: dataref equal to the owner's own weight moves the references. */
  FASTPATH: 1,
  /** 3.5 on: skb_cloned() decides. */
  CLONED: 2,
} as const;
export type ExpandHead = (typeof ExpandHead)[keyof typeof ExpandHead];

/** Segments that a new connection offers up to 2.6.37; of larger ones fewer. @kernel RFC 2414 */
export const RFC2414_SEGMENTS = 4;

/** The trees that can be asked for, oldest first. Another one is another line here, and nothing else. */
const TREES: readonly string[] = [
  '2.6.24',
  '2.6.28',
  '2.6.32',
  '2.6.38',
  '3.2',
  '3.8',
  '3.18',
  '4.14',
  '5.10.223',
  '6.1.192',
  'debian-6.12.117',
  '7.2.13',
];

/** What `tree` does. One literal, so that all eras have one shape. */
function behaviour(tree: Tree) {
  const known: readonly KnownChange[] = Object.values(CHANGES);
  const changes: ReadonlySet<KnownChange> = new Set(known.filter((c) => hasChange(tree, c)));
  const has = (change: KnownChange): boolean => changes.has(change);
  const expandHead: ExpandHead = has(CHANGES.expandHeadAsksCloned)
    ? ExpandHead.CLONED
    : has(CHANGES.expandHeadKeepsPages)
      ? ExpandHead.FASTPATH
      : ExpandHead.ALWAYS;
  return {
    id: tree.id,
    tree,
    /** For what is asked now and then; what is asked for every packet has a flag. */
    changes,
    expandHead,
    /** pskb_expand_head and pskb_carve copy a shared info up to its last frag in use, and nothing behind frags[]. */
    copiesUsedFrags: has(CHANGES.expandHeadCopiesUsedFrags),
    /** dev_hard_start_xmit orphans every skb of a socket just before the driver (2.6.35 to 3.4). */
    earlyOrphan: has(CHANGES.earlyOrphan) && !has(CHANGES.earlyOrphanGone),
    /** skb_set_owner_w and skb_set_owner_r run the old destructor first instead of overwriting it. */
    setOwnerOrphans: has(CHANGES.setOwnerOrphans),
    /** A tun device orphans what it queues for its process. */
    tunOrphans: has(CHANGES.tunOrphans),
    /** A tun device charges what its process sends to a socket of its own. */
    tunCharges: has(CHANGES.tunCharges),
    /** Copied bytes of a datagram socket go where sk_page_frag_refill says. */
    pageFragRefill: has(CHANGES.pageFragRefill),
    /** A datagram that more bytes are said to follow is summed by software. */
    corkSumsNow: has(CHANGES.corkSumsNow),
    /** sendpage is gone: a datagram gets pages by MSG_SPLICE_PAGES. */
    udpSplices: has(CHANGES.spliceByIterator),
    /** udp_sendpage copies. */
    udpSendpageCopies: has(CHANGES.udpSendpageCopies),
    /** A chain of fragments goes out as it is only where each packet has the room in front that its device wants. */
    fragmentsWantRoom: has(CHANGES.fragmentsWantRoom),
    /** IPv4 reassembly moves frags to the first fragment where it can instead of chaining all of them (3.5 to 4.2, 5.3 on). */
    defragCoalesces:
      has(CHANGES.defragCoalescesLocally) ||
      (has(CHANGES.defragCoalesces) && !has(CHANGES.defragChains)),
    /** A packet's pages go to the program behind a netfilter queue by reference instead of by copying. */
    nfqueueZerocopy: has(CHANGES.nfqueueZerocopy),
    /** A program behind a netfilter queue may take packets that are large, and not summed. */
    nfqueueGso: has(CHANGES.nfqueueGso),
    /** A qdisc keeps its own record in the control block of what it queues. */
    qdiscControlBlock: has(CHANGES.qdiscControlBlock),
    /** TCP refuses to retransmit an skb whose clone has not left the host. */
    hostQueueCheck: has(CHANGES.hostQueueCheck),
    /** A retransmission asks first whether too much is below TCP. */
    retransmitAsksCharge: !has(CHANGES.retransmitAsksNobody),
    /** An ACK without data counts for next to nothing in what is below TCP. */
    pureAcks: has(CHANGES.pureAcks),
    /** A packet that is charged to a socket has a reference on it. */
    wmemHoldsSocket: !has(CHANGES.wmemKeepsSocket),
    /** tcp_wfree gives a charge back in two steps; and takes a bit of the socket whether that is held back or not. */
    wfreeInTwo: has(CHANGES.wfreeInTwo),
    wfreeTakesBit: has(CHANGES.smallQueues) && !has(CHANGES.wfreeReadsFlags),
    /** Whoever is the last to have a data area reads its dataref, and writes nothing. */
    lastDataReads: has(CHANGES.lastDataReads),
    /** TCP has at most so much below it, and goes on when that is freed. */
    smallQueues: has(CHANGES.smallQueues),
    /** The segments of a TCP packet are charged in its place. */
    gsoKeepsOwner: has(CHANGES.gsoKeepsOwner),
    /** The tap sees packets after software segmentation instead of before. */
    tapAfterSegment: has(CHANGES.tapAfterSegment),
    /** A packet that is cut up is freed with that, before the device has any of its segments. */
    cutFreesPacket: has(CHANGES.validateXmit),
    /** skb_shift merges SACKed data. */
    skbShift: has(CHANGES.skbShift),
    /** TCP stores the dataref of an skb whose header it gives up. */
    headerReleaseStores: has(CHANGES.headerReleaseStores),
    /** fclone_ref is stored when a fast clone is made, and read where the original goes. */
    fastCloneStores: has(CHANGES.fastCloneStores),
    /** What is sent again gets a shared info of its own, and a clone of that goes out. */
    retransmitUnshares: has(CHANGES.retransmitUnshares),
    /** A retransmission takes what follows it by skb_shift; before, it copies what is linear. */
    collapseShifts: has(CHANGES.collapseShifts),
    /** splice from a socket clones the skb per pipe (2.6.25 to 2.6.28) instead of taking pages. */
    spliceClones: has(CHANGES.spliceClones) && !has(CHANGES.spliceTakesPages),
    /** fs/ puts what a pipe has got from a socket; before, the network does. */
    pipePutsInFs: has(CHANGES.pipePutsInFs),
    /** sunrpc copies the pages of a call that it has sent before. */
    rpcResendCopies: has(CHANGES.rpcResendCopies),
    /** A call of sunrpc that finds no buffer for its head is tried again; before, it ends with ENOBUFS. */
    rpcRetriesNobufs: has(CHANGES.rpcRetriesNobufs),
    /** sunrpc copies the pages of every call: an NFS client lends nothing any more. */
    rpcSendCopies: has(CHANGES.rpcSendCopies),
    /** There is skb_orphan_frags, and receivers and tun call it. */
    orphansFrags: has(CHANGES.orphansFrags),
    /** IP asks for copies of what nobody may keep behind reassembly, not the core before it. */
    orphansRxLate: has(CHANGES.orphanRxLate),
    /** An iSCSI initiator resets a connection that it gives up. */
    iscsiAborts: has(CHANGES.iscsiAborts),
    /** A connection that ends gives up its write queue at once, not when it is closed. */
    resetPurges: has(CHANGES.resetPurges),
    /** A ubuf_info is cleared before the frags and the frag_list of its data area are let go. */
    zcopyClearsFirst: has(CHANGES.zcopyClearsFirst),
    /** Pages of MSG_ZEROCOPY that are contiguous share an entry. */
    zerocopyCombines: has(CHANGES.zerocopyCombines),
    /** Who lets go of a ubuf_info calls its callback each time; before, the last one does. */
    zcopyCallsBack: has(CHANGES.zcopyCallsBack),
    /** netback puts frags that it has copied because there were too many. */
    xenUnrefsFrags: has(CHANGES.xenUnrefsFrags),
    /** A driver that drops what its ring holds frees it with interrupts on. */
    ringFreesUnlocked: has(CHANGES.ringFreesUnlocked),
    /** A time stamp's clone gets copies of MSG_ZEROCOPY's pages. */
    tstampOrphans: has(CHANGES.tstampOrphans),
    /** ESP decrypts frags where they are if nobody shares them, instead of copying them always. */
    espInPlace: has(CHANGES.espInPlace),
    /** What ESP encrypts into a page of its own has to fit there with its trailer. */
    espCountsTrailer: has(CHANGES.espCountsTrailer),
    /** ESP puts pages that it has encrypted as skb_frag_unref does. */
    espUnrefsPool: has(CHANGES.espUnrefsPool),
    /** It puts them also where it fails once it has taken them. */
    espFailureUnrefs: has(CHANGES.espFailureUnrefs),
    /** rxrpc decrypts a packet in place unless it is cloned; or has pages; or never, but in a buffer of its own. */
    rxrpcUnshares: has(CHANGES.rxrpcUnshares),
    rxrpcCopiesPaged: has(CHANGES.rxrpcCopiesPaged),
    rxrpcBuffer: has(CHANGES.rxrpcBuffer),
    /** It takes references that a packet has not got, before it takes the pages. */
    espDowngrades: has(CHANGES.espDowngrades),
    /** ESP asks the marker of shared frags before it does. */
    espAsksMarker: has(CHANGES.espAsksMarker),
    /** skb_segment calls skb_orphan_frags on what it takes frags from. */
    segmentOrphans: has(CHANGES.segmentOrphans),
    /** ___pskb_trim calls skb_condense on what has no socket. */
    trimCondenses: has(CHANGES.trimCondenses),
    /** Heads of up to 320 bytes come from a cache of 640 and end at 320. */
    smallHeads: has(CHANGES.smallHeads),
    /** skb_try_coalesce takes references of the pool's kind for a cloned skb; before, it refuses one. */
    coalescesClonedPool: has(CHANGES.coalescesClonedPool),
    /** TCP's receive queue grows by skb_try_coalesce. */
    tcpCoalesces: has(CHANGES.tcpCoalesces),
    /** No linear bytes in TCP's send queue. */
    sendQueuePaged: has(CHANGES.sendQueuePaged),
    /** There is MSG_ZEROCOPY, with all that 4.14 put into the core for it. */
    zerocopy: has(CHANGES.zerocopy),
    /** TCP marks what it lends (SKBTX_SHARED_FRAG), and who sums a packet copies what is marked. */
    lendersMark: has(CHANGES.marker),
    /** Helpers that copy or move frags carry SKBFL_SHARED_FRAG, a GRO list's head included. */
    markerCarried: has(CHANGES.markerCarried),
    /** skb_zerocopy carries SKBFL_SHARED_FRAG. */
    skbZerocopyMarks: has(CHANGES.skbZerocopyMarks),
    /** tcp_clone_payload asks whether what it takes has a ubuf_info; or gives it to the probe. */
    probeRefusesOwner: has(CHANGES.probeRefusesOwner),
    probeSharesOwner: has(CHANGES.probeSharesOwner),
    /** pskb_carve takes a reference on the ubuf_info that its block copy points to. */
    carveTakesUbuf: has(CHANGES.carveTakesUbuf),
    /** It takes references that a packet has not got, before it copies the shared info. */
    carveDowngrades: has(CHANGES.carveDowngrades),
    /** iptfs_consume_frags carries the marker; iptfs_skb_add_frags sets it, whoever lent. */
    iptfsConsumeMarks: has(CHANGES.iptfsConsumeMarks),
    iptfsAddMarks: has(CHANGES.iptfsAddMarks),
    /** GRO gets what was sent before skb_orphan_frags_rx is called: behind a veth; what a guest has sent, behind a tun device. */
    vethGro: has(CHANGES.vethGro),
    tunNapi: has(CHANGES.tunNapi),
    /** skb_gro_receive leaves MSG_ZEROCOPY skbs alone. */
    groRefusesZerocopy: has(CHANGES.groRefusesZerocopy),
    maxSkbFrags: has(CHANGES.fewerFrags) ? 17 : 18,
    /** Initial retransmission timeout in ticks (µs). */
    rtoInitial: has(CHANGES.oneSecond) ? 1_000_000 : 3_000_000,
    /** Segments of Ethernet that a new connection offers; null: as many of its own as fit 64 KiB. */
    initialWindow: has(CHANGES.window64k)
      ? null
      : has(CHANGES.window20)
        ? 20
        : has(CHANGES.window10)
          ? 10
          : RFC2414_SEGMENTS,
    /** What grows the receive window is what came, if that is more than a segment; and it shuts a sixteenth before the end. */
    windowGrowsByLength: has(CHANGES.windowGrowsByLength),
    windowShutsEarly: has(CHANGES.windowShutsEarly),
    /** Initial congestion window in segments. */
    initialCwnd: has(CHANGES.slowStart10) ? 10 : 3,
  };
}

export type Era = Readonly<ReturnType<typeof behaviour>>;

export const ERAS: readonly Era[] = TREES.map((name) => behaviour(treeOf(name)));

export const DEFAULT_ERA = '3.8';

/** Throws NotInEra if `what`, which came with `change`, is about to run in a kernel that has not got it. */
export function mustHave(era: Era, change: KnownChange, what: string): void {
  if (!era.changes.has(change))
    throw new NotInEra(`${what} in ${era.id}: it ${spanText({ since: change, until: null })}`);
}

/**
 * The era called `id`, or undefined. The name of a branch stands for its newest tree: `6.1` for `6.1.192`; behind a plus
 * stands a change that it has ahead of its time: `2.6.28+skbShift`; behind a minus one that is taken out:
 * `7.2.13-markerCarried`.
 */
export function eraOf(id: string): Era | undefined {
  const { name, sign, key } = ONE_CHANGE.exec(id)?.groups ?? {};
  if (name !== undefined) return eraWithOne(name, sign === '+', key!);
  const own = ERAS.find((era) => era.id === id);
  return own ?? ERAS.findLast((era) => era.tree.branches.some((b) => b.name === id));
}

/** The tree called `name`, of an era or of any other kernel. Throws on what is no name of one. */
export function treeCalled(name: string): Tree {
  return eraOf(name)?.tree ?? treeOf(name);
}

/** `debian-6.12` has a minus too, but no key of a change behind it. */
const ONE_CHANGE = /^(?<name>.+)(?<sign>[-+])(?<key>[a-z][A-Za-z0-9]*)$/;

function eraWithOne(name: string, ahead: boolean, key: string): Era | undefined {
  const base = eraOf(name);
  const change = Object.hasOwn(CHANGES, key) ? CHANGES[key as keyof typeof CHANGES] : undefined;
  if (base === undefined || change === undefined) return undefined;
  if (ahead) return behaviour({ ...base.tree, id: `${base.id}+${key}`, ahead: change });
  return behaviour({ ...base.tree, id: `${base.id}-${key}`, without: change });
}

/** Changes that `after` has and `before` has not, by their keys. */
export function changesBetween(before: Era, after: Era): string[] {
  return Object.entries(CHANGES).flatMap(([key, change]) =>
    after.changes.has(change) && !before.changes.has(change) ? [key] : [],
  );
}

/** What `id` stands for, if it is not the name of a tree itself. */
export function aliasText(id: string): string | null {
  const era = eraOf(id);
  return era === undefined || era.id === id ? null : `era ${id} stands for ${era.id}`;
}
