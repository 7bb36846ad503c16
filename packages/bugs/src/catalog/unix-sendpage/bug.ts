import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const packets = program(
  'unix-sendpage',
  'pages in packets of a local socket',
  2023,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'unix-sendpage',
  title: 'a page is put into a packet that the garbage collector frees',
  year: 2023,
  where: 'Linux, net/unix/af_unix.c unix_stream_sendpage',
  source: 'commit 790c2f9d15b5 (stable), CVE-2023-4622',
  kind: 'used after it was freed',
  property: 'freed',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: packets, era: '6.1.192', on: [{ program: wrong }] },
  fixed: { design: packets, era: '6.1.192', on: [{ program: fixed }] },
  mechanism:
    'What is spliced to a local socket is appended to the last packet of the queue of its peer. The sender has two locks of the peer, which keep readers away. The garbage collector of descriptors that are under way takes neither: it empties the queue under the lock of the queue, and frees what was in it, while the sender puts its page into the last one.',
  fix: 'The lock of the queue is held from the look at its end until the page is in.',
  lesson:
    'The two locks were enough for whoever reads; one who empties the queue without reading was not thought of. It was shown with a program that wins the race.',
  words: [
    'unix',
    'af_unix',
    'sendpage',
    'splice',
    'sendfile',
    'garbage collector',
    'use after free',
    'race',
    'local root',
  ],
};
