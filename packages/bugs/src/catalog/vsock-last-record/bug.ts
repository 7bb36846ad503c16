import type { Bug } from '../../bug.ts';
import { msgZerocopy } from '../../vsock-sender.ts';
import { fixed } from './fixed.ts';
import { wrong } from './wrong.ts';

export const bug: Bug = {
  id: 'vsock-last-record',
  title: 'of a call in several packets the last one alone has the record of its sender',
  year: 2026,
  where: 'Linux, net/vmw_vsock/virtio_transport_common.c virtio_transport_send_pkt_info',
  source:
    'commit ae38d9179190 (7.1, 7.0.11, 6.18.34, 6.12.97), CVE-2026-53365, for 581512a6dc93 (6.7)',
  kind: 'told too late or never',
  property: 'lost',
  on: [],
  bound: { failures: 1 },
  wrong: { design: msgZerocopy, era: 'debian-6.12.117', on: [{ program: wrong }] },
  fixed: { design: msgZerocopy, era: 'debian-6.12.117', on: [{ program: fixed }] },
  mechanism:
    "A call of more than 64 KiB is cut into packets. Each takes its part of the sender's pages; the ubuf_info is made when the last one is there, and set in that one. If there is no memory for the second packet the call comes short, the first is out, and no notification ever says that its pages are free: a process that counts its calls takes the next one's for it. And of a registered buffer of io_uring no packet has references on its pages, as the ubuf_info keeps them; of a packet without a ubuf_info nobody knows that, and who frees it puts the pages once more than anybody had taken them, in every call of two packets.",
  fix: 'The ubuf_info is made before the first packet, and each packet takes a reference on it, as those of TCP do.',
  lesson:
    'TCP makes many packets of one call, too, and makes the ubuf_info before the first. Packets that leave one queue in their order are freed in it, the last one last: with counted pages nothing shows until an allocation fails. It was seen in a review of another line of that function, years later, and the record of its CVE says nothing of registered buffers, for which it is a way to root.',
  words: [
    'vsock',
    'af_vsock',
    'virtio-vsock',
    'vsock_loopback',
    'io_uring',
    'send_zc',
    'registered buffer',
    'msg_zerocopy',
    'bad page state',
    'local root',
  ],
};
