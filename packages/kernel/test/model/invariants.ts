// What must be true of the machine between any two operations, found by walking everything that is alive and
// counting who refers to it. The counts of the machine are compared with that, never the other way round.
import {
  DATAREF_SHIFT,
  skbHeadlen,
  type Loan,
  type Page,
  type SkBuff,
  type SkbSharedInfo,
} from '../../src/index.ts';
import { contents } from '../machine.ts';
import type { Naive } from './naive.ts';
import type { World } from './world.ts';

/** Says what is wrong, or nothing. */
export type Complaint = string | null;

/** Everything that somebody in `w` can get at. */
class Walk {
  /** Holders of each sk_buff. */
  readonly users = new Map<SkBuff, number>();
  /** The sk_buffs on each data area. */
  readonly sharers = new Map<SkbSharedInfo, SkBuff[]>();
  readonly pages = new Map<Page, number>();
  readonly loans = new Map<Loan, number>();
  private readonly byLoan: boolean;

  constructor(w: World) {
    this.byLoan = w.seam.counting === 'loans';
    for (const { skb, refs } of w.held) this.skb(skb, refs);
    for (const { pipe } of w.pipes) for (const b of pipe.buffers) this.page(b.page);
    for (const { page, owned } of w.pages) if (owned) this.page(page);
    this.page(w.scratch);
    this.page(w.desk);
  }

  private skb(skb: SkBuff, holders: number): void {
    const known = this.users.get(skb);
    this.users.set(skb, (known ?? 0) + holders);
    if (known !== undefined) return;
    const { shinfo } = skb;
    const sharers = this.sharers.get(shinfo);
    if (sharers !== undefined) {
      sharers.push(skb);
      return;
    }
    this.sharers.set(shinfo, [skb]);
    for (const frag of shinfo.frags.slice(0, shinfo.nrFrags)) {
      if (this.byLoan && frag.loan !== null)
        this.loans.set(frag.loan, (this.loans.get(frag.loan) ?? 0) + 1);
      else this.page(frag.page);
    }
    for (let m = shinfo.fragList; m !== null; m = m.next) this.skb(m, 1);
  }

  private page(page: Page): void {
    this.pages.set(page, (this.pages.get(page) ?? 0) + 1);
  }
}

/** The first thing that is wrong with the machine's own accounts. */
export function wrongInAccounts(w: World): Complaint {
  const { k } = w;
  const walk = new Walk(w);
  for (const [skb, users] of walk.users) {
    if (!skb.live) return `skb#${skb.slot} is held and freed`;
    // A design may keep data alive that no skb has, and with it the packets behind it.
    if (w.seam.counting !== 'unknown' && skb.users !== users)
      return `skb#${skb.slot}: users ${skb.users}, holders ${users}`;
    const wrong = wrongInSkb(skb, k.era.maxSkbFrags);
    if (wrong !== null) return wrong;
  }
  const wrong = wrongInData(w, walk);
  if (wrong !== null || w.seam.counting === 'unknown') return wrong;
  return wrongInPairs(w, walk) ?? wrongInPages(w, walk);
}

/** sk_buffs of one and of two halves: in use as long as somebody holds them. */
function wrongInPairs({ k }: World, { users }: Walk): Complaint {
  const single = [...users.keys()].filter((skb) => skb.pair === null).length;
  if (k.skbs.used !== single) return `${k.skbs.used} sk_buffs in use, ${single} held`;
  let held = 0;
  for (const orig of k.fclones.all) {
    const halves = Number(users.has(orig)) + Number(users.has(orig.pair!));
    if (halves > 0) held++;
    if (halves > 0 && orig.fcloneRef !== halves)
      return `pair#${orig.slot}: fclone_ref ${orig.fcloneRef}, halves ${halves}`;
  }
  return k.fclones.used === held ? null : `${k.fclones.used} pairs in use, ${held} held`;
}

function wrongInSkb(skb: SkBuff, maxSkbFrags: number): Complaint {
  const { shinfo } = skb;
  const name = `skb#${skb.slot}`;
  if (shinfo.nrFrags > maxSkbFrags) return `${name} has ${shinfo.nrFrags} frags`;
  const frags = shinfo.frags.slice(0, shinfo.nrFrags);
  if (frags.some((f) => f.size <= 0 || f.pageOffset < 0 || f.pageOffset + f.size > 4096))
    return `${name} has a frag that leaves its page`;
  let paged = frags.reduce((n, f) => n + f.size, 0);
  for (let m = shinfo.fragList; m !== null; m = m.next) paged += m.len;
  if (skb.dataLen !== paged) return `${name}: data_len ${skb.dataLen}, ${paged} bytes behind it`;
  const linear = skb.tail - skb.data;
  if (skbHeadlen(skb) !== linear)
    return `${name}: ${skbHeadlen(skb)} linear bytes, tail - data is ${linear}`;
  if (skb.data < shinfo.head || skb.tail > shinfo.end) return `${name} leaves its data area`;
  return null;
}

