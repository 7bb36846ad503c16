import type { SkbFrag, SkbSharedInfo } from '@lastref/kernel';
import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';

/** In a packet of several segments a buffer is completed with its segment, and with the packet. */
class SegmentAndPacket extends FragCounts {
  override fragUnref(shinfo: SkbSharedInfo, frag: SkbFrag): void {
    const { loan } = frag;
    if (loan !== null && shinfo.nrFrags > 1 && loan.refs === 1) this.k.complete(loan);
    super.fragUnref(shinfo, frag);
  }
}

export const wrong = program(
  'dpdk-cnxk-extbuf-wrong',
  'a buffer that its segment completes, and its packet once more',
  2024,
  (k) => new SegmentAndPacket(k),
);
