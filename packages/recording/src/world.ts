// The sightings of a recording in order: which sk_buff has which head, which head has which pages, and so who can read what.
// Goal: truth as far as it was recorded. Non-goal: reference counts; none is looked at.
import { RecordingError, type RecordedEvent, type Sighting } from './events.ts';
import { laneOfDevice, siteOf } from './sites.ts';

const PAGE = 4096;
/** Holders that are kept for all changes of all pages: so many are in no recording of what a kernel did. */
const KEPT_MAX = 1 << 23;
/** sizeof(struct page) on x86-64: the next page of a compound one. */
const STRUCT_PAGE = 64n;

/** An sk_buff as it was seen last. */
export interface Holder {
  readonly skb: string;
  readonly head: string;
  readonly lane: string;
  readonly task: string;
}

/** What one event did to one page. */
export interface Change {
  readonly event: RecordedEvent;
  /** Number of the event, from 1. */
  readonly n: number;
  readonly before: ReadonlyMap<string, Holder>;
  readonly after: ReadonlyMap<string, Holder>;
}

/** A page from the moment at which its owner puts it into a packet; the same page lent again is another one. */
export class Buffer {
  readonly page: string;
  readonly ubuf: string | null;
  readonly changes: Change[] = [];
  /** Events that read from a packet with it. */
  readonly reads: { readonly n: number; readonly event: Sighting; readonly lane: string }[] = [];
  told: {
    readonly n: number;
    readonly event: RecordedEvent;
    readonly holders: readonly Holder[];
  } | null = null;
  /** Somebody was seen with it behind that. */
  afterTold: Change | null = null;
  /** Its owner was seen to lend it; else it was in packets when the recording began, or is the stack's own. */
  readonly lent: boolean;

  constructor(page: string, ubuf: string | null, lent: boolean) {
    this.page = page;
    this.ubuf = ubuf;
    this.lent = lent;
  }

  get holders(): ReadonlyMap<string, Holder> {
    return this.changes.at(-1)?.after ?? new Map<string, Holder>();
  }
}

export class World {
  readonly buffers: Buffer[] = [];
  /** Sightings of sk_buffs whose head or pages were not recorded. */
  headless = 0;
  pageless = 0;
  private kept = 0;
  private readonly skbs = new Map<string, Holder>();
  /** The same by head. */
  private readonly skbsOf = new Map<string, Map<string, Holder>>();
  private readonly pagesOf = new Map<string, ReadonlySet<string>>();
  private readonly headsOf = new Map<string, Set<string>>();
  private readonly current = new Map<string, Buffer>();
  /** What each processor saw last, but for clones: the clone that comes next is for that. */
  private readonly lastOn = new Map<number, Sighting>();

  constructor(events: readonly RecordedEvent[]) {
    const taken = new Set<number>();
    events.forEach((event, i) => {
      if (taken.has(i)) return;
      if (event.kind === 'told') {
        this.tell(event, i + 1);
        return;
      }
      const next = nextOn(events, i, event.cpu);
      const follows = next < 0 ? undefined : events[next]!;
      if (follows?.kind !== 'skb') {
        this.see([event], i + 1);
      } else if (
        event.role !== 'only' &&
        follows.site === event.site &&
        follows.role !== event.role
      ) {
        taken.add(next); // both of one call, in whichever order they were printed
        this.see(event.role === 'first' ? [event, follows] : [follows, event], i + 1);
      } else if (!letsGoOfOldHead(event, follows)) {
        this.see([event], i + 1);
      }
    });
  }

  private tell(event: RecordedEvent & { kind: 'told' }, n: number): void {
    for (const b of this.current.values())
      if (b.ubuf === event.ubuf && b.told === null)
        b.told = { n, event, holders: [...b.holders.values()] };
  }

  /** One sk_buff, or the two of one call: what they have afterwards. */
  private see(seen: readonly Sighting[], n: number): void {
    const before = new Map<string, ReadonlyMap<string, Holder>>();
    const touches = (page: string): void => {
      if (!before.has(page))
        before.set(page, this.current.get(page)?.holders ?? new Map<string, Holder>());
    };
    for (const s of seen) {
      const known = this.skbs.get(s.skb);
      const head = s.head ?? known?.head ?? null;
      if (s.head === null && s.site !== 'net_dev_start_xmit') this.headless++;
      if (head === null) continue;
      if (s.frags === null && s.head !== null) this.pageless++;
      for (const page of this.pagesOf.get(known?.head ?? head) ?? []) touches(page);
      for (const page of this.pagesOf.get(head) ?? []) touches(page);
      const card = siteOf(s.site);
      const fresh = known?.head !== head && (card?.does === 'heads' || card?.does === 'lends');
      if (fresh) this.forget(head);
      if (s.frags !== null) this.fill(s, head, touches);
      if (card?.does === 'frees' || s.frags?.length === 0) this.drop(s.skb);
      else {
        const lane = this.laneOf(s, seen, known);
        this.put({ skb: s.skb, head, lane, task: s.task });
      }
      if (card?.does === 'reads')
        for (const page of this.pagesOf.get(head) ?? [])
          this.current.get(page)?.reads.push({ n, event: s, lane: known?.lane ?? s.site });
    }
    const [first] = seen;
    for (const [page, was] of before) this.note(page, first!, n, was);
    if (siteOf(first!.site)?.does !== 'shares') this.lastOn.set(first!.cpu, first!);
  }

