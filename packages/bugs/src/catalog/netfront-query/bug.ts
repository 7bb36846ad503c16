import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const packets = program(
  'netfront-query',
  'a packet that is freed when its grant is revoked',
  2022,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'netfront-query',
  title: 'a grant is asked whether it is mapped, and mapped before it is revoked',
  year: 2022,
  where: 'Linux, drivers/net/xen-netfront.c xennet_tx_buf_gc',
  source: 'commit 31185df7e2b1, CVE-2022-23037, XSA-396',
  kind: 'told too early',
  property: 'corrupt',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: packets, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: packets, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'A guest lets another domain map its page, which sends it. When the answer comes, the driver asks whether the page is still mapped. It is not, so the driver revokes the grant and frees the packet. The other domain maps the page between the question and the revocation, which then fails; nobody looks at its result. The page is used again for something else, and the other domain reads that.',
  fix: 'The driver revokes, and looks at the result: the revocation is one atomic operation, which fails while the page is mapped.',
  lesson:
    'A question about a state that somebody else may change says nothing of the moment after it. With the other domain before or behind the driver the answer is right; it has to come in between.',
  left: 'A backend that keeps the mapping keeps the page: the driver calls the device broken and never frees the packet. That is meant.',
  words: ['xen', 'grant table', 'gnttab', 'backend', 'netback', 'guest memory', 'race', 'toctou'],
};
