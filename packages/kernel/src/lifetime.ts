// The seam: the one interface that designs implement. Every design answers two questions, where does the
// loan hang and what keeps it alive, and the interface asks nothing else.
import type { Domain } from './domain.ts';
import type { Era } from './era.ts';
import type { Page } from './mm/page_alloc.ts';
import type { PageHome } from './mm/page_home.ts';
import type { SkbFrag, SkbSharedInfo, SkBuff } from './net/core/skbuff.ts';
import type { Sock } from './net/core/sock.ts';
import type { SlabObject } from './mm/slab.ts';
import { Context } from './probe.ts';
import type { CreateProgram, Over } from './runtime.ts';
import type { SideField } from './side-field.ts';
import { declareState } from './state.ts';

/** Contexts of a loan whose producer takes the news anywhere; and of one whose callback may sleep. */
export const ANY_CONTEXT = 0b1111;
export const PROCESS_ONLY = 1 << Context.PROCESS;

/** The pages of one operation of a producer (an NFS WRITE, a sendfile chunk), lent to the stack. */
export class Loan {
  /** Position in its slab; `gen` tells a reused object apart. */
  slot = 0;
  gen = 0;
  live = false;
  /** Number of the operation in its run, from 1. */
  id = 0;
  /** Holders, for designs that count: 1 at birth, the producer's own, until `released`. */
  refs = 0;
  /** The producer has been told. Written by the machine, never by a design. */
  completed = false;
  /** Which producer, as the machine numbers them, and which of its operations. */
  producer = 0;
  op = 0;
  /** Number among the loans of its producer, from 0: the id of the send call. */
  call = 0;
  /** Contexts in which the producer's callback may run: one bit each, `1 << Context`. */
  contexts = ANY_CONTEXT;
  /** Its pages are under writeback: their file system has set PG_writeback before it sent them. @kernel mm/page-writeback.c set_page_writeback */
  writeback = false;
  /** What could still tell the producer lies behind the end of what drives the run, so its silence is no loss. */
  censored = false;
  /** The processor that touched its count last. */
  cpu = 0;
}

declareState(Loan, {
  lives: true,
  state: 'refs completed producer op call contexts writeback censored',
  elsewhere: 'live',
  name: 'slot gen id',
  count: 'cpu',
});

/** The buffer operation that calls. One bit each: a design can name the sites that its patch hooks. */
export const Site = {
  /** tcp_transmit_skb */
  XMIT: 1,
  /** a packet tap, an error queue, a bridge port: somebody else's clone */
  TAP: 2,
  PSKB_COPY: 4,
  EXPAND_HEAD: 8,
  SPLIT: 16,
  SEGMENT: 32,
  SHIFT: 64,
  COALESCE: 128,
  GRO: 256,
  ZEROCOPY: 512,
  /** tcp_mtu_probe, where it moves frags */
  PROBE: 1024,
  /** skb_gro_receive_list: a whole packet goes on the frag_list */
  GRO_LIST: 2048,
  /** skb_segment: pages of a member of the frag_list */
  SEGMENT_LIST: 4096,
  /** skb_segment: a segment that begins in a member of the frag_list; of the head it has the flags alone */
  SEGMENT_FLAGS: 8192,
  /** pskb_carve: the shared info of a clone is copied as a block */
  CARVE: 16_384,
  /** iptfs_consume_frags: entries of a packet behind those of the one before it */
  IPTFS_CONSUME: 32_768,
} as const;
export type Site = (typeof Site)[keyof typeof Site];

export const SHARE = 0;
export const COPY = 1;
export type CloneAnswer = typeof SHARE | typeof COPY;

