// sk_buff, skb_shared_info and frags: the structs, and what can be read off them.
// Model: a data buffer and the shared info at its end are one object, as nothing here depends on the address.
import { KernelBug } from '../../errors.ts';
import type { Loan } from '../../lifetime.ts';
import { POISON_PAGE, type Page } from '../../mm/page_alloc.ts';
import type { Sock } from './sock.ts';
import { declareState, type StateSink } from '../../state.ts';

/** Slots in every shared info; an era may allow fewer. @kernel include/linux/skbuff.h MAX_SKB_FRAGS */
export const MAX_SKB_FRAGS = 18;
/** Bytes of skb_shared_info on x86-64, behind every data area. */
export const SHINFO_BYTES = 320;
export const SK_BUFF_BYTES = 232;

/** One payload-only reference: t in the low half, p in the high half. */
export const DATAREF_SHIFT = 16;
export const PAYLOAD_REF = (1 << DATAREF_SHIFT) + 1;

/** skb->fclone. @kernel include/linux/skbuff.h SKB_FCLONE_* */
export const Fclone = { UNAVAILABLE: 0, ORIG: 1, CLONE: 2 } as const;

/** skb->destructor. A number in place of a function pointer, so that a state is plain data. */
export const Destructor = {
  NONE: 0,
  /** charged to the socket's send memory */
  SOCK_WFREE: 1,
  /** charged to the socket's receive memory */
  SOCK_RFREE: 2,
  /** put there by a design */
  DESIGN: 3,
} as const;

/** skb->ip_summed */
export const Checksum = { NONE: 0, UNNECESSARY: 1, PARTIAL: 3 } as const;

/** skb_frag_t */
export class SkbFrag {
  page: Page = POISON_PAGE;
  pageOffset = 0;
  size = 0;
  /** The design's slot, next to the page pointer: travels with every copy of the entry. */
  loan: Loan | null = null;
}

declareState(SkbFrag, { state: 'page pageOffset size loan' });

/** Copies one entry as `frags[i] = frags[j]` does. */
export function copyFrag(to: SkbFrag, from: SkbFrag): void {
  to.page = from.page;
  to.pageOffset = from.pageOffset;
  to.size = from.size;
  to.loan = from.loan;
}

/** One by one: the most frequent objects of a machine are made a fifth as long as by Array.from. */
function emptyFrags(): SkbFrag[] {
  const frags: SkbFrag[] = [];
  for (let i = 0; i < MAX_SKB_FRAGS; i++) frags.push(new SkbFrag());
  return frags;
}

/** A data area of `1 << (9 + cls)` bytes at `head`, and struct skb_shared_info behind it. */
export class SkbSharedInfo {
  slot = 0;
  gen = 0;
  live = false;
  head = 0;
  cls = 0;
  /** skb->head_frag: the data area is this page, whose reference it has; null: it is kmalloc'ed. */
  headPage: Page | null = null;
  /** First byte behind the data area. */
  end = 0;
  /** skb_shared_info.dataref: (t, p) in two halves. */
  dataref = 0;
  nrFrags = 0;
  readonly frags: SkbFrag[] = emptyFrags();
  fragList: SkBuff | null = null;
  gsoSize = 0;
  gsoSegs = 0;
  /**
   * SKBFL_SHARED_FRAG where the stack sets it by itself, whoever lent. A lender's own marker is its design's.
   * Model: a block copy has it, no helper carries it to another shared info.
   */
  marked = false;
  /** The same where a sender of the kernel lent, whatever its design: net/core/shared_frag.ts. */
  lentMark = false;
  /** SKBFL_MANAGED_FRAG_REFS: its entries have no reference on their pages. See net/core/managed_frag.ts. */
  managed = false;
  /** The design's slot: an owner record of the data. */
  loan: Loan | null = null;
  /** The processor that touched dataref last. */
  cpu = 0;
}

declareState(SkbSharedInfo, {
  lives: true,
  state: 'cls headPage dataref nrFrags fragList gsoSize gsoSegs marked lentMark managed loan',
  elsewhere: 'live frags',
  name: 'slot gen head end',
  count: 'cpu',
  also(shinfo, sink) {
    // the entries behind them keep what an earlier life left there
    for (let i = 0; i < shinfo.nrFrags; i++) sink.value(shinfo.frags[i]);
  },
});

