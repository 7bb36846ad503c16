// The parts of one machine that every layer shares: memory, slabs, the ledger, the seam, the agenda.
import { Agenda, Halt } from './agenda.ts';
import type { Era } from './era.ts';
import { Halted, KernelBug, NoMemory, Unreadable } from './errors.ts';
import { DeviceFaults } from './fault.ts';
import type { Holder } from './holders.ts';
import {
  Cost,
  KMALLOC_CLASSES,
  KMALLOC_MAX_CLASS,
  KMALLOC_MIN_SHIFT,
  Ledger,
  PLAIN_STRUCTS,
  Side,
  lines,
  type StructSizes,
} from './ledger.ts';
import {
  ANY_CONTEXT,
  GetPutPage,
  Loan,
  type Design,
  type PageLifetime,
  type Services,
  type Site,
} from './lifetime.ts';
import { checksumAdd, checksumFold } from './lib/checksum.ts';
import { Slab, type SlabObject } from './mm/slab.ts';
import { Page, PAGE_SIZE, allocPage, getPage, putPage } from './mm/page_alloc.ts';
import { ZerocopyQueue } from './net/core/msg_zerocopy.ts';
import { PagePool, pagePoolPut, pagePoolRef, pagePoolTake } from './net/core/page_pool.ts';
import { chargedClass } from './net/core/skb_alloc.ts';
import { pskbExpandHead } from './net/core/skb_head.ts';
import { skbCopyUbufs } from './net/core/skb_private.ts';
import { SkbSharedInfo, SkBuff, skbCloned, type SkbFrag } from './net/core/skbuff.ts';
import { Context, type Probe } from './probe.ts';
import { SideField } from './side-field.ts';
import { Workqueue } from './workqueue.ts';
import { declareState } from './state.ts';

const { DESIGN_REF, DESIGN_REF_AWAY } = Cost;

/** Told when a loan completes: the producers. */
export interface CompletionSink {
  loanCompleted(loan: Loan): void;
}

/** One modelled machine room: two hosts may share it, as bytes are all that passes between them. */
export class Kernel implements Services {
  readonly era: Era;
  readonly design: Design;
  readonly lifetime: PageLifetime;
  readonly probe: Probe;
  /**
   * Hears by its kernel name of every operation on fragments as it begins, and on which packet; null: nobody listens,
   * and an operation costs one comparison more.
   */
  onOperation: ((name: string, skb: SkBuff) => void) | null = null;
  readonly ledger = new Ledger();
  /** `ledger.counts`, one load nearer. */
  readonly cost = this.ledger.counts;
  readonly agenda = new Agenda();
  /** Page frames and kmalloc'ed heads, in the order in which they were first asked for. */
  mem: Uint8Array;
  readonly frames: number;
  readonly pages = new Slab<Page>('page', () => new Page());
  readonly skbs = new Slab<SkBuff>('skbuff_head_cache', () => new SkBuff(), 0, 3);
  readonly fclones = new Slab<SkBuff>(
    'skbuff_fclone_cache',
    () => {
      const orig = new SkBuff();
      const child = new SkBuff();
      orig.pair = child;
      child.pair = orig;
      return orig;
    },
    1,
    3,
  );
  readonly shinfos = new Slab<SkbSharedInfo>('skb_shared_info', () => new SkbSharedInfo());
  readonly loans = new Slab<Loan>('loan', () => new Loan());
  /** Whose traffic the current step serves: an offset into `cost`. */
  side: Side = Side.LENT;
  /** Where the current step runs. */
  context: Context = Context.PROCESS;
  /** Data areas, queues and pages released and parts of packets read so far: the judge asks its witnesses again only when this moved. */
  releases = 0;
  producers: CompletionSink | null = null;
  readonly pagePool = new PagePool();
  /** Made when the first work is queued. */
  workqueue: Workqueue | null = null;
  /** By producer, made when the first notification is queued. */
  readonly zerocopyQueues: (ZerocopyQueue | undefined)[] = [];
  /** The loans of each producer, by the number of the send call. */
  private readonly calls: Loan[][] = [];
  /** Every place where packets or pages can wait. */
  readonly holders: Holder[] = [];
  /** Streams that were given a number, and who pays for each. */
  flows = 0;
  private readonly flowSides: Side[] = [Side.LENT];
  /** The next IP id. */
  ipIds = 1;
  private loanIds = 0;
  private heads: number[][] = Array.from({ length: KMALLOC_MAX_CLASS + 1 }, () => []);
  private brk = 0;
  private framesTaken = 0;

