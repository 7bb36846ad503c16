// Pages that a datagram gets by reference.
import { expectNoMemory } from '../../errors.ts';
import type { Loan } from '../../lifetime.ts';
import type { Page } from '../../mm/page_alloc.ts';
import { lendFrag } from '../core/lend.ts';
import { skbCanCoalesce } from '../core/skb_alloc.ts';
import { fragAt, type SkBuff } from '../core/skbuff.ts';
import { grow, nextPacket, roomIn, sumPart } from './ip_cork.ts';
import { Errno, type UdpSock } from './udp_sock.ts';

/**
 * Adds `size` bytes of `page` by reference to the pending datagram. Unless a device will do it, their checksum is taken
 * now. 0, or an error: EOPNOTSUPP where the bytes must be copied, EMSGSIZE when the datagram or a packet is full.
 * @kernel net/ipv4/ip_output.c ip_append_page (2.6.24); net/ipv6/ip6_output.c __ip6_append_data with MSG_SPLICE_PAGES (6.5)
 */
export function ipAppendPage(
  sk: UdpSock,
  page: Page,
  pageOffset: number,
  size: number,
  loan: Loan,
  more: boolean,
): number {
  const { k, device } = sk;
  if (!device.features.sg) return Errno.EOPNOTSUPP;
  if (!k.canAppend(sk.writeQueue.last!, loan)) return Errno.EOPNOTSUPP;
  if (sk.corkLength + size > sk.af.lengthMax) return Errno.EMSGSIZE;
  sk.corkLength += size;
  try {
    let offset = pageOffset;
    for (let left = size; left > 0;) {
      const skb = sk.writeQueue.last!;
      const n = Math.min(left, roomIn(sk, skb, left));
      if (n <= 0) {
        nextPacket(sk, 0, more);
        continue;
      }
      if (!appendRange(sk, skb, page, offset, n, loan)) {
        sk.corkLength -= left;
        return Errno.EMSGSIZE;
      }
      offset += n;
      left -= n;
    }
    return 0;
  } catch (error) {
    expectNoMemory(error);
    return Errno.ENOBUFS;
  }
}

/** False: no slot is left. */
function appendRange(
  sk: UdpSock,
  skb: SkBuff,
  page: Page,
  pageOffset: number,
  size: number,
  loan: Loan,
): boolean {
  const { k } = sk;
  const { nrFrags } = skb.shinfo;
  const last = nrFrags > 0 ? fragAt(skb.shinfo, nrFrags - 1) : null;
  const goesOn =
    last !== null && skbCanCoalesce(skb, page, pageOffset) && k.lifetime.mayMerge(last, loan);
  if (!goesOn && nrFrags >= k.era.maxSkbFrags) return false;
  const seq = sk.writeSeq;
  k.probe.lent(loan, page, pageOffset, size, sk.flow, seq);
  // Model: these places of the stream are the lent bytes' for good, also of a datagram that is given up because lend fails
  sk.writeSeq = (seq + size) | 0;
  if (goesOn) {
    last.size += size;
    k.lifetime.merged(skb, last, size, loan);
  } else {
    lendFrag(k, skb, page, pageOffset, size, loan, k.era.espAsksMarker);
  }
  sumPart(k, skb, skb.len, page.address + pageOffset, size);
  sk.writeSeq = seq;
  grow(sk, skb, size);
  return true;
}
