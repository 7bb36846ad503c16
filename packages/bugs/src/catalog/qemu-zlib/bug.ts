import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const pages = program(
  'qemu-zlib',
  'a page that is compressed while its guest runs',
  2022,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'qemu-zlib',
  title: 'a page is compressed while its guest writes to it, and is read twice',
  year: 2022,
  where: 'QEMU, migration/multifd-zlib.c zlib_send_prepare',
  source: 'qemu 007e179ef0e9',
  kind: 'written while it is lent',
  property: 'written',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: pages, era: '6.1.192', on: [{ program: wrong }] },
  fixed: { design: pages, era: '6.1.192', on: [{ program: fixed }] },
  mechanism:
    'A migration compresses pages of a guest that runs on, where they stand: if a page changes it is sent again anyway. But deflate may read its input more than once, and wants it to be the same each time; what it makes of two different reads is a stream that nobody can inflate.',
  fix: 'The page is copied, and the copy compressed.',
  lesson:
    'That the content may be old does not mean that it may change. It was met where a machine compresses in hardware, and the authors of zlib said that the software does so too.',
  words: [
    'qemu',
    'migration',
    'multifd',
    'zlib',
    'deflate',
    'compress',
    's390',
    'sliding window',
    'double fetch',
  ],
};
