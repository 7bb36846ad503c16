import { design as pageForeign } from '@lastref/strategies/page-foreign';
import type { Bug } from '../../bug.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'mlx5-ktls-resync',
  title: 'fragments that could not be posted keep the references taken for them',
  year: 2019,
  where: 'Linux, drivers/net/ethernet/mellanox/mlx5/core/en_accel/ktls_tx.c',
  source: 'commit b61b24bd135a',
  kind: 'told too late or never',
  property: 'lost',
  on: [],
  bound: { failures: 1, drops: 0 },
  wrong: { design: pageForeign, era: '3.8', on: [{ recipe: wrong }] },
  fixed: { design: pageForeign, era: '3.8', on: [{ recipe: fixed }] },
  mechanism:
    'When a record is sent again, a card that encrypts has to be shown all of it first. The driver takes a reference on each fragment of the record, posts them one by one, and the completion of each drops its reference. Where posting fails half-way, no completion comes for the rest, and their references stay for ever.',
  fix: 'The error path drops what was not posted.',
  lesson:
    'A failure between taking and handing over: whoever makes each allocation fail once, in turn, meets it at once.',
  words: [
    'mlx5',
    'mellanox',
    'ktls',
    'tls offload',
    'resync',
    'retransmission',
    'leak',
    'error path',
  ],
};
