import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const pages = program(
  'algif-aead',
  'a page that is in a list until it was decrypted',
  2026,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'algif-aead',
  title: 'a cipher writes behind its text, into the page cache',
  year: 2026,
  where: 'Linux, crypto/algif_aead.c _aead_recvmsg',
  source: 'commit a664bf3d603d, CVE-2026-31431',
  kind: 'written while it is lent',
  property: 'unmarked',
  on: [],
  wrong: { design: pages, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: pages, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    "A file may be spliced to a socket of the cipher interface; its pages stand in a list, by reference, and the result goes to memory of the reader. To work in place, a decryption copied all but the tag to the reader's memory, and made the pages of the tag the end of what it works on, source and destination. One cipher notes four bytes behind its text while it works: in the tag, which is a page of the file, and they stay there.",
  fix: 'Source and destination are two: what was spliced is only read.',
  lesson:
    'A list that is both is written to wherever a cipher likes, not only where its result stands. It had been so since 4.14, and let anybody change any file that he could read.',
  words: [
    'copy fail',
    'af_alg',
    'algif_aead',
    'authencesn',
    'aead',
    'splice',
    'page cache',
    'root',
    'in place',
    'crypto',
  ],
};
