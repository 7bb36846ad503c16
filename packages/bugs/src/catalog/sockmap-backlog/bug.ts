import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const packets = program(
  'sockmap-backlog',
  'a packet in two queues, one after the other',
  2023,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'sockmap-backlog',
  title:
    'a packet is freed by its reader before whoever passed it on has taken it out of his queue',
  year: 2023,
  where: 'Linux, net/core/skmsg.c sk_psock_backlog',
  source: 'commit a454d84ee20b, for 799aa7f98d53',
  kind: 'used after it was freed',
  property: 'freed',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: packets, era: '6.1.192', on: [{ program: wrong }] },
  fixed: { design: packets, era: '6.1.192', on: [{ program: fixed }] },
  mechanism:
    'A work looks at the first packet of a queue, makes a message of it that a reader can get at, and then takes the packet out of its queue. The message carries the only reference. A reader who comes in between the two reads, drops it, and the packet is freed while it still stands in the first queue; to take it out is to write to it.',
  fix: 'The work takes a reference before it passes the packet on, and drops it when the packet is out of its queue.',
  lesson:
    'As long as the work had the lock of the socket nobody could come in; the lock was given up for speed, and the reference that it had stood for was forgotten.',
  words: [
    'sockmap',
    'bpf',
    'skmsg',
    'psock',
    'skb_dequeue',
    'consume_skb',
    'use after free',
    'race',
  ],
};
