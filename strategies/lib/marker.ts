// Which operations of a release carry SKBFL_SHARED_FRAG from packet to packet.
import { Site, type Era } from '@lastref/kernel';

/** The first helpers that did. [3.9, cef401de7be8] */
const FIRST = Site.EXPAND_HEAD | Site.CARVE | Site.SPLIT | Site.SEGMENT | Site.SEGMENT_FLAGS;

/** And those that were made to in 2026. [f84eca581739, 48f6a5356a33] */
const OF_2026 =
  FIRST |
  Site.PSKB_COPY |
  Site.SHIFT |
  Site.COALESCE |
  Site.GRO |
  Site.GRO_LIST |
  Site.PROBE |
  Site.SEGMENT_LIST;

/** All that carry it in the newest release. */
export const MARKER_HELPERS = OF_2026 | Site.IPTFS_CONSUME;

/** Bits of Site. */
export function markerSites(era: Era): number {
  return (
    (era.markerCarried ? OF_2026 : FIRST) |
    (era.skbZerocopyMarks ? Site.ZEROCOPY : 0) |
    (era.iptfsConsumeMarks ? Site.IPTFS_CONSUME : 0)
  );
}