/** What the kernel offers to a design. O(1), or O(size) for those that read or copy bytes; counted in the ledger. */
export interface Services {
  /** The kernel that the machine behaves like. */
  readonly era: Era;
  /** One more holder of the loan. */
  hold(loan: Loan): void;
  /** One holder less; the last one completes. */
  drop(loan: Loan): void;
  /** One holder less. True: it was the last, and the design says what follows. */
  decAndTest(loan: Loan): boolean;
  /** The design has looked at `entries` entries of a list, a table or a queue of its own: a cache line each. */
  looked(entries: number): void;
  /** The design has allocated an object of its own: a range, an entry of a table, a ubuf_info. */
  allocated(): void;
  /** The design has called somebody through a pointer that it keeps, beside the one call that `complete` is. */
  called(): void;
  /** Tells the producer, for designs that count nothing. A second call is recorded as a double completion. */
  complete(loan: Loan): void;
  /** A field of its own in one kind of struct, for a design that needs more than the loan slot. */
  sideField<O extends SlabObject, V>(): SideField<O, V>;
  /**
   * Queues for the producer that its send calls `lo` to `hi` are over; it is told when it reads that. A range that
   * continues the last one in the queue makes that one longer.
   */
  notify(producer: number, lo: number, hi: number, copied: boolean): void;
  getPage(page: Page): void;
  putPage(page: Page): void;
  /** The page comes out of its pool, if it is not out already, with one reference of the pool's kind. */
  poolTake(page: Page): void;
  /** One more reference of the pool's kind. */
  poolRef(page: Page): void;
  /** Drops one. True: it was the last, nobody has another kind, and the page is home. */
  poolPut(page: Page): boolean;
  /** A payload-only reference on `shinfo`: dataref += (1,1). */
  getData(shinfo: SkbSharedInfo): void;
  /** The Internet checksum of these bytes, which are read for it. @kernel include/net/checksum.h csum_page */
  csumPage(page: Page, pageOffset: number, size: number): number;
  /** A fresh page with a copy of these bytes at the same offset, one reference held by the caller. */
  copyPage(page: Page, pageOffset: number, size: number): Page;
  /** Appends a frag to `skb`. Takes no reference: the caller's is donated. */
  fillPageDesc(skb: SkBuff, page: Page, pageOffset: number, size: number): SkbFrag;
  /** Gives a shared skb a shared info of its own; the seam is told of it as of any other pskb_expand_head. */
  unshare(skb: SkBuff): void;
  /** All frags of `skb` go on with private copies of their bytes; the seam is told as of any other skb_copy_ubufs. */
  copyUbufs(skb: SkBuff): void;
}

