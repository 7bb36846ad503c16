import type { Bug } from '../../bug.ts';
import { registered } from '../../vsock-sender.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'vsock-bind-late',
  title: 'a packet that could not be filled is freed as if it had references',
  year: 2026,
  where: 'Linux, net/vmw_vsock/virtio_transport_common.c virtio_transport_alloc_skb',
  source:
    'commit 1e584c304cfb (7.1, 7.0.12, 6.18.35, 6.12.97), CVE-2026-63970, for 581512a6dc93 (6.7)',
  kind: 'given back to the wrong place',
  property: 'stray',
  on: [],
  bound: { failures: 1 },
  wrong: { design: registered, era: 'debian-6.12.117', on: [{ program: wrong }] },
  fixed: { design: registered, era: 'debian-6.12.117', on: [{ program: fixed }] },
  mechanism:
    'A packet gets the pages of a registered buffer, and then the ubuf_info that keeps them in its stead. Where the buffer has more pieces than a packet has entries, the filling ends with an error and with pages in the packet. It is freed, has no ubuf_info yet, and puts pages on which it never had a reference.',
  fix: 'The ubuf_info is set before the first page, so that a packet of such pages is never without it.',
  lesson:
    'The fix of two weeks before (ae38d9179190) had moved the record to every packet, and left it behind the filling. What must be true while a thing is there has to be true before it is there.',
  words: [
    'vsock',
    'virtio-vsock',
    'io_uring',
    'send_zc',
    'registered buffer',
    'skbfl_managed_frag_refs',
    'emsgsize',
    'error path',
    'rollback',
  ],
};
