import type { Bug } from '../../bug.ts';
import { design } from './common.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'drbd-disconnect',
  title: 'writes are over when the socket is released, and the socket still sends them',
  year: 2009,
  where: 'Linux, DRBD, drbd_main.c drbd_free_sock',
  source: 'DRBD efc29a43, 9b16e21c',
  kind: 'told too early',
  property: 'early',
  on: [],
  bound: { drops: 0, retransmissions: 0 },
  wrong: { design, era: '2.6.28', on: [{ program: wrong }] },
  fixed: { design, era: '2.6.28', on: [{ program: fixed }] },
  mechanism:
    'When the connection of a resource ends, DRBD completes all writes that are under way. The pages are those of a guest, and the backend unmaps them. The socket was only released, which leaves it to deliver what it has queued: it puts, and before that may send, pages that are not mapped any more.',
  fix: 'The socket is shut down before it is released, so that its queue is empty while the pages are still mapped.',
  lesson:
    'Hosts crashed on disconnect, on Xen alone, where a page can go away. Releasing a socket is the end of a name, not of a queue.',
  left: 'A card with scatter/gather may still have packets of the connection in its ring, and nobody waits for that: played here is one without, whose driver gets copies.',
  words: ['drbd', 'xen', 'disconnect', 'host crash', 'grant', 'unmap', 'sendpage', 'teardown'],
};
