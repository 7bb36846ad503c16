import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const host = program(
  'vhost-head-index',
  'a host that gives buffers back in the order of the ring',
  2013,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'vhost-head-index',
  title: 'a guest names one head twice, and one record is used for two packets',
  year: 2013,
  where: 'Linux, drivers/vhost/net.c handle_tx',
  source: 'drivers/vhost/net.c, handle_tx of Linux 3.6 and of 3.16',
  kind: 'told too late or never',
  property: 'lost',
  on: [],
  wrong: { design: host, era: '3.8', on: [{ program: wrong }] },
  fixed: { design: host, era: '3.8', on: [{ program: fixed }] },
  mechanism:
    'For each packet that is out the host keeps a record, which says what entry of its list to mark when the packet is done; buffers go back to the guest in the order of that list. Which record a packet got was said by the head of its descriptors, which the guest chooses. A guest that names one head twice has two packets with one record: both mark the entry of the second, that of the first is never marked, and behind it nothing is ever given back.',
  fix: 'The place in the list, which no two packets share, says which record it is.',
  lesson:
    'An index that somebody else chooses is not unique because those who mean well keep it so.',
  words: [
    'vhost',
    'vhost-net',
    'virtio',
    'zerocopy',
    'ubuf_info',
    'upend_idx',
    'guest',
    'head',
    'hang',
  ],
};