/** One design. `GetPutPage` implements all of it as mainline does; a design overrides what its patch changes. */
export interface PageLifetime {
  /** May this loan go beside what `skb` carries? No: a new skb is started. */
  canAppend(skb: SkBuff, loan: Loan): boolean;
  /**
   * A send call for `loan` begins, or goes on with its next page; `tail`: the packet at the end of the write queue, if it
   * has not been sent.
   */
  begins(loan: Loan, tail: SkBuff | null): void;
  /** sendpage puts one page in: afterwards there is one frag more, with these very bytes, of the page or of a copy. */
  lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void;
  /** Page and offset are contiguous: may one frag entry stand for both lifetimes? */
  mayMerge(frag: SkbFrag, loan: Loan | null): boolean;
  /** It may, and does: `size` bytes of `loan` have become part of `frag`, the last entry of `skb`. */
  merged(skb: SkBuff, frag: SkbFrag, size: number, loan: Loan): void;
  /** May frags of `from` go on in `to` (skb_shift, skb_try_coalesce, GRO)? No: both stay as they are. */
  mayMove(from: SkBuff, to: SkBuff, site: Site): boolean;
  /** sendpage has returned and all of this transmission is queued. Once per transmission. */
  returned(loan: Loan): void;
  /** The producer needs the pages no more itself: it will not lend this loan again. Once per loan. */
  released(loan: Loan): void;
  /** The protocol above answered: once for every answer, and a call that was sent twice has two. */
  replied(loan: Loan): void;
  /**
   * The answer to one transmission of `loan` will never come: its connection is gone, or the peer has thrown the data
   * away. `last`: the protocol gives the operation up with that, and will not send it again.
   */
  unanswered(loan: Loan, last: boolean): void;
  /** Where the kernel says get_page(frag->page). */
  fragRef(shinfo: SkbSharedInfo, frag: SkbFrag): void;
  /** Where the kernel says put_page(frag->page): `skb` lets go, or null, where only its data is left. */
  fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag, skb: SkBuff | null): void;
  /** Where the network says get_page of a page that it keeps outside of a packet: for a pipe, a message, a record. */
  pageRef(page: Page): void;
  /** Where it says put_page of such a page. What a pipe holds the network puts up to 3.13, and fs/ later. */
  pageUnref(page: Page): void;
  /** The page count is 0. True: the design took the page. */
  pageFree(page: Page): boolean;
  /** The page count has fallen to 1: where pages of a device are managed, that is free. @kernel mm/swap.c put_devmap_managed_page (5.10) */
  pageIdle(page: Page): void;
  /**
   * The frags of `skb` are about to be shared: with a clone (XMIT, TAP), or with another shared info
   * (PSKB_COPY, EXPAND_HEAD, SEGMENT). SHARE them, or make it a private COPY (for a clone and pskb_copy; the
   * others share what the skb carries when this returns).
   */
  clone(skb: SkBuff, site: Site): CloneAnswer;
  /**
   * Frags of `parent` went into `child`, whose own `loan` slot is as the kernel's code leaves it: copied by
   * the block copy of pskb_expand_head, untouched elsewhere. `into`: the skb whose data `child` is, or is about to be.
   */
  adopt(parent: SkBuff, child: SkbSharedInfo, site: Site, into: SkBuff): void;
  /** May the stack write over the frags of `skb`, which nobody shares? No: it works on a private copy. */
  mayWriteFrags(skb: SkBuff): boolean;
  /** Where the kernel says skb_orphan_frags(skb): the data is about to be shared or handed on. */
  orphanFrags(skb: SkBuff): void;
  /** Where it says skb_orphan_frags_rx(skb): a receiver may keep the packet as long as it likes. */
  orphanFragsRx(skb: SkBuff): void;
  /** __pskb_pull_tail has copied the last paged byte of `skb` into its head. */
  pagesLeft(skb: SkBuff): void;
  /** skb_copy_ubufs has put private pages in the place of all frags of `skb`, which may have had none. */
  ubufsCopied(skb: SkBuff): void;
  /** dataref is 0: where the kernel lets go of a ubuf_info, behind the frags up to 5.11, before them later. */
  zcopyClear(shinfo: SkbSharedInfo): void;
  /** dataref is 0 and the frags are put; returns whose payload reference to drop next, or null. */
  dataFree(shinfo: SkbSharedInfo): SkbSharedInfo | null;
  /**
   * Where the kernel charges `skb` to the send memory of its socket, and gives it the destructor that takes it back;
   * `from`: the packet that it is a segment of, whose charge goes over to its segments: with the last, it has none left.
   */
  charged(skb: SkBuff, from: SkBuff | null): void;
  /** Where the kernel calls skb->destructor: at free and at skb_orphan. */
  skbDestructor(skb: SkBuff): void;
  /** An skb is freed, and its control block still has what the design put there. */
  cbFound(skb: SkBuff): void;
  /** May the producer, or anybody, write to this page now? No: the writer waits. If that is for ever, and every producer was told, it is *lost*. */
  mayWrite(page: Page): boolean;
  /** The producer goes away with loans still out: does what its callbacks need stay until they are back? */
  keepsOwner(): boolean;
  /** The connection is over and its write queue was purged; clones may still be in flight. */
  closed(sk: Sock): void;
  /** The cumulative ACK moved to `seq`; the skbs that it covers were freed just before. */
  acked(sk: Sock, seq: number): void;
}

/** One field that a design's patch adds to a struct of the kernel. */
export interface AddedField {
  /** By the kernel's name: sk_buff, skb_shared_info, skb_frag_t, page, sock, pipe_buffer, ubuf_info. */
  readonly struct: string;
  readonly name: string;
  readonly type:
    | 'pointer'
    | 'callback'
    | 'unsigned long'
    | 'int'
    | 'unsigned int'
    | 'atomic_t'
    | 'u64'
    | 'u32'
    | 'u16'
    | 'u8'
    | 'bit';
  /** Behind this field, or the first of these that the kernel has; else at the end, a bit beside other bits. */
  readonly after?: string | readonly string[];
  /** An array of so many, or of one for each entry of frags[]. */
  readonly length?: number | 'MAX_SKB_FRAGS';
  /** Into this member, which is wrapped in a struct where the kernel has not done that already. */
  readonly into?: string | readonly string[];
  /** The first release whose struct has it: there it adds nothing to what is laid out. */
  readonly merged?: string;
}

