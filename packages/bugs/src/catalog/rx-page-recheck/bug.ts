import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const packets = program(
  'rx-page-recheck',
  'packets whose pages are put when they are freed',
  2020,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'rx-page-recheck',
  title: 'a driver counts what is out of a page after it gave a part of it away',
  year: 2020,
  where: 'Linux, drivers i40e, ixgbe, ice, igb',
  source: 'commits 75aab4e10ae6, a06316dc87bd, 1beb7830d3b2; 98dfb02aa222 for igb',
  kind: 'told too early',
  property: 'corrupt',
  on: [],
  wrong: { design: packets, era: '5.10.223', on: [{ program: wrong }] },
  fixed: { design: packets, era: '5.10.223', on: [{ program: fixed }] },
  mechanism:
    'A driver receives into the two halves of a page in turn, and takes the other half again if at most one reference is out: that of the half which it has just given away. One packet waits in a receive queue, the next is redirected by an XDP program, and whoever gets it may free it before the redirect has returned. Then one reference is out all the same, and it is that of the packet that waits: the driver gives its half to the device, and the reader gets the bytes of another packet.',
  fix: 'The count is read before the packet is redirected.',
  lesson:
    'A count says how many, and not who. What is compared with it has to be of the same moment.',
  words: ['xdp', 'xdp_do_redirect', 'pagecnt_bias', 'page_count', 'recycle', 'i40e', 'ice', 'igb'],
};
