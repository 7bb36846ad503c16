import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const notifier = program(
  'rds-prequeue',
  'a notifier that accounts for pinned pages',
  2026,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'rds-prequeue',
  title: 'a message that never came to a socket is not known to have pinned pages',
  year: 2026,
  where: 'Linux, net/rds/message.c rds_message_purge',
  source: 'commit 44b550d88b26, CVE-2026-43502',
  kind: 'told too late or never',
  property: 'lost',
  on: [],
  bound: { failures: 1 },
  wrong: { design: notifier, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: notifier, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'RDS pins the pages of a zero-copy send, and a notifier accounts for them. When the message is freed, its socket is asked whether it was zero copy. If the send fails between the two, there is no socket: the pinned pages of the process are freed like payload of its own, and nobody ever takes them off the account of pinned memory.',
  fix: 'It is the notifier that is looked at; where there is no socket yet it is given up without a notification.',
  lesson:
    'Whether something is owned was read off a field that is set later than the ownership begins. A failure in between is all it takes.',
  left: 'Shown is the account that stays. That pinned pages are freed as if they were payload makes no difference to the model, whose process still has them mapped.',
  words: [
    'rds',
    'zerocopy',
    'pinned',
    'locked memory',
    'memlock',
    'rlimit',
    'notifier',
    'error path',
  ],
};
