import { design as marker } from '@lastref/strategies/shared-frag-marker';
import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'mark-rxrpc',
  title: 'rxrpc decrypts over pages that are lent, as the packet is not cloned',
  year: 2026,
  where: 'Linux, net/rxrpc/call_event.c rxrpc_input_call_event, conn_event.c rxrpc_verify_response',
  source: 'CVE-2026-43500',
  kind: 'written while it is lent',
  property: 'unmarked',
  on: [],
  wrong: { design: marker, era: '7.2.13', on: [{ recipe: wrong }] },
  fixed: { design: marker, era: '7.2.13', on: [{ recipe: fixed }] },
  mechanism:
    'rxrpc makes a linear copy of a DATA or RESPONSE packet before it decrypts it, if the packet is cloned. A packet whose pages were spliced into a socket and looped back is not cloned: nobody else has the packet, somebody else has its pages, and they are decrypted where they stand.',
  fix: 'A copy is made as well where the packet has a frag_list or the marker of shared frags.',
  lesson:
    'The sister of mark-udp-esp, one protocol further. Each writer in place has a question of its own; it is worth a list of all that ask only whether a packet is cloned.',
  left: 'The marker says whose the pages are, and nobody when they are free: a sender who writes to them early is as badly off as with any sendfile.',
  words: ['rxrpc', 'afs', 'page cache', 'splice', 'in-place decryption', 'dirty frag', 'root'],
};
