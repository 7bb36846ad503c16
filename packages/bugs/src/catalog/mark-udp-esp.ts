import { design as marker } from '@lastref/strategies/shared-frag-marker';
import type { Bug } from '../bug.ts';

export const bug: Bug = {
  id: 'mark-udp-esp',
  title: 'ESP decrypts over pages that are lent, as the packet is not cloned',
  year: 2026,
  where: 'Linux, net/ipv4/esp4.c esp_input',
  source: 'commit f4c50a4034e6, CVE-2026-43284',
  kind: 'written while it is lent',
  property: 'unmarked',
  on: [{ operation: 'esp_input' }],
  wrong: { design: marker, era: '7.2.13-espAsksMarker' },
  fixed: { design: marker, era: '7.2.13' },
  mechanism:
    'ESP takes a packet without a frag_list that nobody has cloned for its own, and decrypts in place. Pages that were spliced into a socket and looped back are in such a packet: the page cache is written to, by anybody.',
  fix: 'ESP copies where the marker of shared frags is set (and UDP sets it, which it had forgotten).',
  lesson:
    'Nobody else has this packet and nobody else has these pages are two sentences. A writer in place has to ask the second one.',
  left: 'The marker says whose the pages are, and nobody when they are free: a sender who writes to them early is as badly off as with any sendfile.',
  words: ['page cache', 'esp', 'ipsec', 'splice', 'dirty frag', 'root', 'privilege escalation'],
};
