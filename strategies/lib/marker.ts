// Which operations of a release carry SKBFL_SHARED_FRAG from packet to packet.
import { Site, type Era } from '@lastref/kernel';

/** The first helpers that did. [3.9, cef401de7be8] */
const FIRST = Site.EXPAND_HEAD | Site.SPLIT | Site.SEGMENT | Site.SEGMENT_FLAGS;

/** Every helper that moves frags, as completed in 2026. [f84eca581739, 48f6a5356a33] */
export const MARKER_HELPERS =
  FIRST |
  Site.PSKB_COPY |
  Site.SHIFT |
  Site.COALESCE |
  Site.GRO |
  Site.GRO_LIST |
  Site.PROBE |
  Site.SEGMENT_LIST;

/** Bits of Site. */
export function markerSites(era: Era): number {
  const helpers = era.markerCarried ? MARKER_HELPERS : FIRST;
  return era.skbZerocopyMarks ? helpers | Site.ZEROCOPY : helpers;
}