  /** Whoever copies a shared info copies the design's record in it, too. */
  readonly copiesSlot: boolean;
  /** Hooks on the way of every packet that few designs have: asked once, and called for those. */
  readonly hearsIdle: boolean;
  readonly hearsCharge: boolean;

  /** What the ledger takes structs for, and the lines of an sk_buff. */
  readonly structs: StructSizes;
  readonly skbLines: number;

  /** `mem`: of a machine that is gone; what stands in it does not matter. */
  constructor(
    design: Design,
    era: Era,
    probe: Probe,
    frames = 4096,
    mem?: Uint8Array,
    structs = PLAIN_STRUCTS,
  ) {
    this.design = design;
    this.era = era;
    this.probe = probe;
    this.frames = frames;
    this.structs = structs;
    this.skbLines = lines(structs.skBuff);
    this.mem = mem ?? new Uint8Array(Math.min(1 << 20, 2 * frames * PAGE_SIZE));
    this.copiesSlot = !(era.copiesUsedFrags && slotBehindFrags(design));
    this.lifetime = design.create(this);
    this.hearsIdle = this.lifetime.pageIdle !== GetPutPage.prototype.pageIdle;
    this.hearsCharge = this.lifetime.charged !== GetPutPage.prototype.charged;
  }

  /** A number for a new stream, charged to `side`. */
  newFlow(side: Side): number {
    this.flowSides.push(side);
    return ++this.flows;
  }

  sideOf(flow: number): Side {
    return this.flowSides[flow] ?? Side.LENT;
  }

  // --- memory ---

  /** Allocations asked for so far. */
  allocations = 0;
  /** Times that the design said no to what the stack was about to do with a packet; or was told no, where it would copy. */
  refusals = 0;
  /** Some page stands for memory of a device. */
  hasNetIov = false;
  /** The allocation that fails, counted from here: 1 is the next; 0: none. */
  failIn = 0;

  readonly deviceFaults = new DeviceFaults();

  /** Every allocation passes here before anything changes. Throws NoMemory when it is its turn to fail. */
  mayFail(): void {
    this.allocations++;
    if (this.failIn !== 0 && --this.failIn === 0) throw new NoMemory('an allocation failed');
  }

  /** Bytes of memory that somebody has or has had: those in front. */
  get reached(): number {
    return this.brk;
  }

  /** Bytes of data areas in use. */
  get headBytes(): number {
    const free = this.heads.reduce(
      (sum, list, cls) => sum + (list.length << (cls + KMALLOC_MIN_SHIFT)),
      0,
    );
    return this.brk - this.framesTaken * PAGE_SIZE - free;
  }

  /**
   * Offset of `1 << (9 + cls)` bytes, which cost what one of class `charged` costs. What no slab has is whole pages, a
   * power of two of them as well. Throws NoMemory where they would be too many.
   * @kernel mm/slub.c kmalloc; mm/slab_common.c kmalloc_order (5.10), kmalloc_large (6.1)
   */
  kmalloc(cls: number, charged = cls): number {
    if (cls > KMALLOC_MAX_CLASS) throw new NoMemory(`no block of 512 << ${cls} bytes`);
    const size = 1 << (cls + KMALLOC_MIN_SHIFT);
    this.cost[this.side + Cost.KMALLOC + Math.min(charged, KMALLOC_CLASSES - 1)]!++;
    const free = this.heads[cls]!.pop();
    if (free !== undefined) return free;
    return this.reserve(size);
  }

  /** Gives a page its frame, which it keeps. */
  giveFrame(page: Page): void {
    this.framesTaken++;
    page.address = this.reserve(PAGE_SIZE);
  }

  private reserve(size: number): number {
    const address = this.brk;
    this.brk += size;
    if (this.brk > this.mem.length) this.growMemory();
    return address;
  }

  kfree(address: number, cls: number): void {
    this.heads[cls]!.push(address);
  }

  /** The processor copies bytes; overlapping is not expected. */
  copyBytes(to: number, from: number, size: number): void {
    this.mem.copyWithin(to, from, from + size);
    this.cost[this.side + Cost.COPIED_BYTES]! += size;
    this.cost[this.side + Cost.CACHE_LINES]! += 2 * lines(size);
  }

  private growMemory(): void {
    const bigger = new Uint8Array(this.mem.length * 2);
    bigger.set(this.mem);
    this.mem = bigger;
  }

