// What both arms say after each operation: every live sk_buff, every page, every ubuf_info, in one text. Numbers that
// name memory (which shared info, which page of the stack's own) are given in the order in which they are met.
import {
  DATAREF_SHIFT,
  UDP_HEADER,
  fragAt,
  skbHeadlen,
  skbHeadroom,
  type Page,
  type SkBuff,
  type SkbSharedInfo,
} from '@lastref/kernel';
import { PAGES, SLOTS, UBUFS, type Desk } from './desk.ts';

export function normalForm(desk: Desk): string[] {
  return new Dump(desk).lines();
}

class Dump {
  private readonly desk: Desk;
  private readonly shinfos: SkbSharedInfo[] = [];
  private readonly found: Page[] = [];

  constructor(desk: Desk) {
    this.desk = desk;
  }

  lines(): string[] {
    const { desk } = this;
    const out: string[] = [];
    for (let s = 0; s < SLOTS; s++) {
      const skb = desk.slots[s]!;
      if (skb === null) continue;
      const { shinfo } = skb;
      const dig = this.digest(skb).toString(16).padStart(8, '0');
      out.push(
        ` s${s} ${this.packet(skb)} dig=${dig} ; hr=${skbHeadroom(skb)} end=${shinfo.end - shinfo.head} hl=${skb.hdrLen} fc=${skb.fclone}`,
      );
    }
    this.corked(out);
    let refs = ' refs';
    for (let p = 0; p < PAGES; p++)
      refs += ` p${p}=${desk.pooled ? desk.pooledText(p) : desk.pages[p]!.count - 1}`;
    this.found.forEach((page, n) => (refs += ` n${n}=${page.count}`));
    for (let u = 0; u < UBUFS; u++) {
      const count = desk.ubufCount(u);
      refs += ` u${u}=${count}${desk.copied(u) ? 'c' : ''}${count === 0 ? '!' : ''}`;
    }
    const left = desk.leftovers();
    if (left !== null) refs += ` left=${left}`;
    if (desk.seam === 'zc' && desk.notifications.length > 0)
      refs += ` eq=${desk.notifications.map(({ lo, hi, copied }) => `${lo}-${hi}${copied ? 'c' : ''}`).join(',')}`;
    out.push(refs);
    return out;
  }

  /** Packets of the datagram that is put together. In front of the bytes is room for headers that nobody has written yet. */
  private corked(out: string[]): void {
    const { udp } = this.desk;
    const header = udp?.af.netHeaderLen ?? 0;
    let headers = header + UDP_HEADER;
    let n = 0;
    for (let skb = udp?.writeQueue.first ?? null; skb !== null; skb = skb.next) {
      const { shinfo } = skb;
      const dig = this.digest(skb, 0x811c9dc5, headers).toString(16).padStart(8, '0');
      out.push(
        ` q${n++} ${this.packet(skb)} dig=${dig} ; hr=${skbHeadroom(skb)} end=${shinfo.end - shinfo.head}`,
      );
      headers = header;
    }
  }

  private packet(skb: SkBuff): string {
    const { shinfo } = skb;
    const { dataref } = shinfo;
    const marked = !this.desk.k.lifetime.mayWriteFrags(skb);
    let text = `u=${skb.users} len=${skb.len} dl=${skb.dataLen} cl=${skb.cloned} nohdr=${skb.nohdr} dr=${dataref & 0xffff},${dataref >> DATAREF_SHIFT} sh=${indexOf(this.shinfos, shinfo)}`;
    if (this.desk.seam === 'zc' && shinfo.loan !== null) text += ` zc=${shinfo.loan.call}`;
    text += ` sf=${Number(marked)}`;
    if (skb.ppRecycle !== 0) text += ' pp=1';
    if (shinfo.gsoSize !== 0) text += ` gso=${shinfo.gsoSize}`;
    text += ' [';
    for (let i = 0; i < shinfo.nrFrags; i++) {
      const { page, pageOffset, size } = fragAt(shinfo, i);
      text += `${i === 0 ? '' : ' '}${this.page(page)}+${pageOffset}:${size}`;
    }
    text += ']';
    if (shinfo.fragList !== null) {
      const members: string[] = [];
      for (let m: SkBuff | null = shinfo.fragList; m !== null; m = m.next)
        members.push(this.packet(m));
      text += ` {${members.join(' | ')}}`;
    }
    return text;
  }

  private page(page: Page): string {
    return this.desk.nameOf(page) ?? `n${indexOf(this.found, page)}`;
  }

  /** FNV-1a of all bytes behind the first `skipped` linear ones, frag_list members included. */
  private digest(skb: SkBuff, from = 0x811c9dc5, skipped = 0): number {
    const { mem } = this.desk.k;
    const { shinfo } = skb;
    let h = fnv(mem, skb.data + skipped, skbHeadlen(skb) - skipped, from);
    for (let i = 0; i < shinfo.nrFrags; i++) {
      const { page, pageOffset, size } = fragAt(shinfo, i);
      h = fnv(mem, page.address + pageOffset, size, h);
    }
    for (let m = shinfo.fragList; m !== null; m = m.next) h = this.digest(m, h);
    return h >>> 0;
  }
}

function fnv(mem: Uint8Array, address: number, size: number, from: number): number {
  let h = from;
  for (let i = address; i < address + size; i++) h = Math.imul(h ^ mem[i]!, 0x01000193);
  return h;
}

function indexOf<T>(list: T[], it: T): number {
  const i = list.indexOf(it);
  return i >= 0 ? i : list.push(it) - 1;
}
