import { design as pages } from '@lastref/strategies/naive-sendpage';
import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'tls-clear-skb',
  title: 'pages that were only borrowed are put when decryption is done',
  year: 2024,
  where: 'Linux, net/tls/tls_sw.c tls_decrypt_done',
  source: 'commit 32b55c5ff910, CVE-2024-26582',
  kind: 'given back to the wrong place',
  property: 'stray',
  on: [],
  wrong: { design: pages, era: '6.1.192', on: wrong.map((one) => ({ recipe: one })) },
  fixed: { design: pages, era: '6.1.192', on: fixed.map((one) => ({ recipe: one })) },
  mechanism:
    'Decryption with an asynchronous engine ends in a callback, which puts the pages of the output if the output is not the input: then they are pages of the reader, which were pinned for it. A third case came later, in which the output is an sk_buff whose pages have the references of that sk_buff and no others. The callback put those.',
  fix: 'Whoever takes the references sets a flag, and the callback asks the flag.',
  lesson:
    'That it was owned was read off something else that happened to be true at the same time. It was met by a read of part of a record.',
  left: 'Nobody who lends is told anything here, as the pages stand for those of a receive buffer: what a sender would see if he wrote to them is not the question.',
  words: ['ktls', 'tls', 'async', 'crypto', 'partial read', 'use after free', 'sgout', 'decrypt'],
};
