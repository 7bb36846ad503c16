// What a process sends by reference to a socket of vsock on its own host.
import { CHANGES, VsockSock, skbSendSock, type SkBuff } from '@lastref/kernel';
import { OVER_VSOCK, PAGE_ONLY, WHOLE, type Operation, type OperationBench } from '../operation.ts';
import { PeerAck } from './readers.ts';
import { MessageReader, secondConnection } from './splicing.ts';

const TRANSPORT = 'net/vmw_vsock/virtio_transport_common.c';

/** The receiving socket, which has a packet. */
function sent(b: OperationBench): VsockSock {
  const { page, size, loan } = b.fresh();
  const [from, to] = [new VsockSock(b.k), new VsockSock(b.k)];
  from.sendmsg(to, page, size, loan);
  return to;
}

/** What has come to `socket` is out of its queue, unless there is no memory for copies: then its reader gets it. */
function redirected(b: OperationBench, socket: VsockSock): SkBuff {
  try {
    return socket.readSkb()!;
  } catch (error) {
    b.watch(new MessageReader(b.k, 'vsock reader', socket), 'vsock reader');
    throw error;
  }
}

const COMMON = {
  onHost: true,
  who: 'local user',
  meets: OVER_VSOCK,
  effect: 'lends',
  since: CHANGES.vsockZerocopy,
  until: null,
} as const;

export const VSOCK: readonly Operation[] = [
  {
    ...COMMON,
    id: 'virtio_transport_fill_skb (loopback)',
    file: TRANSPORT,
    refs: 'none: orphaned, then the receiver has it',
    carries: WHOLE,
    apply: (b) => b.watch(new MessageReader(b.k, 'vsock reader', sent(b)), 'vsock reader'),
  },
  {
    ...COMMON,
    id: 'skb_send_sock (vsock)',
    file: 'net/core/skbuff.c',
    refs: '+1 per frag, then the source is freed',
    carries: PAGE_ONLY,
    // A program of BPF redirects it to a connection (sk_psock_backlog), and no receiver has asked for copies before.
    apply: (b) => {
      const packet = redirected(b, sent(b));
      b.hold(packet, 'psock');
      const to = secondConnection(b);
      skbSendSock(b.k, to, packet);
      b.watch(new PeerAck(to, packet), 'ack of the second connection');
      b.used(packet);
    },
  },
];
