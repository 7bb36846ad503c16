import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const pages = program(
  'tls-async-notify',
  'a page that an engine encrypts',
  2024,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'tls-async-notify',
  title: 'a callback gives back a lock in what its waiter has freed',
  year: 2024,
  where: 'Linux, net/tls/tls_sw.c tls_decrypt_done, tls_encrypt_done',
  source: 'commit aec7961916f3, for 0cada33241d9; CVE-2024-26583',
  kind: 'used after it was freed',
  property: 'freed',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: pages, era: '6.1.192', on: [{ program: wrong }] },
  fixed: { design: pages, era: '6.1.192', on: [{ program: fixed }] },
  mechanism:
    'The callback of a crypto engine takes a lock of the TLS context, counts one request less, wakes up who waits for the last, and gives the lock back. Who waits need not have the lock for that: it goes on as soon as it is woken up, closes the socket and frees the context, and the callback writes into what is freed.',
  fix: 'No lock: the thread has one of the count, so whoever takes it to 0 knows that nobody else needs it, and the callback does nothing behind its own.',
  lesson:
    'The lock was there against another race, in which a wake-up went astray. To wake somebody up who may free what one stands in has to be the last thing that one does.',
  words: [
    'ktls',
    'tls',
    'async',
    'crypto',
    'complete',
    'completion',
    'close',
    'use after free',
    'race',
  ],
};
