import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const writes = program(
  'fuse-direct-splice',
  'a write that is over when the server says so',
  2022,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'fuse-direct-splice',
  title: 'a write is over, and its pages are still in a pipe of the file system',
  year: 2022,
  where: 'Linux, fs/fuse/dev.c fuse_copy_page',
  source: 'commit 0c4bcfdecb1a, CVE-2022-1011',
  kind: 'told too early',
  property: 'early',
  on: [],
  wrong: { design: writes, era: '6.1.192', on: [{ program: wrong }] },
  fixed: { design: writes, era: '6.1.192', on: [{ program: fixed }] },
  mechanism:
    'A write with FOPEN_DIRECT_IO takes references on the pages of the process, and a request with them goes to the server of the file system. A server that splices takes the pages into a pipe by reference, too. It may answer at once: write returns, the process writes to its memory again, and the server reads in its pipe what was never written to its file.',
  fix: 'Pages that are of a user are copied when they go into a pipe.',
  lesson:
    'A pipe has no end that its filler could wait for: what is put there by reference is lent for as long as its reader likes. Twelve years from the commit that let servers splice.',
  words: [
    'fuse',
    'splice',
    'direct_io',
    'pipe',
    'file system in user space',
    'leak',
    'write returns',
  ],
};
