import { design as ian } from '@lastref/strategies/ian-frag-destructor';
import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'task-frag',
  title: 'a send inside a send writes to the same place',
  year: 2021,
  where: 'Linux, include/net/sock.h sk_page_frag, net/ipv4/tcp.c tcp_sendmsg_locked',
  source: 'commit dacb5d8875cc, CVE-2021-47544',
  kind: 'written while it is lent',
  property: 'written',
  harm: 'delivered',
  on: [],
  bound: { drops: 0, retransmissions: 0 },
  wrong: { design: ian, era: '5.10.223', on: [{ program: wrong }] },
  fixed: { design: ian, era: '5.10.223', on: [{ program: fixed }] },
  mechanism:
    'What is sent by copying goes to a page that belongs to the task, one send behind the other. The copy may fault; if the page that is missing is of a file on a network file system, the same task sends a request to fetch it, while it is in the middle of a copy. Both sends write to the same place of the same page, and the request reaches the server with bytes of the outer send in it.',
  fix: 'A socket whose allocations may not go into a file system uses a page of its own.',
  lesson:
    'Nobody runs beside the task: it comes back into the function by its own page fault. A cursor that is kept across something which may sleep is shared with oneself.',
  words: [
    'nfs',
    'cifs',
    'tcp',
    'task_frag',
    'page fault',
    'reentrancy',
    'corruption',
    'sk_page_frag',
  ],
};
