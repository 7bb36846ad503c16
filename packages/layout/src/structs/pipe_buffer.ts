import { ptr, struct, ulong, unsigned } from '../ctype.ts';

/** struct pipe_buffer, include/linux/pipe_fs_i.h: the same from 2.6.24 to 3.8. */
export const PIPE_BUFFER = struct(
  ptr('struct page', 'page'),
  unsigned('offset', 'len'),
  ptr('const struct pipe_buf_operations', 'ops'),
  unsigned('flags'),
  ulong('private'),
);
