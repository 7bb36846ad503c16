import { design as acks } from '@lastref/strategies/tcp-ack-callback';
import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'sendpage-ok',
  title: 'the stack counts on a page that nobody counts, and frees it',
  year: 2020,
  where: 'Linux, drivers/nvme/host/tcp.c nvme_tcp_try_send_data',
  source: 'commit 7d4194abfc4d and the series that added sendpage_ok',
  kind: 'given back to the wrong place',
  property: 'stray',
  on: [],
  bound: { drops: 0, retransmissions: 0 },
  wrong: { design: acks, era: '5.10.223', on: wrong.map((program) => ({ program })) },
  fixed: { design: acks, era: '5.10.223', on: fixed.map((program) => ({ program })) },
  mechanism:
    'A block may stand in memory of a slab, or in a tail page of an allocation that is no compound page. Such a page has a count of 0. sendpage takes a reference, which makes it 1; when the packet is freed the count is 0 again, and the page goes to the free list under the feet of the owner.',
  fix: 'One helper says whether the stack may count on a page; of any other the bytes are copied.',
  lesson:
    'iSCSI, DRBD and Ceph had each found it before, and had each a check of its own, none of them quite the same.',
  words: [
    'nvme',
    'nvme-tcp',
    'sendpage',
    'slab',
    'kmalloc',
    'page count',
    'oops',
    'iscsi',
    'ceph',
    'drbd',
  ],
};
