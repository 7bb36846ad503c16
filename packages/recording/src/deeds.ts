// What happened to one page, in the words of the machine: from changes of who has it to operations of the kernel.
import type { Buffer, Change, Holder } from './world.ts';
import { siteOf } from './sites.ts';

/** Something with one packet. */
export interface Alone {
  readonly does: 'lend' | 'free' | 'orphan' | 'pull' | 'expand' | 'read';
  readonly skb: string;
}
/** A packet comes into the hands of another one. */
export interface Passes {
  readonly does: 'passes';
  readonly skb: string;
  readonly lane: string;
}
/** `to` comes to have the page from `skb`, which keeps it. */
export interface Shares {
  readonly does: 'clone' | 'copy' | 'split' | 'probe' | 'segment';
  readonly skb: string;
  readonly to: string;
}
/** As these, and `skb` has it no more. */
export interface Moves {
  readonly does: 'cut' | 'shift' | 'coalesce';
  readonly skb: string;
  readonly to: string;
}
export type Deed = Alone | Passes | Shares | Moves;

export interface Done {
  readonly n: number;
  readonly ns: bigint;
  readonly deed: Deed;
}

/** In the order of the recording. A change that no operation explains is null: from there on nothing can be said. */
export function deedsOf(buffer: Buffer): (Done | null)[] {
  const out: (Done | null)[] = [];
  const reads = [...buffer.reads];
  for (const change of buffer.changes) {
    while (reads.length > 0 && reads[0]!.n < change.n) out.push(readOf(reads.shift()!));
    for (const deed of ofChange(change, out.length === 0 && buffer.lent)) {
      if (deed === null && takenBefore(change, out)) continue;
      out.push(deed === null ? null : { n: change.n, ns: change.event.ns, deed });
    }
  }
  out.push(...reads.map(readOf));
  return out;
}

/**
 * tcp_mtu_probe shows its packet when it sends it; the page it has taken before, from somebody who had it: so it was before the
 * last one let go. Puts it there.
 */
function takenBefore({ event, after }: Change, out: (Done | null)[]): boolean {
  const at = out.findLastIndex((d) => d?.deed.does === 'free');
  const last = out[at];
  const [to] = [...after.keys()];
  if (event.kind !== 'skb' || event.site !== '__tcp_transmit_skb' || to === undefined) return false;
  if (last === undefined || last === null || at !== out.length - 1) return false;
  out.splice(at, 0, { n: last.n, ns: last.ns, deed: { does: 'probe', skb: last.deed.skb, to } });
  return true;
}

function readOf({ n, event }: Buffer['reads'][number]): Done {
  return { n, ns: event.ns, deed: { does: 'read', skb: event.skb } };
}

function ofChange({ event, before, after }: Change, lends: boolean): (Deed | null)[] {
  if (event.kind !== 'skb') return [];
  const { site } = event;
  const joined = [...after.values()].filter((h) => !before.has(h.skb));
  const left = [...before.values()].filter((h) => !after.has(h.skb));
  const out: (Deed | null)[] = [];
  const gone = left.map((h) => h.skb);
  for (const to of joined) {
    if (lends) out.push({ does: 'lend', skb: to.skb });
    else out.push(joins(site, to, before, gone));
  }
  const moved = new Set(out.flatMap((d) => (d !== null && 'to' in d && isMove(d) ? [d.skb] : [])));
  for (const skb of gone) {
    if (moved.has(skb)) continue;
    if (siteOf(site)?.does === 'frees') out.push({ does: 'free', skb });
    else if (site === 'skb_copy_ubufs') out.push({ does: 'orphan', skb });
    else if (site === '__pskb_pull_tail') out.push({ does: 'pull', skb });
    else out.push(null);
  }
  for (const h of after.values()) {
    const was = before.get(h.skb);
    if (was === undefined) continue;
    if (was.head !== h.head) out.push({ does: 'expand', skb: h.skb });
    if (was.lane !== h.lane) out.push({ does: 'passes', skb: h.skb, lane: h.lane });
  }
  return out;
}

function isMove(d: Deed): boolean {
  return d.does === 'cut' || d.does === 'shift' || d.does === 'coalesce';
}

/** How `to` has come to have the page. */
function joins(
  site: string,
  to: Holder,
  before: ReadonlyMap<string, Holder>,
  gone: readonly string[],
): Deed | null {
  const twin = [...before.values()].find((h) => h.head === to.head);
  if (twin !== undefined) return { does: 'clone', skb: twin.skb, to: to.skb };
  const from =
    gone[0] ??
    [...before.values()].find((h) => h.lane === 'write queue')?.skb ??
    [...before.keys()][0];
  if (from === undefined) return null;
  if (site === 'skb_split')
    return { does: gone.length > 0 ? 'cut' : 'split', skb: from, to: to.skb };
  if (site === 'skb_shift') return { does: 'shift', skb: from, to: to.skb };
  if (site === 'skb_try_coalesce') return { does: 'coalesce', skb: from, to: to.skb };
  if (site === '__pskb_copy_fclone') return { does: 'copy', skb: from, to: to.skb };
  if (site === '__tcp_transmit_skb') return { does: 'probe', skb: from, to: to.skb };
  if (site === '__dev_queue_xmit' || site === 'net_dev_start_xmit')
    return { does: 'segment', skb: from, to: to.skb };
  return null;
}
