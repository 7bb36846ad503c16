import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const pinned = program(
  'tls-backlog',
  'a page that is pinned while an engine writes to it',
  2024,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'tls-backlog',
  title: 'a decryption that waited and failed puts the pages that its callback has put',
  year: 2024,
  where: 'Linux, net/tls/tls_sw.c tls_decrypt_sg',
  source: 'commit 13114dc55430, for 859054147318; CVE-2024-26800',
  kind: 'given back to the wrong place',
  property: 'stray',
  on: [],
  wrong: { design: pinned, era: '6.1.192', on: [{ program: wrong }] },
  fixed: { design: pinned, era: '6.1.192', on: [{ program: fixed }] },
  mechanism:
    'A record is decrypted by an engine, whose callback puts the pinned pages of the reader. If the queue of the engine is full, the request goes to a backlog, and the thread waits until all requests are through. When one of them has failed, the wait returns that error, and the caller takes it for one of a request that never began: it puts the pages as well. They go to the free list while the process has them mapped.',
  fix: 'Whoever has waited says so (async_done), and the caller leaves the pages to the callback.',
  lesson:
    'An error path cannot tell from an error who still has what. The wait was new: it came with the repair of another bug of the same function, three weeks before.',
  words: [
    'ktls',
    'tls',
    'async',
    'crypto',
    'cryptd',
    'backlog',
    'ebusy',
    'ebadmsg',
    'use after free',
  ],
};