/** struct sk_buff. Positions are offsets into the machine's memory. */
export class SkBuff {
  slot = 0;
  gen = 0;
  live = false;
  next: SkBuff | null = null;
  prev: SkBuff | null = null;
  sk: Sock | null = null;
  shinfo: SkbSharedInfo = POISON_SHINFO;
  users = 0;
  /** Bytes in all, and of them in frags and frag_list. */
  len = 0;
  dataLen = 0;
  data = 0;
  tail = 0;
  truesize = 0;
  cloned = 0;
  nohdr = 0;
  hdrLen = 0;
  fclone: number = Fclone.UNAVAILABLE;
  /** fclone_ref, counted on the original. */
  fcloneRef = 0;
  /** The other half of a fast-clone pair. */
  pair: SkBuff | null = null;
  destructor: number = Destructor.NONE;
  ipSummed: number = Checksum.NONE;
  /** Partial sum of the payload, where software sums it piece by piece. */
  csum = 0;
  /** The design's slot: an owner record of this sk_buff alone. Not copied by a clone. */
  loan: Loan | null = null;
  /** The design's slot in skb->cb: copied by a clone, overwritten by the next layer. */
  cb: Loan | null = null;
  /** skb->pp_recycle: its frags go back to their page pool. Goes along with a clone only. */
  ppRecycle = 0;
  /** Bytes of protocol headers now at `data`, in front of the payload. */
  headers = 0;
  /** Which stream the payload belongs to (a number that the machine gave to the sender), 0: none. */
  flow = 0;
  /** TCP_SKB_CB: first stream byte of the payload, and one past the last sequence number used. */
  seq = 0;
  endSeq = 0;
  tcpFlags = 0;
  sacked = 0;
  /** Packets that this skb counts for in TCP's accounts. */
  pcount = 1;
  /** When it was sent last, in ticks. */
  when = 0;
  /** A device has read it, and is the last to have it: nobody looks at its bytes any more. */
  isSpent = false;
}

/** Bytes of an IP header that only name the packet, or sum up the others: identification and checksum. */
const NAMING = [4, 5, 10, 11];
const IP_HEADER = 20;

/** TCP's time stamps, where they stand behind a header without other options: points in time. */
const TIMES = IP_HEADER + 24;
const TIMES_END = TIMES + 8;
/** Two bytes of padding, the option's kind and its length. @kernel net/ipv4/tcp_output.c tcp_options_write */
const TIMES_MARK = [1, 1, 8, 10];
const IPPROTO_AT = 9;
const IPPROTO_TCP = 6;

function hasTimes(sink: StateSink, at: number): boolean {
  if (sink.byteAt(at + IPPROTO_AT) !== IPPROTO_TCP) return false;
  return TIMES_MARK.every((byte, i) => sink.byteAt(at + TIMES - TIMES_MARK.length + i) === byte);
}

declareState(SkBuff, {
  lives: true,
  state:
    'users len dataLen truesize cloned nohdr hdrLen fclone fcloneRef destructor ipSummed csum headers flow seq endSeq ' +
    'tcpFlags sacked pcount ppRecycle sk loan cb pair shinfo next',
  elsewhere: 'live prev data tail isSpent',
  moment: 'when',
  name: 'slot gen',
  also(skb, sink) {
    sink.number(skb.data - skb.shinfo.head);
    if (skb.isSpent) return;
    const linear = skb.tail - skb.data;
    const ip = skb.headers >= IP_HEADER && linear >= IP_HEADER ? IP_HEADER : 0;
    for (let i = 0; i < ip; i++) if (!NAMING.includes(i)) sink.number(sink.byteAt(skb.data + i));
    const times = skb.headers >= TIMES_END && linear >= TIMES_END && hasTimes(sink, skb.data);
    if (times) sink.bytes(skb.data + ip, TIMES - ip);
    const rest = times ? TIMES_END : ip;
    sink.bytes(skb.data + rest, linear - rest);
  },
});

/** Stands where an skb has no data any more. */
export const POISON_SHINFO: SkbSharedInfo = Object.assign(new SkbSharedInfo(), { slot: -1 });

/** `skb_shinfo(skb)->frags[i]`. */
export function fragAt(shinfo: SkbSharedInfo, i: number): SkbFrag {
  const frag = shinfo.frags[i];
  if (frag === undefined) throw new KernelBug(`frag ${i} of shinfo#${shinfo.slot}`);
  return frag;
}

/** Users of the whole data. @kernel include/linux/skbuff.h skb_cloned */
export function skbCloned(skb: SkBuff): boolean {
  return skb.cloned !== 0 && (skb.shinfo.dataref & 0xffff) !== 1;
}

/** Users of the header. @kernel include/linux/skbuff.h skb_header_cloned */
export function skbHeaderCloned(skb: SkBuff): boolean {
  const { dataref } = skb.shinfo;
  return skb.cloned !== 0 && (dataref & 0xffff) - (dataref >>> DATAREF_SHIFT) !== 1;
}

/** Bytes in the linear area. @kernel include/linux/skbuff.h skb_headlen */
export function skbHeadlen(skb: SkBuff): number {
  return skb.len - skb.dataLen;
}

export function skbHeadroom(skb: SkBuff): number {
  return skb.data - skb.shinfo.head;
}

export function skbTailroom(skb: SkBuff): number {
  return skb.dataLen !== 0 ? 0 : skb.shinfo.end - skb.tail;
}

/** What a packet counts for without its pages. @kernel include/linux/skbuff.h SKB_TRUESIZE */
export function skbTruesize({ shinfo }: SkBuff): number {
  return shinfo.end - shinfo.head + SK_BUFF_BYTES + SHINFO_BYTES;
}

/** What an ACK without data counts for, and is known by. @kernel include/net/tcp.h skb_set_tcp_pure_ack, skb_is_tcp_pure_ack (4.2) */
export const PURE_ACK_TRUESIZE = 2;

export function isPureAck(skb: SkBuff): boolean {
  return skb.truesize === PURE_ACK_TRUESIZE;
}

/** Stream position of the first byte in frags. */
export function fragSeq(skb: SkBuff): number {
  return (skb.seq + skbHeadlen(skb) - skb.headers) | 0;
}
