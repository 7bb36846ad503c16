import { design as msgZerocopy } from '@lastref/strategies/msg-zerocopy';
import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'qemu-multifd-header',
  title: 'the header of a packet is written anew while the packet waits to be sent',
  year: 2022,
  where: 'QEMU, migration/multifd.c multifd_send_thread',
  source: 'qemu b7dbdd8e76cd',
  kind: 'written while it is lent',
  property: 'written',
  harm: 'delivered',
  on: [],
  bound: { drops: 0, retransmissions: 0 },
  wrong: { design: msgZerocopy, era: '5.10.223', on: [{ program: wrong }] },
  fixed: { design: msgZerocopy, era: '5.10.223', on: [{ program: fixed }] },
  mechanism:
    'A channel of a migration sends a header and the pages that it describes with one zero-copy writev. Notifications are looked at only when all of memory has been gone through once, and the buffer of the header serves for the next packet at once: what the destination gets is the header of a later packet, and the migration stops with an error.',
  fix: 'Headers are sent by copying, in a write of their own; only the pages of the guest go by reference.',
  lesson:
    'A page of the guest may change under way, as it is marked dirty then and sent again. The header beside it may not. Whether an owner minds is a question for each buffer, and the flag is one for the whole call.',
  left: 'A header that TCP has to send again is a copy; pages of the guest may be sent with later contents, which the migration repeats.',
  words: ['qemu', 'kvm', 'live migration', 'multifd', 'zero-copy-send', 'msg_zerocopy', 'header'],
};
