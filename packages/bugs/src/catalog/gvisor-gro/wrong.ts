import { Site, type SkbSharedInfo, type SkBuff } from '@lastref/kernel';
import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';

/** Whoever merges takes a reference of the packet that it merges, and nobody drops it. */
class MergedStays extends FragCounts {
  override adopt(parent: SkBuff, _child: SkbSharedInfo, site: Site): void {
    if ((site & (Site.COALESCE | Site.GRO)) === 0) return;
    const { loan } = parent.shinfo.frags[0]!;
    if (loan !== null) this.k.hold(loan); // pkt.IncRef()
  }
}

export const wrong = program(
  'gvisor-gro-wrong',
  'a merged packet that is never let go of',
  2022,
  (k) => new MergedStays(k),
);