  /** The memory of this head was allocated anew: who had the old one has been freed, where nothing was recorded. */
  private forget(head: string): void {
    for (const skb of this.skbsOf.get(head)?.keys() ?? []) this.drop(skb);
    for (const page of this.pagesOf.get(head) ?? []) this.headsOf.get(page)?.delete(head);
    this.pagesOf.delete(head);
  }

  private drop(skb: string): void {
    const holder = this.skbs.get(skb);
    if (holder === undefined) return;
    this.skbs.delete(skb);
    this.skbsOf.get(holder.head)?.delete(skb);
  }

  private put(holder: Holder): void {
    const { skb, head } = holder;
    if (this.skbs.get(skb)?.head !== head) this.drop(skb);
    this.skbs.set(skb, holder);
    const there = this.skbsOf.get(head);
    if (there === undefined) this.skbsOf.set(head, new Map([[skb, holder]]));
    else there.set(skb, holder);
  }

  private fill(s: Sighting, head: string, touches: (page: string) => void): void {
    const had = this.pagesOf.get(head) ?? new Set<string>();
    const pages = new Set(s.frags!.flatMap(framesOf));
    for (const page of pages) {
      const there = this.current.get(page);
      const lent = siteOf(s.site)?.does === 'lends' && s.role !== 'first' && !had.has(page);
      // lent anew, once nobody has it from before
      const anew = lent && (there?.holders.size === 0 || there?.told !== null);
      if (there === undefined || anew) {
        const buffer = new Buffer(page, s.ubuf, lent);
        this.current.set(page, buffer);
        this.buffers.push(buffer);
      }
      touches(page);
    }
    for (const page of had) if (!pages.has(page)) this.headsOf.get(page)?.delete(head);
    for (const page of pages) {
      const heads = this.headsOf.get(page);
      if (heads === undefined) this.headsOf.set(page, new Set([head]));
      else heads.add(head);
    }
    this.pagesOf.set(head, pages);
  }

  private note(page: string, event: Sighting, n: number, was: ReadonlyMap<string, Holder>): void {
    const buffer = this.current.get(page);
    if (buffer === undefined) return;
    const heads = [...(this.headsOf.get(page) ?? [])];
    const after = new Map(heads.flatMap((head) => [...(this.skbsOf.get(head) ?? [])]));
    if (same(was, after)) return;
    this.kept += after.size;
    if (this.kept > KEPT_MAX)
      throw new RecordingError(
        `line ${event.line}: up to here more packets have had more pages than fit into memory; a shorter recording is wanted`,
      );
    const change: Change = { event, n, before: was, after };
    buffer.changes.push(change);
    const joins = [...after.keys()].some((skb) => !was.has(skb));
    if (buffer.told !== null && joins) buffer.afterTold ??= change;
  }

  private laneOf(s: Sighting, seen: readonly Sighting[], known: Holder | undefined): string {
    const card = siteOf(s.site);
    if (s.site === 'net_dev_start_xmit') return laneOfDevice(s.device);
    if (card !== undefined && card.lane !== 'same') return card.lane;
    if (s.role === 'other' && card?.does === 'shares') return this.laneOfClone(s);
    if (s.role === 'other' && known === undefined)
      return this.skbs.get(seen[0]?.skb ?? '')?.lane ?? 'elsewhere';
    return known?.lane ?? 'elsewhere';
  }

  /** TCP clones what it transmits; a packet socket what it cannot have for itself. */
  private laneOfClone(s: Sighting): string {
    const last = this.lastOn.get(s.cpu);
    if (last?.head !== s.head) return 'clone';
    if (last.site === '__tcp_transmit_skb') return 'qdisc';
    return /^t?packet_rcv$/.test(last.site) ? 'tap' : 'clone';
  }
}

/** Index of the next event on the same processor; -1: none. */
function nextOn(events: readonly RecordedEvent[], i: number, cpu: number): number {
  const end = Math.min(events.length, i + 64);
  for (let j = i + 1; j < end; j++) if (events[j]!.cpu === cpu) return j;
  return -1;
}

/** pskb_expand_head lets go of the old data on its way: the sk_buff itself goes on. */
function letsGoOfOldHead(s: Sighting, next: Sighting): boolean {
  return s.site === 'skb_release_data' && siteOf(next.site)?.does === 'heads' && next.skb === s.skb;
}

/** The pages that an entry of frags[] covers: of a compound page it may be several. */
function framesOf({
  page,
  size,
  offset,
}: {
  page: string;
  size: number;
  offset: number;
}): string[] {
  const out: string[] = [];
  for (let at = Math.floor(offset / PAGE); at <= Math.floor((offset + size - 1) / PAGE); at++)
    out.push((BigInt(`0x${page}`) + BigInt(at) * STRUCT_PAGE).toString(16).padStart(16, '0'));
  return out;
}

function same(a: ReadonlyMap<string, Holder>, b: ReadonlyMap<string, Holder>): boolean {
  if (a.size !== b.size) return false;
  for (const [skb, h] of a) {
    const other = b.get(skb);
    if (other === undefined || other.head !== h.head || other.lane !== h.lane) return false;
  }
  return true;
}
