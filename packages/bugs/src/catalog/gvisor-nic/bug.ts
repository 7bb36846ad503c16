import { design as ian } from '@lastref/strategies/ian-frag-destructor';
import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'gvisor-nic',
  title: 'a packet for several endpoints is released for the first of them',
  year: 2021,
  where: 'gVisor, pkg/tcpip/stack/nic.go',
  source: 'gvisor bb1ae811f',
  kind: 'told too early',
  property: 'early',
  on: [],
  wrong: { design: ian, era: '3.8', on: [{ recipe: wrong }] },
  fixed: { design: ian, era: '3.8', on: [{ recipe: fixed }] },
  mechanism:
    "A device hands each packet to every endpoint that asked for all of them, in a loop. The reference was dropped inside, for each endpoint: from the second one on the packet was in the pool already, and might be somebody else's.",
  fix: 'The reference is taken before the loop and dropped behind it.',
  lesson:
    'With one endpoint, as in most tests, nothing is wrong. The second reader of a fan-out is what shows it.',
  words: ['gvisor', 'netstack', 'packet endpoint', 'af_packet', 'fan-out', 'broadcast', 'pool'],
};
