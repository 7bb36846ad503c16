// vmsplice: pages of a process go into a pipe.
import { PAGE_SIZE, type Page } from '../mm/page_alloc.ts';
import type { Pipe } from './pipe.ts';

/**
 * Puts the process's memory from byte `offset` into `pipe`, at most `size` bytes, whole pages pinned one by one; with
 * SPLICE_F_GIFT the process promises not to write there again, and nothing holds it to that. Returns the bytes put in.
 * @kernel fs/splice.c vmsplice_to_pipe, get_iovec_page_array (2.6.24)
 */
export function vmspliceToPipe(
  memory: readonly Page[],
  offset: number,
  size: number,
  pipe: Pipe,
): number {
  let done = 0;
  while (done < size && !pipe.full) {
    const at = offset + done;
    const page = memory[Math.floor(at / PAGE_SIZE)];
    if (page === undefined) break;
    const into = at % PAGE_SIZE;
    const n = Math.min(size - done, PAGE_SIZE - into);
    pipe.push(page, into, n); // the reference of get_user_pages becomes the slot's
    done += n;
  }
  return done;
}
