import { Site, type Design } from '@lastref/kernel';
import { SharedFragMarker } from '../shared-frag-marker.ts';

const HELPERS = Site.SPLIT | Site.SEGMENT;

export const design = {
  id: 'canary-marker-of-2025',
  title: 'canary: the shared-frag marker before its holes were found',
  year: 2025,
  source:
    'net/core/skbuff.c before f84eca581739 and 48f6a5356a33: skb_split and skb_segment carry the bit, the block copy of pskb_expand_head has it, and nobody else does',
  status: 'canary',
  summary:
    'The marker of shared-frag-marker, lost by pskb_copy, skb_shift, skb_try_coalesce, GRO and the MTU probe.',
  adds: [],
  hooks: HELPERS,
  claims: [],
  create: (k) => new SharedFragMarker(k, HELPERS),
} satisfies Design;
