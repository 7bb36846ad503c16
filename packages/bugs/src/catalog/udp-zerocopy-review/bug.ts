import type { Bug } from '../../bug.ts';
import { design } from './common.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'udp-zerocopy-review',
  title: 'a failed send is announced, and aborted as well',
  year: 2018,
  where: 'Linux, net/ipv4/ip_output.c __ip_append_data, as it was in review',
  source: 'merge 6e360f733113, changes from v3 to v4 of "udp msg_zerocopy"',
  kind: 'told twice',
  property: 'double',
  on: [],
  bound: { failures: 1 },
  wrong: { design, era: '5.10.223', on: [{ program: wrong }] },
  fixed: { design, era: '5.10.223', on: [{ program: fixed }] },
  mechanism:
    'The loop that appends a datagram attached the record of MSG_ZEROCOPY to a packet and then fetched bytes from user space. If that fails the packet is freed, which puts the only count of the record: the notification is queued and the record gone. The error path behind it takes back the number of the call, in a record that is freed.',
  fix: 'The record is attached below the only place in the loop that frees the packet.',
  lesson:
    'Found by reading, in the third round. The second had found a leak on the same path, and an increment from 0: whoever makes each step of such a loop fail once needs no rounds.',
  left: 'The leak and the increment of the earlier rounds are not played: their code was never merged, and is not to be had.',
  words: ['udp', 'msg_zerocopy', 'ip_append_data', 'error path', 'review', 'refcount', 'efault'],
};