/** dataref: all that share, and those of them that promised not to look at the header. */
function wrongInData(w: World, walk: Walk): Complaint {
  const { counting } = w.seam;
  const areas = [...walk.sharers.keys()].sort((a, b) => a.head - b.head);
  for (let i = 1; i < areas.length; i++) {
    if (areas[i - 1]!.end > areas[i]!.head) return 'two data areas overlap';
  }
  for (const [shinfo, skbs] of walk.sharers) {
    const name = `shinfo#${shinfo.slot}`;
    if (!shinfo.live) return `${name} is in use and freed`;
    if (counting === 'unknown') continue;
    const p = skbs.filter((s) => s.nohdr !== 0).length;
    const { dataref } = shinfo;
    if (dataref !== (p << DATAREF_SHIFT) + skbs.length)
      return `${name}: dataref (${dataref & 0xffff},${dataref >>> DATAREF_SHIFT}), sharers (${skbs.length},${p})`;
    if (skbs.length > 1 && skbs.some((s) => s.cloned === 0))
      return `${name} is shared by an skb that does not know it`;
  }
  if (counting !== 'unknown' && w.k.shinfos.used !== walk.sharers.size)
    return `${w.k.shinfos.used} data areas in use, ${walk.sharers.size} reachable`;
  return null;
}

function wrongInPages(w: World, walk: Walk): Complaint {
  for (const page of w.k.pages.all) {
    const wanted = walk.pages.get(page) ?? 0;
    const count = page.live ? page.count : 0;
    if (count !== wanted) return `page#${page.slot}: count ${count}, references ${wanted}`;
  }
  if (w.seam.counting !== 'loans') return null;
  for (const loan of w.loans) {
    const wanted = walk.loans.get(loan) ?? 0;
    if (loan.refs !== wanted) return `loan ${loan.id}: refs ${loan.refs}, entries ${wanted}`;
    if (loan.completed !== (wanted === 0)) return `loan ${loan.id}: completed ${loan.completed}`;
  }
  return null;
}

/** The first packet whose bytes, or (where the design copies nothing) whose pieces, are not the naive ones. */
export function wrongInBytes(w: World): Complaint {
  for (const { skb, naive } of w.held) {
    const name = `skb#${skb.slot}`;
    const wanted = naive.bytes();
    if (skb.len !== wanted.length) return `${name}: len ${skb.len}, should be ${wanted.length}`;
    const found = contents(w.k, skb);
    if (!found.equals(wanted)) {
      const at = found.findIndex((byte, i) => byte !== wanted[i]);
      return `${name}: byte ${at} of ${wanted.length} is ${found[at]}, should be ${wanted[at]}`;
    }
    if (w.shapes && shapeOf(skb) !== naiveShape(naive))
      return `${name} is ${shapeOf(skb)}, should be ${naiveShape(naive)}`;
  }
  return null;
}

function shapeOf(skb: SkBuff): string {
  const { shinfo } = skb;
  const frags = shinfo.frags.slice(0, shinfo.nrFrags);
  const members: string[] = [];
  for (let m = shinfo.fragList; m !== null; m = m.next) members.push(shapeOf(m));
  const entries = frags.map((f) => `${f.page.slot}:${f.pageOffset}+${f.size}`);
  return `${skbHeadlen(skb)} [${entries.join(' ')}] {${members.join(', ')}}`;
}

function naiveShape(naive: Naive): string {
  const entries = naive.frags.map((f) => `${f.page.slot}:${f.offset}+${f.bytes.length}`);
  return `${naive.linear.length} [${entries.join(' ')}] {${naive.members.map(naiveShape).join(', ')}}`;
}

/** What is left when everybody has let go. */
export function leftOver(w: World): Record<string, number> {
  const { skbs, fclones, shinfos, pages } = w.k;
  return { skbs: skbs.used, pairs: fclones.used, areas: shinfos.used, pages: pages.used };
}