  // --- loans ---

  /**
   * A loan of operation `op` of `producer`, with the producer's own hold on it. `contexts`: where its callback may
   * run, one bit each.
   */
  newLoan(producer: number, op: number, contexts = ANY_CONTEXT): Loan {
    const calls = (this.calls[producer] ??= []);
    const loan = this.loans.alloc();
    loan.id = ++this.loanIds;
    loan.refs = 1;
    loan.completed = false;
    loan.producer = producer;
    loan.op = op;
    loan.call = calls.push(loan) - 1;
    loan.contexts = contexts;
    loan.writeback = false;
    loan.censored = false;
    loan.cpu = this.cpu;
    return loan;
  }

  /** The loan of a producer's n-th send call, or undefined. */
  loanOf(producer: number, call: number): Loan | undefined {
    return this.calls[producer]?.[call];
  }

  /** Where news for producers waits, in a workqueue or an error queue: a place on the agenda, or -1. */
  newsPlace(): number {
    const { agenda, workqueue } = this;
    if (workqueue !== null && agenda.isArmed(workqueue.place)) return workqueue.place;
    for (const queue of this.zerocopyQueues) {
      if (queue !== undefined && agenda.isArmed(queue.place)) return queue.place;
    }
    return -1;
  }

  /** The producer goes away without waiting for its loans. */
  ownerLeaves(producer: number): void {
    const waits = this.calls[producer]?.some((loan) => !loan.completed) ?? false;
    this.probe.ownerLeaves(producer, waits && !this.lifetime.keepsOwner());
  }

  /** The producer's own use of the pages is over: it will not lend them again for this loan. */
  release(loan: Loan): void {
    this.probe.released(loan);
    this.lifetime.released(loan);
  }

  // --- the services of the seam ---

  /**
   * Which processor of a host runs the current step. Model: there are two. System calls, and readers and writers in
   * process context, run on the first; softirqs and interrupts of its devices and timers on the second.
   */
  get cpu(): number {
    return this.context === Context.PROCESS ? 0 : 1;
  }

  /** Points until a step of the other processor comes in; 0: none does. */
  countdown = 0;

  /** Here it may: before a locked operation on a count that others share. */
  point(): void {
    if (this.countdown === 0) return;
    const { agenda } = this;
    if (agenda.passing !== null) agenda.passing.pass();
    if (--this.countdown === 0) agenda.atPoint();
  }

  /** Somebody waits for ever. Throws Halted. */
  stuck(text: string): never {
    this.agenda.halted = Halt.STUCK;
    this.probe.stuck(text);
    throw new Halted(null);
  }

  hold(loan: Loan): void {
    this.point();
    loan.refs++;
    this.referred(loan);
  }

  drop(loan: Loan): void {
    this.point();
    this.referred(loan);
    if (--loan.refs <= 0) this.complete(loan);
  }

  /** A locked operation on a count of the design's. */
  private referred(o: Loan | SkbSharedInfo): void {
    this.cost[this.side + (o.cpu === this.cpu ? DESIGN_REF : DESIGN_REF_AWAY)]!++;
    o.cpu = this.cpu;
  }

  looked(entries: number): void {
    this.cost[this.side + Cost.LOOKED]! += entries;
  }

  allocated(): void {
    this.cost[this.side + Cost.ALLOC_DESIGN]!++;
  }

  called(): void {
    this.cost[this.side + Cost.INDIRECT_CALLS]!++;
  }

  decAndTest(loan: Loan): boolean {
    this.point();
    this.referred(loan);
    return --loan.refs <= 0;
  }

  complete(loan: Loan): void {
    const { defers } = this.design;
    if (defers === 'always' || (defers === true && (loan.contexts & (1 << this.context)) === 0)) {
      this.workqueue ??= new Workqueue(this);
      this.workqueue.queue(loan);
    } else this.completeNow(loan);
  }

  completeNow(loan: Loan): void {
    this.cost[this.side + Cost.INDIRECT_CALLS]!++;
    this.cost[this.side + Cost.COMPLETIONS]!++;
    this.probe.completed(loan);
    if (loan.completed) return;
    loan.completed = true;
    this.producers?.loanCompleted(loan);
  }

  /** What the design has added to structs. */
  readonly sideFields: SideField<SlabObject, unknown>[] = [];

  sideField<O extends SlabObject, V>(): SideField<O, V> {
    const field = new SideField<O, V>();
    this.sideFields.push(field);
    return field;
  }

