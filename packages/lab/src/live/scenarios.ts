// Scenarios with real sockets: what a guest does, arm by arm, and what of the model stands beside each arm.

/** A cell of the matrix, of one of several operations of which a kernel has one; or a row of the comparison. */
export type Beside =
  | { readonly operations: readonly string[] }
  | {
      readonly workload: string;
      /** A change that the workload's kernel does not have: `rpcSendCopies`, for a client that lends still. */
      readonly without?: string;
    };

export interface Arm {
  readonly name: string;
  /** What guest/live is told behind the number of runs. */
  readonly args: string;
  /** A design, or a runtime. */
  readonly design: string;
  /** null: what is looked at takes no part. */
  readonly beside: Beside | null;
}

export interface Scenario {
  readonly id: string;
  readonly about: string;
  /** By this name in guest/live, if not by its own. */
  readonly guest?: string;
  readonly arms: readonly Arm[];
}

type Moment = Pick<Arm, 'name' | 'args' | 'design'>;

/** When a sender may take its pages for its own again, in the calls that a stock kernel has, and who says so. */
const SEND: Moment = { name: 'send, at return', args: 'send return', design: 'copy-always' };
const RETURN: Moment = {
  name: 'sendfile, at return',
  args: 'sendfile return',
  design: 'naive-sendpage',
};
const ACKED: Moment = {
  name: 'sendfile, when SIOCOUTQ is 0',
  args: 'sendfile acked',
  design: 'tcp-ack-callback',
};
const REPLY: Moment = {
  name: 'sendfile, at the reply',
  args: 'sendfile reply',
  design: 'rpc-reply',
};
const TOLD: Moment = {
  name: 'MSG_ZEROCOPY, when told',
  args: 'zerocopy told',
  design: 'msg-zerocopy',
};

/** The same of programs that wait for less than what they are told, and of io_uring. */
const ZEROCOPY_RETURN: Moment = {
  name: 'MSG_ZEROCOPY, at return',
  args: 'zerocopy return',
  design: 'mzc-send-returns',
};
const ZEROCOPY_REPLY: Moment = {
  name: 'MSG_ZEROCOPY, at the reply',
  args: 'zerocopy reply',
  design: 'mzc-reply-frees',
};
const RING_RESULT: Moment = {
  name: 'SEND_ZC, at the result',
  args: 'uring return',
  design: 'sendzc-first-cqe',
};
const RING_TOLD: Moment = {
  name: 'SEND_ZC, when notified',
  args: 'uring told',
  design: 'sendzc-owner',
};

const ZEROCOPY_TAKEN: Moment = { ...ZEROCOPY_RETURN, design: 'naive-sendpage' };

const on = (workload: string, moments: readonly Moment[], without?: string): Arm[] =>
  moments.map((moment) => ({
    ...moment,
    beside: without === undefined ? { workload } : { workload, without },
  }));

const at = (operation: string, moments: readonly Moment[]): Arm[] =>
  moments.map((moment) => ({ ...moment, beside: { operations: [operation] } }));

const STREAM = [SEND, RETURN, ACKED, TOLD] as const;
const REQUEST = [...STREAM, REPLY] as const;
/** A client that sends by sendpage, as the kernel's own did before 5.1. */
const LENDS = 'rpcSendCopies';

