import { PAGE_SIZE, Site, fragAt, skbClone, type Kernel, type SkBuff } from '@lastref/kernel';
import type { Operation } from '@lastref/operations';
import { Act } from '../../act.ts';
import { recipe } from '../../recipe.ts';

/** Bytes of the header that a NAT rewrites: addresses and checksum. */
const REWRITTEN = 12;

/**
 * The other end of a pair gets a packet and rewrites its header, with a slice of its bytes in hand. `cross`: what of the
 * packet goes to the other end.
 */
export function vethThenNat(version: string, cross: (k: Kernel, skb: SkBuff) => SkBuff): Operation {
  return recipe(`veth_write_packets ${version}`, 'gVisor, pkg/tcpip/link/veth', (b) => {
    const { k } = b;
    const packet = b.packet(b.first);
    const other = cross(k, packet);
    b.hold(other, 'other namespace');
    const nat = new Act(k, 'NAT', 'rewrites the header', () => {
      if (b.inHands().includes(other)) rewrite(k, other);
    });
    nat.arm();
  });
}

/** As a whole copy, or over pages that somebody else may have: the slice does not say which. */
function rewrite(k: Kernel, skb: SkBuff): void {
  const { shinfo, data, headers } = skb;
  skb.flow = 0; // from here on it is another stream, which nobody compares
  if (shinfo.nrFrags === 0) {
    k.probe.written(null, 0, REWRITTEN);
    k.mem.fill(0x4e, data + headers, data + headers + REWRITTEN);
    return;
  }
  const { page, pageOffset } = fragAt(shinfo, 0);
  k.probe.written(page, pageOffset, REWRITTEN);
  page.writes++;
  const at = page.address + (pageOffset % PAGE_SIZE);
  k.mem.fill(0x4e, at, at + REWRITTEN);
}

/** A clone, whose buffers are shared until somebody asks for them to be his own. */
export const cloned = (k: Kernel, skb: SkBuff): SkBuff => skbClone(k, skb, Site.TAP);
