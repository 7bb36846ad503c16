import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const guests = program(
  'vhost-ubuf-put',
  'a packet whose callback tells that it is sent',
  2025,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'vhost-ubuf-put',
  title: 'the last put wakes up whoever waits for it, who has gone already',
  year: 2025,
  where: 'Linux, drivers/vhost/net.c vhost_net_ubuf_put',
  source: 'commit dd54bcf86c91',
  kind: 'told in a wrong context',
  property: 'context',
  on: [],
  bound: { preemptions: 1 },
  wrong: { design: guests, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: guests, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'Whoever changes the backend drops its own reference, waits until the count is 0, and frees what has the count. The callback of the last packet takes the count to 0 and then wakes up who waits. If that one looks at the count between the two, it need not wait: it frees at once, and the callback takes a lock in freed memory.',
  fix: 'The put runs in a read-side section of RCU, and the memory is freed behind a grace period.',
  lesson:
    'A count in an object protects the object only until it is 0: whoever took it there may not touch the object any more, and to wake somebody up is to touch it.',
  words: ['vhost', 'virtio', 'zerocopy', 'wake_up', 'wait_event', 'rcu', 'use after free', 'race'],
};
