import { design as marker } from '@lastref/strategies/shared-frag-marker';
import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'tempesta-tls',
  title: 'TLS in the kernel encrypts a file where it is cached',
  year: 2019,
  where: 'Tempesta FW, ttls (TLS on the transmit side, in the kernel)',
  source: 'tempesta-tech/tempesta issue 1217, PR 1264',
  kind: 'written while it is lent',
  property: 'unmarked',
  on: [],
  wrong: { design: marker, era: '4.14', on: [{ recipe: wrong }] },
  fixed: { design: marker, era: '4.14', on: [{ recipe: fixed }] },
  mechanism:
    'Records are encrypted in the write queue, page by page, where they stand. Of an answer that the server has made that is right. Of a file that is served by sendfile the pages are those of the page cache: the file itself is encrypted, and whoever reads it next gets the ciphertext.',
  fix: 'New packets get the flag of shared frags of those that they are made of, and a record that has it is encrypted into fresh pages.',
  lesson:
    'A reviewer asked at once what happens where the stack loses the flag on its way. Seven years later the helpers that did were found one by one: mark-helpers.',
  left: 'The marker says whose the pages are, and nobody when they are free: a sender who writes to them early is as badly off as with any sendfile.',
  words: ['tempesta', 'tls', 'ktls', 'sendfile', 'page cache', 'nginx', 'file changed', 'encrypt'],
};
