import { Site, type SkbSharedInfo, type SkBuff } from '@lastref/kernel';
import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';

/** Whoever cuts a packet takes a reference for the one that is cut, and expects the cutter to own that packet. */
class CutterOwns extends FragCounts {
  override adopt(parent: SkBuff, _child: SkbSharedInfo, site: Site): void {
    if (site !== Site.SEGMENT) return;
    const { loan } = parent.shinfo.frags[0]!;
    if (loan !== null) this.k.hold(loan); // rte_pktmbuf_refcnt_update, for a caller who never frees
  }
}

export const wrong = program(
  'dpdk-gso-external-wrong',
  'a packet that was cut, and that nobody frees',
  2020,
  (k) => new CutterOwns(k),
);
