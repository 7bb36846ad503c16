// Which kernel the machine behaves like where versions differ. Designs are always run on one era at a time;
// every record names it.

/** Reference behaviour of pskb_expand_head. @kernel net/core/skbuff.c pskb_expand_head */
export const ExpandHead = {
  /** Up to 2.6.32: every frag page is taken and put again, even when the data has one owner. */
  ALWAYS: 0,
  /** 2.6.38 to 3.2: dataref equal to the owner's own weight moves the references. */
  FASTPATH: 1,
  /** 3.8 on: skb_cloned() decides. */
  CLONED: 2,
} as const;
export type ExpandHead = (typeof ExpandHead)[keyof typeof ExpandHead];

export interface Era {
  readonly id: string;
  readonly expandHead: ExpandHead;
  /** dev_hard_start_xmit orphans every skb just before the driver (2.6.38 to 3.2). */
  readonly earlyOrphan: boolean;
  /** skb_set_owner_w runs the old destructor first (2.6.32 on) instead of overwriting it. */
  readonly setOwnerOrphans: boolean;
  /** A tun device orphans what it queues for its process (2.6.35 on). */
  readonly tunOrphans: boolean;
  /** A tun device charges what its process sends to a socket of its own (2.6.30 on). */
  readonly tunCharges: boolean;
  /** IP reassembly moves frags to the first fragment where it can (3.5 on) instead of chaining all of them. */
  readonly defragCoalesces: boolean;
  /** A packet's pages go to the program behind a netfilter queue by reference (3.13 on) instead of by copying. */
  readonly nfqueueZerocopy: boolean;
  /** TCP refuses to retransmit an skb whose clone has not left the host (3.18 on). */
  readonly hostQueueCheck: boolean;
  /** The tap sees packets after software segmentation (3.8 on) instead of before. */
  readonly tapAfterSegment: boolean;
  /** skb_shift merges SACKed data (2.6.29 on). */
  readonly skbShift: boolean;
  /** splice from a socket clones the skb per pipe (2.6.25 to 2.6.28) instead of taking pages. */
  readonly spliceClones: boolean;
  /** sendpage on a route without SG and checksum offload copies (sock_no_sendpage). */
  readonly sendpageNeedsSg: boolean;
  /** sunrpc copies the pages of a call that it has sent before (3.18; late 2013). */
  readonly rpcResendCopies: boolean;
  /** A connection that ends gives up its write queue at once, not when it is closed (2018). */
  readonly resetPurges: boolean;
  /** ESP decrypts frags where they are if nobody shares them (4.11 on), instead of copying them always. */
  readonly espInPlace: boolean;
  readonly maxSkbFrags: number;
  /** Initial retransmission timeout in ticks (µs). */
  readonly rtoInitial: number;
  /** Initial congestion window in segments. */
  readonly initialCwnd: number;
}

const base = {
  expandHead: ExpandHead.ALWAYS as ExpandHead,
  earlyOrphan: false,
  setOwnerOrphans: true,
  tunOrphans: true,
  tunCharges: true,
  defragCoalesces: false,
  nfqueueZerocopy: false,
  hostQueueCheck: false,
  tapAfterSegment: false,
  skbShift: true,
  spliceClones: false,
  sendpageNeedsSg: true,
  rpcResendCopies: false,
  resetPurges: false,
  espInPlace: false,
  maxSkbFrags: 18,
  rtoInitial: 3_000_000,
  initialCwnd: 3,
};

const v318: Era = {
  ...base,
  id: '3.18',
  expandHead: ExpandHead.CLONED,
  tapAfterSegment: true,
  defragCoalesces: true,
  hostQueueCheck: true,
  rpcResendCopies: true,
  nfqueueZerocopy: true,
  maxSkbFrags: 17,
  rtoInitial: 1_000_000,
  initialCwnd: 10,
};

/** Oldest first. The last of them is what `DEFAULT_ERA` should stay close to: see docs/omissions.md. */
export const ERAS: readonly Era[] = [
  {
    ...base,
    id: '2.6.24',
    setOwnerOrphans: false,
    tunOrphans: false,
    tunCharges: false,
    skbShift: false,
    spliceClones: true,
  },
  { ...base, id: '2.6.32', tunOrphans: false },
  { ...base, id: '2.6.38', expandHead: ExpandHead.FASTPATH, earlyOrphan: true },
  {
    ...base,
    id: '3.2',
    expandHead: ExpandHead.FASTPATH,
    earlyOrphan: true,
    rtoInitial: 1_000_000,
    initialCwnd: 10,
  },
  {
    ...base,
    id: '3.8',
    expandHead: ExpandHead.CLONED,
    tapAfterSegment: true,
    defragCoalesces: true,
    maxSkbFrags: 17,
    rtoInitial: 1_000_000,
    initialCwnd: 10,
  },
  v318,
  { ...v318, id: '6.1', resetPurges: true, espInPlace: true },
];

export const DEFAULT_ERA = '3.8';

/** The era called `id`, or undefined. */
export function eraOf(id: string): Era | undefined {
  return ERAS.find((era) => era.id === id);
}

/** Is release `a` older than release `b`? By number, '2.6.24' before '3.8'. */
export function isBefore(a: string, b: string): boolean {
  return releaseNumber(a) < releaseNumber(b);
}

function releaseNumber(release: string): number {
  const [a = 0, b = 0, c = 0] = release.split('.').map(Number);
  return a * 1_000_000 + b * 1_000 + c;
}
