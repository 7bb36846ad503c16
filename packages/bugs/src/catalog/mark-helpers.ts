import { design as marker } from '@lastref/strategies/shared-frag-marker';
import type { Bug } from '../bug.ts';

export const bug: Bug = {
  id: 'mark-helpers',
  title: 'helpers that move frags leave the marker of shared frags behind',
  year: 2026,
  where: 'Linux, net/core/skbuff.c skb_shift, skb_try_coalesce, pskb_copy; net/core/gro.c',
  source: 'commits 48f6a5356a33, f84eca581739; CVE-2026-46300, CVE-2026-43503',
  kind: 'a marker or an owner lost on the way',
  property: 'unmarked',
  on: [{ operation: 'esp_input' }, { operation: 'skb_try_coalesce, esp_input' }],
  wrong: { design: marker, era: '7.2.13-markerCarried' },
  fixed: { design: marker, era: '7.2.13' },
  mechanism:
    'A bit in the shared info says that a page belongs to somebody else, such as the page cache. Helpers that move entries to another shared info did not take the bit along; ESP found no bit, took the page for its own, and decrypted over a file.',
  fix: 'Each helper that moves entries carries the bit.',
  lesson:
    'Seven places in one series, found one after the other. They are the same places that lose a ubuf_info.',
  left: 'The marker says whose the pages are, and nobody when they are free: a sender who writes to them early is as badly off as with any sendfile.',
  words: [
    'page cache',
    'esp',
    'ipsec',
    'splice',
    'sendfile',
    'root',
    'skbfl_shared_frag',
    'dirty frag',
  ],
};
