// A packet of IPv6 that is cut into fragments: a header of its own comes between, for which there must be room. The
// lines are those of IPv4, with what af_ops.ts says of the headers.
import type { Kernel } from '../../kernel.ts';
import type { NetDevice } from '../core/dev.ts';
import type { SkBuff } from '../core/skbuff.ts';
import { ipFragment } from '../ipv4/ip_output.ts';
import { ipv6Specific } from './ipv6_header.ts';

/**
 * As ipFragment: each packet of a chain has room for what the device and both headers want, or the bytes are copied.
 * @kernel net/ipv6/ip6_output.c ip6_fragment (5.10, 6.12)
 */
export function ip6Fragment(k: Kernel, skb: SkBuff, device: NetDevice): void {
  ipFragment(k, skb, device, ipv6Specific);
}
