// Where the kernel calls a design to put a lent page into a packet, and what has come of it.
import { SeamMisuse } from '../../errors.ts';
import type { Kernel } from '../../kernel.ts';
import type { Loan } from '../../lifetime.ts';
import type { Page } from '../../mm/page_alloc.ts';
import type { SkBuff } from './skbuff.ts';

/**
 * The design puts `size` bytes of `page` in: as one frag behind the others of `skb`, which has these very bytes, in this
 * page or in a copy. A design that sent others would be right about pages that nobody reads. Throws SeamMisuse for anything else.
 * `marks`: this sender of the kernel says that the page may be changed under way (net/core/shared_frag.ts).
 */
export function lendFrag(
  k: Kernel,
  skb: SkBuff,
  page: Page,
  pageOffset: number,
  size: number,
  loan: Loan,
  marks: boolean,
): void {
  const { nrFrags } = skb.shinfo;
  k.lifetime.lend(skb, page, pageOffset, size, loan);
  const { shinfo } = skb;
  const frag = shinfo.frags[nrFrags];
  if (frag === undefined || shinfo.nrFrags !== nrFrags + 1)
    throw new SeamMisuse(`lend of ${k.design.id} did not add exactly one frag to skb#${skb.slot}`);
  if (frag.size !== size)
    throw new SeamMisuse(
      `lend of ${k.design.id} put ${frag.size} bytes into skb#${skb.slot}, where ${size} are lent`,
    );
  if (frag.page === page && frag.pageOffset === pageOffset) {
    shinfo.lentMark ||= marks;
    return;
  }
  if (!sameBytes(k, frag.page, frag.pageOffset, page, pageOffset, size))
    throw new SeamMisuse(
      `lend of ${k.design.id} put other bytes into skb#${skb.slot} than those that are lent`,
    );
}

/** A page that has no frame has no bytes, and is like no other one. */
function sameBytes(
  { mem }: Kernel,
  a: Page,
  atA: number,
  b: Page,
  atB: number,
  size: number,
): boolean {
  if (a.address < 0 || b.address < 0) return false;
  const from = a.address + atA;
  const to = b.address + atB;
  for (let i = 0; i < size; i++) if (mem[from + i] !== mem[to + i]) return false;
  return true;
}
