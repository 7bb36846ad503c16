import type { Bug } from '../../bug.ts';
import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const counted = program(
  'macb-close',
  'a count in each fragment, for whoever sends',
  2026,
  (k) => new FragCounts(k),
);

export const bug: Bug = {
  id: 'macb-close',
  title: 'a card is closed, and the packets of its ring are forgotten',
  year: 2026,
  where: 'Linux, drivers/net/ethernet/cadence/macb_main.c macb_free_consistent',
  source: 'commit 27f575836cfe, for 89e5785fc8a6 of 2006',
  kind: 'told too late or never',
  property: 'lost',
  on: [],
  wrong: { design: counted, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: counted, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'A driver remembers the packets that its card has still to send, or has sent and not said so, in an array beside the ring. When the card is closed it stands still, and ring and array are freed: nobody frees the packets, and whoever has lent pages to them is never told.',
  fix: 'What stands between the tail and the head of the ring is freed first, and counted as dropped.',
  lesson:
    'An owner of references is torn down by dropping them. It was so for twenty years, as only a packet that is under way in that moment is lost; whoever waits for its pages waits for ever.',
  words: ['macb', 'gem', 'driver', 'ndo_stop', 'ifdown', 'tx ring', 'tx_skb', 'leak', 'teardown'],
};