/** What the harness needs to know to make one: the card at the top of each design's file. */
export interface Design {
  readonly id: string;
  readonly title: string;
  readonly year: number;
  /** Who proposed it, where, when; or the kernel path with its version. */
  readonly source: string;
  /** The kernel that its patch was made against, or that it is a transcription of: a modelled era, and how one knows. Default: the default era. */
  readonly era?: { readonly id: string; readonly source: string };
  /** What became of it; considered: nobody asked for it to be merged, and who tells of it says what is against it. */
  readonly status: 'proposed' | 'considered' | 'merged' | 'out-of-tree' | 'practice' | 'canary';
  /** One or two sentences: where the state lives, when it completes. */
  readonly summary: string;
  /** Where the source leaves a detail open: which reading was taken. */
  readonly reading?: string;
  /** It is this design with one thing changed that keeps it from working as its author wrote it; `reading` says what, and why. */
  readonly repairs?: string;
  /** It is this design, its source read another way; `reading` says how. */
  readonly readingOf?: string;
  /** What it was made for; elsewhere it is run all the same, and said to be outside. Default: whatever is lent. */
  readonly domain?: Domain;
  /** Fields that the patch adds to the kernel's structs; `lastref layout` computes what they cost. */
  readonly adds: readonly AddedField[];
  /** Sites that the patch hooks, or'ed. */
  readonly hooks: number;
  /** Pages that it is made for; producers take theirs there. Default: the general free list. */
  readonly home?: PageHome;
  /**
   * Its callback only queues work: a producer that must be told elsewhere is told from a workqueue. 'always': whoever is told, in a
   * step of its own.
   */
  readonly defers?: boolean | 'always';
  /** Where it stands in lists: 1 to 3 the baselines, then those that the sources name first; others follow by id. */
  readonly rank?: number;
  /** What its authors said of it, as rows of the ledger of claims. */
  readonly claims: readonly string[];
  /** It stands for a runtime (`Runtime`): `create` makes mainline's design, and this is how the program sends. */
  readonly over?: Over;
  readonly createProgram?: CreateProgram;
  readonly create: (services: Services) => PageLifetime;
}

/** Mainline up to 3.0: bare page references, and nobody is told anything. */
export class GetPutPage implements PageLifetime {
  protected readonly k: Services;

  constructor(services: Services) {
    this.k = services;
  }

  canAppend(_skb: SkBuff, _loan: Loan): boolean {
    return true;
  }

  begins(_loan: Loan, _tail: SkBuff | null): void {}

  lend(skb: SkBuff, page: Page, pageOffset: number, size: number, _loan: Loan): void {
    this.k.getPage(page);
    this.k.fillPageDesc(skb, page, pageOffset, size);
  }

  mayMerge(_frag: SkbFrag, _loan: Loan | null): boolean {
    return true;
  }

  merged(_skb: SkBuff, _frag: SkbFrag, _size: number, _loan: Loan): void {}

  mayMove(_from: SkBuff, _to: SkBuff, _site: Site): boolean {
    return true;
  }

  returned(_loan: Loan): void {}

  released(_loan: Loan): void {}

  replied(_loan: Loan): void {}

  unanswered(_loan: Loan, _last: boolean): void {}

  fragRef(_shinfo: SkbSharedInfo, frag: SkbFrag): void {
    this.k.getPage(frag.page);
  }

  fragUnref(_shinfo: SkbSharedInfo, frag: SkbFrag, _skb?: SkBuff | null): void {
    this.k.putPage(frag.page);
  }

  pageRef(page: Page): void {
    this.k.getPage(page);
  }

  pageUnref(page: Page): void {
    this.k.putPage(page);
  }

  pageFree(_page: Page): boolean {
    return false;
  }

  pageIdle(_page: Page): void {}

  clone(_skb: SkBuff, _site: Site): CloneAnswer {
    return SHARE;
  }

  adopt(_parent: SkBuff, _child: SkbSharedInfo, _site: Site, _into: SkBuff): void {}

  mayWriteFrags(_skb: SkBuff): boolean {
    return true;
  }

  orphanFrags(_skb: SkBuff): void {}

  orphanFragsRx(skb: SkBuff): void {
    this.orphanFrags(skb); // one function up to 4.13
  }

  pagesLeft(_skb: SkBuff): void {}

  ubufsCopied(_skb: SkBuff): void {}

  zcopyClear(_shinfo: SkbSharedInfo): void {}

  dataFree(_shinfo: SkbSharedInfo): SkbSharedInfo | null {
    return null;
  }

  charged(_skb: SkBuff, _from: SkBuff | null): void {}

  skbDestructor(_skb: SkBuff): void {}

  cbFound(_skb: SkBuff): void {}

  mayWrite(_page: Page): boolean {
    return true;
  }

  keepsOwner(): boolean {
    return false;
  }

  closed(_sk: Sock): void {}

  acked(_sk: Sock, _seq: number): void {}
}
