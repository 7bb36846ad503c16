// Whose fragment is this? An expression of C leads to the packets (or other records) whose shared info it reaches into.
// By the assignments of the function, whatever their order. Unchecked: what a callee does with a pointer it is given.
import type { Flow, Store } from './flow.ts';
import { closing } from './source.ts';

const ENTRY_TYPE = /\bskb_frag_t\b|\bstruct\s+(?:skb_frag_struct|skb_frag)\b/;
const SHINFO_TYPE = /\bstruct\s+skb_shared_info\b/;
const SKB_TYPE = /\bstruct\s+sk_buff\b/;
const PAGE_TYPE = /\bstruct\s+page\b|\bnetmem_ref\b|\bstruct\s+folio\b/;
/** What looks into an entry for its page. */
const PAGE_OF_ENTRY = /\bskb_frag_(?:page|netmem|address|address_safe)\s*\(/;
/** What looks for one into a table of another kind, or takes it from a caller's memory. */
const PAGE_OF_TABLE =
  /\bsg_page\s*\(|(?:\.|->)bv_page\b|\bmp_bvec_iter_page\s*\(|\bbvec_\w*page\s*\(/;
/** How deep assignments are followed. */
const DEPTH = 5;

export class Owners {
  private readonly flow: Flow;
  private readonly hasMessages: boolean;
  private readonly parameters: ReadonlySet<string>;
  private readonly stores = new Map<string, Store[]>();

  constructor(flow: Flow) {
    this.flow = flow;
    this.parameters = flow.parameters;
    // in a scatterlist of a message that a socket passes on, or of an encrypted packet, pages are a packet's
    this.hasMessages = [...flow.types.values()].some((t) =>
      /\bsk_msg\b|\btls_|\bsk_buff\b|\bcrypto_aead\b/.test(t),
    );
    for (const place of flow.places)
      for (const deed of place.deeds) {
        if (deed.kind !== 'store' || deed.op !== '=' || !/^[A-Za-z_]\w*$/.test(deed.lhs)) continue;
        const known = this.stores.get(deed.lhs);
        if (known === undefined) this.stores.set(deed.lhs, [deed]);
        else known.push(deed);
      }
  }

  /** An entry, or a place for one: `skb_shinfo(skb)->frags[i]`, `*frag`, `pinfo->frags + n`. */
  isEntry(expr: string): boolean {
    const e = bare(expr);
    if (/(?:->|\.)frags\b(?:\s*\[|\s*\+|$)/.test(e)) return true;
    const id = leading(e);
    return (
      id !== null &&
      ENTRY_TYPE.test(this.flow.types.get(id) ?? '') &&
      /^\w+(?:\s*[+[-].*)?$/.test(e)
    );
  }

  /** The record of a whole shared info: `skb_shinfo(skb)`, a pointer to one. */
  isShinfo(expr: string): boolean {
    const e = bare(expr);
    if (/^skb_shinfo\s*\([^()]*(?:\([^()]*\)[^()]*)*\)$/.test(e)) return true;
    return SHINFO_TYPE.test(this.flow.types.get(e) ?? '');
  }

  isSkb(expr: string): boolean {
    const e = bare(expr);
    return SKB_TYPE.test(this.flow.types.get(e) ?? '') || /skb$|->last$/.test(e);
  }

  /** `frag->offset`: a member of an entry. */
  isMember(expr: string): boolean {
    const id = /^(\w+)\s*->\s*(?:offset|page_offset|len|size|bv_len|bv_offset|netmem)$/.exec(
      bare(expr),
    )?.[1];
    return id !== undefined && ENTRY_TYPE.test(this.flow.types.get(id) ?? '');
  }

  /** `skb_shinfo(skb)->nr_frags`, `pinfo->nr_frags`. */
  isCount(expr: string): boolean {
    const base = /^(.*?)\s*(?:->|\.)\s*nr_frags$/s.exec(bare(expr))?.[1];
    return base !== undefined && (this.isShinfo(base) || /shinfo|info$/.test(base));
  }

  /** The frame of a device's ring. */
  isFrame(name: string): boolean {
    return /\bstruct\s+xdp_(?:buff|frame)\b/.test(this.flow.types.get(name) ?? '');
  }

  /** What the function was given, by name. */
  isParameter(name: string): boolean {
    return this.parameters.has(name);
  }

  /** A place of its own for entries: no packet of the stack. */
  isOwnEntry(name: string): boolean {
    const type = this.flow.types.get(name) ?? '';
    return ENTRY_TYPE.test(type) && /\[/.test(type) && !this.parameters.has(name);
  }

  /** A record that is no packet: what stands in it is put into one elsewhere. */
  isPlainRecord(name: string): boolean {
    const type = this.flow.types.get(name) ?? '';
    return (
      /\bstruct\s+\w+/.test(type) &&
      !SKB_TYPE.test(type) &&
      !SHINFO_TYPE.test(type) &&
      !ENTRY_TYPE.test(type)
    );
  }

  /** A page that stands in an entry, said in the expression or by what its variable was given. */
  isEntryPage(expr: string, depth = 0): boolean {
    if (PAGE_OF_ENTRY.test(expr) || (this.hasMessages && /\bsg_page\s*\(/.test(expr))) return true;
    const id = leading(bare(expr));
    if (id === null || depth > 2 || !this.isPointer(id)) return false;
    return (this.stores.get(id) ?? []).some((s) => this.isEntryPage(s.rhs, depth + 1));
  }

  /** A page of a scatterlist, a bio, or memory of a caller. */
  isTablePage(expr: string, depth = 0): boolean {
    if (PAGE_OF_TABLE.test(expr)) return true;
    const id = leading(bare(expr));
    if (id === null || depth > 2 || !PAGE_TYPE.test(this.flow.types.get(id) ?? '')) return false;
    if (this.pinned().has(id)) return true;
    return (this.stores.get(id) ?? []).some((s) => this.isTablePage(s.rhs, depth + 1));
  }

  /** Arrays that iov_iter_get_pages and its like have filled. */
  private pinned(): ReadonlySet<string> {
    const out = new Set<string>();
    for (const { deeds } of this.flow.places)
      for (const d of deeds)
        if (
          d.kind === 'call' &&
          /^(?:iov_iter_(?:get|extract)_pages\w*|get_user_pages\w*|pin_user_pages\w*)$/.test(
            d.callee,
          )
        )
          for (const a of d.args) if (/^&?\w+$/.test(a)) out.add(a.replace('&', ''));
    return out;
  }

  /** It can point into a page: a page, or bytes. */
  private isPointer(id: string): boolean {
    const type = this.flow.types.get(id) ?? '';
    return PAGE_TYPE.test(type) || /\b(?:void|u8|char|__u8|uint8_t)\b.*\*/.test(type);
  }

  /** The head of a packet as a page. */
  isHeadPage(expr: string, depth = 0): boolean {
    if (/\bvirt_to_(?:head_)?page\s*\([^)]*->head\b|\bskb_head_frag_to_page_desc\b/.test(expr))
      return true;
    const id = leading(bare(expr));
    if (id === null || depth > 2) return false;
    return (this.stores.get(id) ?? []).some((s) => this.isHeadPage(s.rhs, depth + 1));
  }

  /** The records that `expr` reaches into, by name. */
  of(expr: string, depth = 0): ReadonlySet<string> {
    const found = new Set<string>();
    for (const part of alternatives(expr)) this.collect(part, depth, found);
    return found;
  }

  private collect(expr: string, depth: number, found: Set<string>): void {
    const e = bare(expr);
    const inside = /\bskb_shinfo\s*\(/.exec(e);
    if (inside !== null) {
      const open = inside.index + inside[0].length - 1;
      found.add(bare(e.slice(open + 1, closing(e, open))));
      return;
    }
    const call = /^(?:\w+)\s*\((.*)\)$/s.exec(e);
    if (call !== null) {
      const first = argumentsOf(call[1] ?? '')[0];
      if (first !== undefined && depth < DEPTH) this.collect(first, depth + 1, found);
      return;
    }
    const id = leading(e);
    if (id === null) return;
    const type = this.flow.types.get(id) ?? '';
    const skb = SKB_TYPE.test(type);
    const given = this.stores.get(id) ?? [];
    // a pointer into something is followed to what it was given; a packet is an owner itself
    if (!skb && given.length > 0 && depth < DEPTH) {
      const before = found.size;
      for (const { rhs } of given)
        if (leading(bare(rhs)) !== id)
          for (const part of alternatives(rhs)) this.collect(part, depth + 1, found);
      if (found.size > before) return;
    }
    found.add(id);
  }
}

/** Without casts, brackets around it, address-of, dereferences, `++` and `--`. */
export function bare(expr: string): string {
  let e = expr.trim();
  for (;;) {
    const before = e;
    e = e.replace(/^(?:\+\+|--|[&*])\s*/, '').replace(/\s*(?:\+\+|--)$/, '');
    e = e.replace(/^\(\s*(?:const\s+)?(?:struct\s+)?\w+\s*\**\s*\)\s*(?=[\w&*(])/, (cast) =>
      /\*|struct/.test(cast) ? '' : cast,
    );
    if (e.startsWith('(') && closing(e, 0) === e.length - 1) e = e.slice(1, -1).trim();
    if (e === before) return e.replace(/\s+/g, ' ');
  }
}

/** Both values of `c ? a : b`. */
function alternatives(expr: string): string[] {
  const match = /^[^?]*\?([^:]*):([\s\S]*)$/.exec(expr);
  return match === null ? [expr] : [match[1]!, match[2]!];
}

/** The variable that an expression starts from. */
export function leading(expr: string): string | null {
  return /^[A-Za-z_]\w*/.exec(expr)?.[0] ?? null;
}

/** What stands between the commas of a call. */
export function argumentsOf(text: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) depth--;
    else if (c === ',' && depth === 0) {
      out.push(text.slice(from, i));
      from = i + 1;
    }
  }
  if (text.trim() !== '') out.push(text.slice(from));
  return out;
}
