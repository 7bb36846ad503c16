import { GetPutPage } from '@lastref/kernel';
import type { Bug } from '../../bug.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const buffers = program(
  'smc-tee',
  'a receive buffer that is read through pipes',
  2026,
  (k) => new GetPutPage(k),
);

export const bug: Bug = {
  id: 'smc-tee',
  title: 'tee makes two buffers of one, and what stands behind it is freed twice',
  year: 2026,
  where: 'Linux, net/smc/smc_rx.c smc_rx_pipe_buf_release',
  source: 'commit 24dd586bb4cb',
  kind: 'used after it was freed',
  property: 'freed',
  on: [],
  wrong: { design: buffers, era: '7.2.13', on: [{ program: wrong }] },
  fixed: { design: buffers, era: '7.2.13', on: [{ program: fixed }] },
  mechanism:
    'What SMC has received is read without a copy by splice: a buffer of the pipe has a page, and behind it an object that says how much of the receive buffer its reader gives back. tee makes a second buffer of it, and took a reference on the page for that. The object was in both: whoever reads second uses and frees what the first has freed.',
  fix: 'Such a buffer may not be duplicated: tee fails.',
  lesson:
    'The page had a count and what stood beside it had none, and the helper that everybody uses knows of pages alone. A count would not have been enough: the reader would have given the same bytes back twice.',
  words: ['smc', 'tee', 'splice', 'pipe', 'double free', 'smc_spd_priv', 'use after free'],
};
