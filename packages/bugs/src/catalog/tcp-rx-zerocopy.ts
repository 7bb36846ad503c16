import { CHANGES } from '@lastref/kernel';
import { OPERATIONS, type Operation } from '@lastref/operations';
import { design as ian } from '@lastref/strategies/ian-frag-destructor';
import type { Bug } from '../bug.ts';

const recipeOf = (id: string): Operation => OPERATIONS.find((o) => o.id === id)!;

/** As the kernel has it: with the look at the page's owner, or without. */
const receive: Operation = {
  ...recipeOf('tcp_zerocopy_receive'),
  id: 'getsockopt(TCP_ZEROCOPY_RECEIVE)',
  until: null,
  apply(b) {
    const guarded = b.k.era.changes.has(CHANGES.zerocopyReceiveGuard);
    recipeOf(guarded ? 'tcp_zerocopy_receive (guarded)' : 'tcp_zerocopy_receive').apply(b);
  },
};

export const bug: Bug = {
  id: 'tcp-rx-zerocopy',
  title: 'a page that was sent by reference is mapped to whoever receives it',
  year: 2024,
  where: 'Linux, net/ipv4/tcp.c can_map_frag',
  source: 'commit 577e4432f3ac, CVE-2024-26640',
  kind: 'given back to the wrong place',
  property: 'early',
  on: [{ recipe: receive }],
  wrong: { design: ian, era: '7.2.13-zerocopyReceiveGuard' },
  fixed: { design: ian, era: '7.2.13' },
  mechanism:
    'TCP_ZEROCOPY_RECEIVE maps whole pages of the receive queue into the reader, as if they had come from a network card. Over loopback they are the pages that were sent: of a file, which the page cache believes to have for itself. In history the kernel ran into its own checks of such pages; here the owner is told that its page is free while it is mapped to another process.',
  fix: 'A page that belongs to a mapping, and a compound page, is not mapped; the reader copies.',
  lesson:
    'Found by a fuzzer, six years after the feature. Where a page came from was taken for granted; on one host a sender and a receiver are enough.',
  words: ['tcp_zerocopy_receive', 'getsockopt', 'mmap', 'loopback', 'sendfile', 'panic', 'syzbot'],
};
