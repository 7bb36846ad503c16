import type { Bug } from '../../bug.ts';
import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const counted = program(
  'tls-async-hold',
  'a count in each fragment, for whoever sends',
  2026,
  (k) => new FragCounts(k),
);

export const bug: Bug = {
  id: 'tls-async-hold',
  title: 'of the clones that are held for an engine those made before a failure are forgotten',
  year: 2026,
  where: 'Linux, net/tls/tls_sw.c tls_decrypt_async_wait, net/tls/tls_strp.c tls_strp_msg_hold',
  source: 'commit 84a8335d8300, for b8a6ff84abbc; CVE-2026-23414',
  kind: 'told too late or never',
  property: 'lost',
  on: [],
  bound: { failures: 1 },
  wrong: { design: counted, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: counted, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'While an engine decrypts a record, clones of its packets stand in a queue of the socket. If there is no memory for one of them, the record is decrypted without the engine, and the clones that were made already stay: the queue is emptied at the end of a call only if an engine was used in it, and not when the socket is closed. Whoever has lent the pages of these packets is never told.',
  fix: 'The queue is emptied where all that the engine had is waited for, whoever waits.',
  lesson:
    'A function that fails half-way has to undo what it has done, or say that it has done something. Here the caller of the caller asked another question: whether the engine was used.',
  words: ['ktls', 'tls', 'async', 'crypto', 'tls_strp_msg_hold', 'enomem', 'leak', 'error path'],
};
