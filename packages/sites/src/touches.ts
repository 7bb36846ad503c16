// What one function does to fragments: its kinds, and each place that has to ask for an owner, with the hooks that every
// way through it passes.
// Unchecked: what a callee does with a pointer; values of conditions; aliases of packets.
import { demandOf, type Asked, type Demand, type Query } from './demands.ts';
import type { Call, Flow, Place, Store } from './flow.ts';
import {
  COPIES_BYTES,
  MAPS_FOR_DEVICE,
  CRYPTS,
  GETS_PAGE,
  KINDS,
  MAPS_PAGE,
  PUTS_PAGE,
  RECORD,
  TABLES_PAGE,
  TO_TABLE,
  kindOfCall,
  type Kind,
} from './kinds.ts';
import { Owners, bare } from './owners.ts';

export interface Touches {
  readonly kinds: readonly Kind[];
  /** The words by which each kind was seen, a few. */
  readonly seen: ReadonlyMap<Kind, readonly string[]>;
  readonly demands: readonly Demand[];
}

/** What it gives is a new packet. */
const MADE =
  /^\w*(?:alloc_skb|alloc_pskb|build_skb|skb_alloc|_new_skb|alloc_send_\w*skb|skb_copy)\w*\s*\(/;

/** Calls that put pages of a caller into a packet, and no owner with them. */
export const LENDS = /^(?:skb_splice_from_iter|skb_append_pagefrags)$/;

export class Reader {
  readonly flow: Flow;
  readonly owners: Owners;
  private readonly seen = new Map<Kind, string[]>();
  private readonly asked: Asked[] = [];
  private takesReferences = false;
  private transfers = false;
  /** How it changes the number of entries; '': not at all. */
  private counts = '';

  constructor(flow: Flow) {
    this.flow = flow;
    this.owners = new Owners(flow);
  }

  read(): Touches {
    for (const place of this.flow.places) {
      for (const deed of place.deeds)
        if (deed.kind === 'call') this.call(deed, place);
        else this.store(deed, place);
      if (place.condition !== '' && RECORD.test(place.condition))
        this.saw('record', place.condition);
    }
    this.inPlace();
    if (this.transfers)
      this.saw(this.takesReferences ? 'share' : 'move', 'entries of another packet');
    if (this.counts !== '' && this.seen.size === 0) this.saw('move', this.counts);
    const demands = this.asked.map((a) => demandOf(this.flow, this.owners, a));
    return { kinds: KINDS.filter((k) => this.seen.has(k)), seen: this.seen, demands };
  }

  private saw(kind: Kind, word: string): void {
    const words = this.seen.get(kind) ?? [];
    const short = word.replace(/\s+/g, ' ').slice(0, 60);
    if (words.length < 4 && !words.includes(short)) words.push(short);
    this.seen.set(kind, words);
  }

  private ask(
    query: Query,
    place: Place,
    line: number,
    from: Iterable<string>,
    to: Iterable<string>,
    whole = false,
  ): void {
    if (query === 'transfer') {
      this.transfers = true;
      const source = [...from];
      if (source.length > 0 && source.every((name) => this.owners.isOwnEntry(name))) return;
    }
    const aside = this.asideOf(query, [...from], [...to], whole);
    this.asked.push({ query, place, line, from: new Set(from), to: new Set(to), whole, aside });
  }

  private asideOf(query: Query, from: string[], to: string[], whole: boolean): Demand['aside'] {
    if (query !== 'transfer' || whole) return null;
    if (from.length > 0 && from.every((name) => this.owners.isFrame(name))) return 'device';
    return to.every((name) => this.owners.isPlainRecord(name)) ? 'record' : null;
  }

  private call(call: Call, place: Place): void {
    const { callee, args } = call;
    const text = args.join(', ');
    const kind = kindOfCall(callee);
    if (kind !== null && !this.forDevice(callee)) this.saw(kind, callee);
    if (/frag_ref$|^skb_pp_frag_ref$|^napi_pp_get_page$/.test(callee)) this.takesReferences = true;
    if (GETS_PAGE.test(callee) && args.some((a) => this.owners.isEntryPage(a))) {
      this.saw('take', callee);
      this.takesReferences = true;
    }
    if (PUTS_PAGE.test(callee) && args.some((a) => this.owners.isEntryPage(a)))
      this.saw('drop', callee);
    if (MAPS_PAGE.test(callee) && args.some((a) => this.owners.isEntryPage(a)))
      this.saw('copy', callee);
    if (TABLES_PAGE.test(callee) && args.some((a) => this.owners.isEntryPage(a)))
      this.saw('share', callee);
    if (/^atomic_(?!read$)\w+$/.test(callee) && /\bdataref\b/.test(text))
      this.saw(
        /inc|add/.test(callee) ? 'share' : /dec|sub/.test(callee) ? 'drop' : 'share',
        `${callee} dataref`,
      );
    if (/^(?:kfree_skb_list|kfree_skb|consume_skb|swap)/.test(callee) && /\bfrag_list\b/.test(text))
      this.saw(callee === 'swap' ? 'move' : 'drop', `${callee} frag_list`);
    if (callee.endsWith('frag_list') && /^skb_(?:gro|queue|insert|append)/.test(callee))
      this.saw('move', callee);
    if (RECORD.test(text)) this.saw('record', callee);
    if (
      /(?:->|\.)(?:callback|complete|link_skb)$/.test(callee) &&
      /uarg|ubuf|zerocopy|zcopy/.test(`${callee} ${text}`)
    )
      this.saw('record', callee);
    if (COPIES_BYTES.test(callee)) this.copyBytes(call, place);
    this.fills(call, place);
  }

  /** An address that is only mapped for the device. */
  private forDevice(callee: string): boolean {
    if (!callee.startsWith('skb_frag_address')) return false;
    return this.flow.places.some((p) =>
      p.deeds.some((d) => d.kind === 'call' && MAPS_FOR_DEVICE.test(d.callee)),
    );
  }

  /** memcpy of entries, of a whole shared info, or over the bytes of a page. */
  private copyBytes({ callee, args, line }: Call, place: Place): void {
    const [to = '', from = ''] = args;
    if (this.owners.isEntry(to) || this.owners.isEntry(from)) {
      if (sameOwner(this.owners.of(to), this.owners.of(from))) this.saw('move', `${callee} frags`);
      else this.ask('transfer', place, line, this.owners.of(from), this.owners.of(to));
    } else if (this.owners.isShinfo(from) || this.owners.isShinfo(to)) {
      this.saw('share', `${callee} shared info`);
      if (callee.endsWith('move')) return; // the shared info itself changes its place
      this.ask('transfer', place, line, this.owners.of(from), this.owners.of(to), true);
    } else if (this.owners.isEntryPage(to)) this.saw('write-in-place', `${callee} ${to}`);
    else if (this.owners.isEntryPage(from)) this.saw('copy', `${callee} ${from}`);
  }

  /** A page is put into an entry: of another packet's entry or head, or of somebody who lends. */
  private fills({ callee, args, line }: Call, place: Place): void {
    if (/^skb_frag_(?:page_copy|off_copy)$/.test(callee)) {
      const [to = '', from = ''] = args;
      if (callee === 'skb_frag_page_copy')
        this.ask('transfer', place, line, this.owners.of(from), this.owners.of(to));
      return;
    }
    if (LENDS.test(callee)) {
      this.ask('lend', place, line, [], args.slice(0, 1));
      return;
    }
    if (!/fill_(?:page|netmem)_desc|frag_set_page|skb_add_rx_frag|set_netmem/.test(callee)) return;
    const [to = '', ...rest] = args;
    const into = this.owners.of(to);
    const page = rest.find((a) => this.owners.isEntryPage(a) || this.owners.isHeadPage(a));
    const table = rest.find((a) => this.owners.isTablePage(a));
    if (table !== undefined) {
      this.ask('lend', place, line, [], into);
      return;
    }
    if (page === undefined) return; // a page of its own, as far as can be seen
    const from = this.sourceOf(page);
    if (!sameOwner(into, from)) this.ask('transfer', place, line, from, into);
  }

  /** The packets whose page it is. */
  private sourceOf(page: string): ReadonlySet<string> {
    const head = /(\w+)\s*->\s*head\b/.exec(page)?.[1];
    return head === undefined ? this.owners.of(page) : new Set([head]);
  }

  private store({ lhs, op, rhs, line }: Store, place: Place): void {
    const target = bare(lhs);
    if (this.owners.isMember(lhs)) this.saw('move', target);
    if (this.owners.isCount(lhs) && !(op === '=' && rhs.trim() === '0'))
      this.counts = `nr_frags ${op} ${rhs}`;
    if (/(?:->|\.)frag_list$/.test(target)) this.list(target, rhs, line, place);
    else if (/(?:->|\.)next$/.test(target) && /_CB\s*\([^)]*\)->last->next$/.test(target))
      this.chained(target, rhs, line, place);
    else if (op === '=' && lhs.trim().startsWith('*') && this.pointsToList(target))
      this.chained(target, rhs, line, place);
    if (op === '=' && isWholeEntry(lhs) && this.owners.isEntry(lhs) && !/^\s*\{/.test(rhs))
      this.entry(lhs, rhs, line, place);
    const says = /^(?:NULL|0)$/.test(rhs.trim())
      ? lhs.replace(/\bmsg_ubuf\b/, '')
      : `${lhs} ${rhs}`;
    if (RECORD.test(says)) this.saw('record', `${lhs} ${op}`);
    if (/(?:->|\.)dataref\b/.test(lhs)) this.saw('share', 'dataref');
    if (
      /(?:->|\.)bv_page$|(?:->|\.)page\.p$/.test(target) &&
      this.owners.isEntry(lhs.replace(/(?:->|\.)\w+(?:\.p)?$/, ''))
    )
      this.saw('take', target);
  }

  /** Is it a pointer to the place where the next packet of a frag_list goes? */
  private pointsToList(name: string): boolean {
    return this.flow.places.some((p) =>
      p.deeds.some(
        (d) => d.kind === 'store' && d.lhs === name && /&.*\bfrag_list$/.test(d.rhs.trim()),
      ),
    );
  }

  /** It was allocated here, or is a member of the list already. */
  private isMade(name: string): boolean {
    const given = this.flow.places.flatMap((p) =>
      p.deeds.filter((d): d is Store => d.kind === 'store' && d.lhs === name && d.op === '='),
    );
    return (
      given.length > 0 &&
      given.every(
        ({ rhs }) =>
          MADE.test(rhs.trim()) || /->frag_list$|^\*\w+$|^skb_clone\(|->next$/.test(rhs.trim()),
      )
    );
  }

  private list(target: string, rhs: string, line: number, place: Place): void {
    this.saw('move', 'frag_list =');
    if (rhs.trim() !== 'NULL') this.chained(target, rhs, line, place);
  }

  private chained(target: string, rhs: string, line: number, place: Place): void {
    const value = bare(rhs);
    if (value === 'NULL') return;
    this.saw('move', 'frag_list =');
    if (this.isMade(value)) return;
    const own = this.owners.of(target);
    const from = value.endsWith('->frag_list') ? this.owners.of(value) : new Set([value]);
    if (/->next$|\bskb_shinfo\s*\((\w+)\)->frag_list->next$/.test(value)) return; // a member is taken off
    // of a packet that was found or made here, this function knows what it is
    const given = [...from].some((name) => this.owners.isParameter(name));
    if (given && ![...own].some((name) => this.isMade(name)) && !sameOwner(own, from))
      this.ask('chain', place, line, from, own);
  }

  private entry(lhs: string, rhs: string, line: number, place: Place): void {
    const from = this.owners.isHeadPage(rhs) ? this.sourceOf(rhs) : this.owners.of(rhs);
    const to = this.owners.of(lhs);
    if (!this.owners.isEntry(rhs) && !this.owners.isHeadPage(rhs)) {
      if (!/skb_frag|frag/.test(rhs)) return;
    }
    if (sameOwner(to, from)) this.saw('move', 'entries of its own');
    else this.ask('transfer', place, line, from, to);
  }

  /** A table of the packet is made, and something encrypts or decrypts on it. */
  private inPlace(): void {
    const calls = this.flow.places.flatMap((place) =>
      place.deeds.flatMap((d) => (d.kind === 'call' ? [{ place, call: d }] : [])),
    );
    const table = calls.find(({ call }) => TO_TABLE.test(call.callee));
    const works = calls.filter(({ call }) => CRYPTS.test(call.callee));
    const copies = calls.find(({ call }) => call.callee === 'skb_cow_data');
    if (copies !== undefined && works.length === 0) this.besideCopy(copies.place, copies.call);
    if (table === undefined) return;
    this.saw('share', table.call.callee);
    if (works.length === 0) return;
    this.saw('write-in-place', works[0]!.call.callee);
    for (const { place, call } of works)
      this.ask('write', place, call.line, [bare(table.call.args[0] ?? '')], []);
  }

  /** The packet is copied, on some ways: what is done to it behind that must not be reached on others. */
  private besideCopy(copy: Place, { args }: Call): void {
    const packet = bare(args[0] ?? '');
    const behind = new Set<number>(copy.next);
    for (const id of behind) for (const next of this.flow.places[id]!.next) behind.add(next);
    for (const id of [...behind].sort((a, b) => a - b)) {
      const place = this.flow.places[id]!;
      const does = place.deeds.find(
        (d) => d.kind === 'call' && d.args.includes(packet) && !/^k?free|^consume/.test(d.callee),
      );
      if (does !== undefined) this.ask('write', place, does.line, [packet], []);
    }
  }
}

/** `to` is a whole entry: no member of one, no pointer that is set. */
function isWholeEntry(lhs: string): boolean {
  const e = lhs.trim();
  return e.startsWith('*') || e.endsWith(']');
}

function sameOwner(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...b].every((name) => a.has(name));
}