  notify(producer: number, lo: number, hi: number, copied: boolean): void {
    // the ubuf_info stands in an skb that was allocated for the call [sock_zerocopy_alloc, sock_zerocopy_callback, 4.14]
    this.cost[this.side + Cost.ALLOC_SKB]!++;
    this.cost[this.side + Cost.KMALLOC + chargedClass(this, 0)]!++;
    this.cost[this.side + Cost.ATOMIC_DESIGN]! += NOTIFICATION_LOCKED;
    const queue = (this.zerocopyQueues[producer] ??= new ZerocopyQueue(this, producer));
    queue.push(lo, hi, copied);
  }

  getPage(page: Page): void {
    getPage(this, page);
  }

  putPage(page: Page): void {
    putPage(this, page);
  }

  poolTake(page: Page): void {
    if (page.ppRefs === 0) pagePoolTake(this, page);
  }

  poolRef(page: Page): void {
    pagePoolRef(this, page);
  }

  poolPut(page: Page): boolean {
    return pagePoolPut(this, page);
  }

  getData(shinfo: SkbSharedInfo): void {
    this.point();
    shinfo.dataref += (1 << 16) + 1;
    this.referred(shinfo);
  }

  csumPage(page: Page, pageOffset: number, size: number): number {
    this.cost[this.side + Cost.CACHE_LINES]! += lines(size);
    return checksumFold(checksumAdd(this.mem, page.address + pageOffset, size, 0));
  }

  copyPage(page: Page, pageOffset: number, size: number): Page {
    if (page.netIov) {
      this.refusals++;
      throw new Unreadable('copy of a page: memory of a device');
    }
    const copy = allocPage(this);
    copy.writes++;
    this.copyBytes(copy.address + pageOffset, page.address + pageOffset, size);
    this.cost[this.side + Cost.COPIED_PAYLOAD]! += size;
    this.probe.copied(page);
    return copy;
  }

  fillPageDesc(skb: SkBuff, page: Page, pageOffset: number, size: number): SkbFrag {
    const shinfo = skb.shinfo;
    const frag = shinfo.frags[shinfo.nrFrags];
    if (frag === undefined || shinfo.nrFrags >= this.era.maxSkbFrags) {
      throw new KernelBug(`skb#${skb.slot} has no room for a frag beyond ${shinfo.nrFrags}`);
    }
    shinfo.nrFrags++;
    frag.page = page;
    frag.pageOffset = pageOffset;
    frag.size = size;
    frag.loan = null;
    return frag;
  }

  unshare(skb: SkBuff): void {
    if (skbCloned(skb)) pskbExpandHead(this, skb, 0, 0);
  }

  copyUbufs(skb: SkBuff): void {
    skbCopyUbufs(this, skb);
  }

  // --- questions to the design, whose refusals are counted ---

  mayMove(from: SkBuff, to: SkBuff, site: Site): boolean {
    const may = this.lifetime.mayMove(from, to, site);
    if (!may) this.refusals++;
    return may;
  }

  canAppend(skb: SkBuff, loan: Loan): boolean {
    const can = this.lifetime.canAppend(skb, loan);
    if (!can) this.refusals++;
    return can;
  }
}

/** sk_omem_alloc, sk_zckey and a reference on the socket; the lock of the error queue, and the reference again. */
const NOTIFICATION_LOCKED = 5;

/**
 * Does the design's record in the shared info stand behind frags[]? There nothing reaches it but its own code, once the
 * kernel copies no more than the frags in use.
 */
function slotBehindFrags({ adds }: Design): boolean {
  const behind = new Set(['frags']);
  for (const { struct, name, after } of adds) {
    if (struct !== 'skb_shared_info') continue;
    const places = after === undefined ? ['frags'] : typeof after === 'string' ? [after] : after;
    if (places.some((place) => behind.has(place))) behind.add(name);
  }
  return behind.size > 1;
}

declareState(Kernel, {
  state: 'agenda countdown hasNetIov failIn deviceFaults holders producers',
  constant:
    'era design probe copiesSlot hearsIdle hearsCharge structs skbLines onOperation ledger cost frames pages skbs fclones shinfos loans sideFields',
  elsewhere: 'lifetime mem workqueue zerocopyQueues pagePool calls flows flowSides side context',
  name: 'ipIds loanIds',
  count: 'releases allocations refusals',
  spare: 'heads brk framesTaken',
  also: (k, sink) => sink.design(k.lifetime),
});
