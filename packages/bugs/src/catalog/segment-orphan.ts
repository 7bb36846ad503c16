import { design as ubufOrphan } from '@lastref/strategies/ubuf-orphan';
import type { Bug } from '../bug.ts';

export const bug: Bug = {
  id: 'segment-orphan',
  title: "segments outlive the packet that holds the guest's record",
  year: 2014,
  where: 'Linux, net/core/skbuff.c skb_segment',
  source: 'commit 1fd819ecb90c, CVE-2014-0131',
  kind: 'told too early',
  property: 'early',
  on: [{ operation: 'skb_segment (handed over)' }],
  wrong: { design: ubufOrphan, era: '3.8' },
  fixed: { design: ubufOrphan, era: '3.8+segmentOrphans' },
  mechanism:
    'A packet of a guest carries a record that nobody counts. skb_segment gives its segments page references and no record; when the packet is freed the record says that the guest has its memory back, and the segments, still in a queue, send what the guest puts there next.',
  fix: "skb_segment takes private copies of the packet's frags first (skb_orphan_frags).",
  lesson:
    'The record is kept by copying wherever data is shared; one place that shares was forgotten for two years. The matrix offers every operation that shares to every design.',
  words: ['vhost', 'guest', 'tap', 'gso', 'tso', 'information leak', 'macvtap'],
};
