import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const channel = program(
  'qemu-flush',
  'a channel that waits for as many calls as it has counted',
  2022,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'qemu-flush',
  title: 'a flush waits for the calls that were counted, and none was',
  year: 2022,
  where: 'QEMU, io/channel-socket.c qio_channel_socket_writev',
  source: 'qemu 4f5a09714c98',
  kind: 'told too early',
  property: 'early',
  on: [],
  wrong: { design: channel, era: '6.1.192', on: [{ program: wrong }] },
  fixed: { design: channel, era: '6.1.192', on: [{ program: fixed }] },
  mechanism:
    'A migration sends pages of its guest by MSG_ZEROCOPY, and flushes before it sends a page once more. The flush compares how many calls were queued with how many the error queue has announced. Between two versions of the series the line that counts the queued ones was lost: the flush always finds none, and returns.',
  fix: 'A call that sends without copying is counted.',
  lesson:
    'A wait for nothing looks like a wait that was short. It got through three reviews; what it can do is to corrupt the memory of a guest.',
  words: [
    'qemu',
    'migration',
    'multifd',
    'zero-copy-send',
    'zero_copy_queued',
    'flush',
    'corruption in ram',
    'msg_zerocopy',
  ],
};
