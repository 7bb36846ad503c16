// Packets that somebody else than a socket makes: headers and the first bytes copied, the rest by reference.
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import type { Loan } from '../../lifetime.ts';
import { PAGE_SIZE, type Page } from '../../mm/page_alloc.ts';
import { IPPROTO_UDP, IP_HEADER, writeIpHeader } from '../ipv4/ip_header.ts';
import { lendFrag } from './lend.ts';
import { allocSkb, skbPut } from './skb_alloc.ts';
import { Checksum, type SkBuff } from './skbuff.ts';

/** IP and UDP. */
const HEADERS = IP_HEADER + 8;

/** What a packet is made of: `size` bytes from the start of `pages`, as stream bytes from `seq` of `flow`. */
export interface PacketBytes {
  readonly pages: readonly Page[];
  readonly size: number;
  readonly flow: number;
  readonly seq: number;
  readonly saddr: number;
  readonly daddr: number;
}

/**
 * A packet of headers and the first bytes of its payload, copied, so that nobody can change them behind a filter's
 * back: `linear` bytes in all. The device is to compute the checksum.
 * Model: the headers do not stand in the sender's page.
 * @kernel drivers/net/tun.c tun_get_user (3.8), drivers/xen/netback/netback.c net_tx_action (2.6.18-xen)
 */
export function linearPacket(k: Kernel, bytes: PacketBytes, linear: number): SkBuff {
  const { pages, size, saddr, daddr } = bytes;
  const skb = allocSkb(k, linear, false);
  const at = skbPut(skb, HEADERS);
  k.mem.fill(0, at, at + HEADERS);
  writeIpHeader(
    k.mem,
    at,
    size + HEADERS - IP_HEADER,
    k.ipIds++ & 0xffff,
    IPPROTO_UDP,
    saddr,
    daddr,
  );
  skb.headers = HEADERS;
  skb.flow = bytes.flow;
  skb.seq = bytes.seq;
  skb.ipSummed = Checksum.PARTIAL;
  const copied = Math.min(linear - HEADERS, size);
  if (copied > 0) {
    k.copyBytes(skbPut(skb, copied), pages[0]!.address, copied);
    k.cost[k.side + Cost.COPIED_PAYLOAD]! += copied;
  }
  skb.endSeq = (bytes.seq + copied) | 0;
  return skb;
}

/** What becomes of the payload: frags of a packet like any other, marked as shared, or copies in pages of its own. */
export type Payload = 'plain' | 'marked' | 'copied';

/**
 * The rest of the payload goes in by reference, on behalf of `loan`; where it is copied, for the loan all is over when
 * this returns. Throws NoMemory: what went in stays in.
 * @kernel net/core/datagram.c zerocopy_sg_from_iovec (3.10); drivers/net/tun.c tun_get_user, which marks what it has from
 * there (3.10, not 3.8); drivers/net/xen-netback/netback.c xen_netbk_get_requests (3.8) for copies
 */
export function zerocopySgFromIovec(
  k: Kernel,
  skb: SkBuff,
  { pages, size }: PacketBytes,
  loan: Loan,
  as: Payload,
): void {
  for (let at = skb.len - skb.headers; at < size; at = skb.len - skb.headers) {
    const page = pages[Math.floor(at / PAGE_SIZE)]!;
    const into = at % PAGE_SIZE;
    const n = Math.min(size - at, PAGE_SIZE - into);
    k.probe.lent(loan, page, into, n, skb.flow, skb.endSeq);
    if (as === 'copied') k.fillPageDesc(skb, k.copyPage(page, into, n), into, n);
    else lendFrag(k, skb, page, into, n, loan, as === 'marked' && k.era.lendersMark);
    skb.len += n;
    skb.dataLen += n;
    skb.truesize += n;
    skb.endSeq = (skb.endSeq + n) | 0;
  }
}
