import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const memory = program(
  'xsk-shared-cq',
  'memory that is told of by a completion ring',
  2020,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'xsk-shared-cq',
  title: 'two sockets publish into one completion ring, each under its own lock',
  year: 2020,
  where: 'Linux, net/xdp/xsk.c xsk_generic_xmit, xsk_destruct_skb',
  source: 'commit f09ced4053bc, for 35fcde7f8deb',
  kind: 'told too late or never',
  property: 'lost',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: memory, era: '5.10.223', on: [{ program: wrong }] },
  fixed: { design: memory, era: '5.10.223', on: [{ program: fixed }] },
  mechanism:
    'The ring by which a process hears that its memory was sent has one producer. Sockets that share memory, device and queue share the ring as well, and the lock that a destructor takes stood in the socket. Two packets of two sockets are freed at once: both read the end of the ring, both write their address into the same slot, and both move the end by one. One address is never told, and its memory never used again.',
  fix: 'The lock stands in the pool, as the ring does.',
  lesson:
    'A lock belongs to what it protects. The ring had a producer more from the day on which it could be shared.',
  left: 'Shown is the half that loses an address; the lock also guards the reservation of a slot when a packet is sent, of which the mail speaks first.',
  words: ['af_xdp', 'xdp', 'umem', 'xdp_shared_umem', 'completion ring', 'cq_lock', 'race', 'leak'],
};
