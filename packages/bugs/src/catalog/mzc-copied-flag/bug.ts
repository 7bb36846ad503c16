import type { Bug } from '../../bug.ts';
import { design } from './common.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'mzc-copied-flag',
  title: 'a small send over loopback is said to have been zero copy, and was copied',
  year: 2017,
  where: 'Linux, net/ipv4/tcp.c tcp_sendmsg_locked',
  source: 'commit 02583adeff12',
  kind: 'told what is not true',
  property: 'dishonest',
  on: [],
  wrong: { design, era: '4.14', on: wrong.map((program) => ({ program })) },
  fixed: { design, era: '4.14', on: fixed.map((program) => ({ program })) },
  mechanism:
    'The notification of MSG_ZEROCOPY says whether copies were sent instead, so that a program can stop asking for what it does not get. Over loopback frags are copied on their way to the receiver, and that sets the flag. A small send went into the head of the packet, by a copy; it had no frags to be copied, and the flag stayed unset.',
  fix: 'All that is sent with MSG_ZEROCOPY goes into frags.',
  lesson:
    'Nothing is corrupt, nobody is told too early: a wrong word about a cost. It takes somebody who compares what is said with what was read.',
  words: [
    'msg_zerocopy',
    'so_ee_code_zerocopy_copied',
    'loopback',
    'notification',
    'copied',
    'small',
  ],
};
