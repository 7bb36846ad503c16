import type { Bug } from '../../bug.ts';
import { FragCounts } from '../../frag-counts.ts';
import { program } from '../../lib.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

const slots = program(
  'dirty-pipe',
  'a page of a file, which a slot of a pipe has',
  2022,
  (k) => new FragCounts(k),
);

export const bug: Bug = {
  id: 'dirty-pipe',
  title: 'a slot of a pipe is used again, with the flags of the page before',
  year: 2022,
  where: 'Linux, lib/iov_iter.c copy_page_to_iter_pipe, push_pipe',
  source: 'commit 9d2231c5d74e, CVE-2022-0847',
  kind: 'a marker or an owner lost on the way',
  property: 'unmarked',
  on: [],
  wrong: { design: slots, era: '5.10.223', on: [{ program: wrong }] },
  fixed: { design: slots, era: '5.10.223', on: [{ program: fixed }] },
  mechanism:
    'A slot of a pipe has a flag which says that the next write may go on in its page, and a page that the pipe itself has allocated has it. The slot is read out and used again, for a page of a file that is spliced into the pipe; the function that fills it sets page, offset and length, and not the flags. The next write goes on behind what was spliced: into the page cache, whatever the file allows.',
  fix: 'The flags are set to 0 when the slot is filled.',
  lesson:
    'The marker of shared frags is dangerous where it is missing, a permission where it is left over. Found by somebody whose archived log files had wrong checksums, now and then, over months.',
  words: [
    'dirty pipe',
    'dirtypipe',
    'splice',
    'pipe',
    'page cache',
    'root',
    'can_merge',
    'stale flag',
  ],
};