export const SCENARIOS: readonly Scenario[] = [
  {
    id: 'mtu-probe',
    about:
      'MSG_ZEROCOPY on a path that drops large packets, 20 ms each way, with TCP probing for a larger MTU; pages are written anew as soon as their send is announced.',
    arms: [
      {
        name: 'probing',
        args: '2',
        design: 'msg-zerocopy',
        beside: { operations: ['tcp_clone_payload', 'tcp_mtu_probe (copy)'] },
      },
      { name: 'control', args: '0', design: 'msg-zerocopy', beside: null },
    ],
  },
  {
    id: 'slow-reader',
    about:
      "64 pages over loopback to a program that reads four at a time; its socket is full, and the rest is in the sender's.",
    arms: [
      ...on('loopback-slow-reader', STREAM),
      ...on('runtime-loopback', [ZEROCOPY_RETURN, RING_RESULT, RING_TOLD]),
    ],
  },
  {
    id: 'slow-tap',
    about:
      'Sixteen pages over loopback to a program that reads at once; a packet socket on the way is read when they have been written anew.',
    arms: on('tap-slow-reader', STREAM),
  },
  {
    id: 'slow-ring',
    about: 'The same with a ring of the packet socket (PACKET_RX_RING), which gets copies.',
    arms: [{ ...TOLD, beside: { operations: ['tpacket_rcv'] } }],
  },
  {
    id: 'small-ring',
    about:
      'A ring with frames of 1024 bytes, and PACKET_COPY_THRESH: what is longer goes to the packet socket as well, which is read when the pages have been written anew.',
    arms: at('tpacket_rcv (copy_thresh)', STREAM),
  },
  {
    id: 'veth',
    about:
      'Sixteen pages through a pair of veth to a program in another namespace, which sleeps until they have been written anew, or 20 ms.',
    arms: at('veth_xmit', [...STREAM, RING_TOLD]),
  },
  {
    id: 'bridge',
    about:
      "Sixteen pages from one guest over a bridge that has learnt nothing: every frame goes to two more guests' devices, and one of these reads when the pages have been written anew.",
    arms: at('br_flood', [...STREAM, RING_TOLD]),
  },
  {
    id: 'slow-pipe',
    about:
      'Sixteen pages over loopback to a program that has spliced all of them to a pipe, and reads that when they have been written anew.',
    arms: at('tcp_splice_read', [...STREAM, RING_TOLD]),
  },
  {
    id: 'timestamps',
    about:
      'Four pages over loopback; the sender asked for time stamps, and takes the packet that comes back with one from its error queue when they have been written anew.',
    arms: at('skb_tstamp_tx', STREAM),
  },
  {
    id: 'loss',
    about:
      'Sixteen pages through a TUN device with scatter/gather, packets of 1500 bytes, and one of the first six is lost: another one in each run.',
    arms: [
      ...on('bulk-loss', STREAM),
      ...on('runtime-plain', [ZEROCOPY_RETURN, RING_RESULT, RING_TOLD]),
    ],
  },
  {
    id: 'vmsplice',
    guest: 'loss',
    about:
      'The same; the pages go by vmsplice into a pipe, and by splice from there to the socket.',
    arms: on('vmsplice', [
      { name: 'vmsplice, at return', args: 'vmsplice return', design: 'naive-sendpage' },
      { name: 'vmsplice, when SIOCOUTQ is 0', args: 'vmsplice acked', design: 'tcp-ack-callback' },
    ]),
  },
  {
    id: 'locked',
    about: 'Four times one page, which is written anew before the next one is sent.',
    arms: on('sendfile-locked', STREAM),
  },
  {
    id: 'writer',
    about:
      'Sixteen pages of a file, and somebody writes to it at once who asks nobody: nobody is told too early, and what is sent by reference is changed all the same.',
    arms: on('sendfile-writer', [SEND, ACKED, TOLD]),
  },
  {
    id: 'truncate',
    about:
      'The file is truncated with its pages in flight, and is written to when they are told to be free: it has other pages by then.',
    arms: on('sendfile-truncate', [SEND, RETURN, ACKED]),
  },
  {
    id: 'no-sg',
    about:
      'Sixteen pages through a TUN device without scatter/gather: packets are made linear on their way to it.',
    arms: on('no-sg', STREAM),
  },
  {
    id: 'peer-resets',
    about:
      'The peer resets the connection while packets of it wait above a busy device; then the device goes on.',
    arms: [...on('reset-midway', STREAM), ...on('runtime-reset', [ZEROCOPY_RETURN, RING_TOLD])],
  },
  {
    id: 'sender-resets',
    about: 'The same, and the sender gives up; the peer reads what comes before the reset.',
    arms: on('listener-stop', STREAM),
  },
  {
    id: 'proxy',
    about:
      'Sixteen pages over loopback to a program that splices them on, through a pipe, to a second socket and a busy device.',
    arms: on('splice-proxy', STREAM),
  },
  {
    id: 'late-answer',
    about:
      'A request of eight pages; ACK and answer come when a retransmission waits above a busy device.',
    arms: [...on('iscsi-write', REQUEST), ...on('runtime-replies', [ZEROCOPY_REPLY, RING_TOLD])],
  },
  {
    id: 'long-line',
    about:
      'A request of eight pages; ACK and answer come when a retransmission waits in netem, on a line that has become long.',
    arms: [...on('iscsi-write', REQUEST), ...on('runtime-replies', [ZEROCOPY_REPLY, RING_TOLD])],
  },
  {
    id: 'slow-process',
    about:
      'A request of eight pages; ACK and answer come when a retransmission waits in the queue of a TUN device, whose process does not read.',
    arms: at('tun_net_xmit', [...REQUEST, RING_TOLD]),
  },
  {
    id: 'router',
    about:
      'A request of eight pages from a namespace of its own; ACK and answer come when a retransmission waits above the busy device of a router.',
    arms: at('veth_xmit', [...REQUEST, RING_TOLD]),
  },
  {
    id: 'nfqueue',
    about:
      'A request of eight pages; ACK and answer come when a retransmission waits for a program that is asked about every packet which leaves the host (NFQUEUE with NFQA_CFG_F_GSO).',
    arms: at('nf_queue', [...REQUEST, RING_TOLD]),
  },
  {
    id: 'nfqueue-sums',
    about:
      'A request of eight pages; ACK and answer come when a retransmission waits for a program that is asked without NFQA_CFG_F_GSO: large packets are cut, and all are summed, which copies them.',
    arms: at('nf_queue (sums)', [...REQUEST, RING_TOLD]),
  },
  {
    id: 'recovery',
    about:
      'A device stops with packets above it. The connection is reset, the request sent again over another device and answered there; then the first device goes on.',
    arms: on('iscsi-recovery', REQUEST),
  },
  {
    id: 'failover',
    about:
      'The same with a client that closes the connection, so that it goes on by itself, and copies what it sends again.',
    arms: on('failover', REQUEST, LENDS),
  },
  {
    id: 'reconnect',
    about:
      'The wire loses all of a request; the client closes the connection and copies the request to another one, where it is answered. Then the wire is whole, and the old socket sends again.',
    arms: on('nfs-reconnect', REQUEST, LENDS),
  },
  {
    id: 'vsock',
    about:
      'Sixteen pages over vsock to a program on the same host, which sleeps until they have been written anew, or 20 ms.',
    arms: at('virtio_transport_fill_skb (loopback)', [SEND, ZEROCOPY_TAKEN, TOLD, RING_TOLD]),
  },
  {
    id: 'vsock-redirect',
    about:
      'The same to a socket whose packets a program of BPF sends on over TCP (a sockmap), to a program that sleeps until the pages have been written anew, or 20 ms.',
    arms: at('skb_send_sock (vsock)', [SEND, ZEROCOPY_TAKEN, TOLD, RING_TOLD]),
  },
  {
    id: 'tx-ring',
    about:
      'A process sends by PACKET_TX_RING, through a busy TUN device to another process, which is slow. The kernel marks such packets as MSG_ZEROCOPY does: who would keep one copies it.',
    arms: on('vringfd', [
      { name: 'ring, at return of send', args: 'sendfile return', design: 'naive-sendpage' },
      { name: 'ring, when the slot is free', args: 'sendfile told', design: 'ubuf-orphan' },
    ]),
  },
];
