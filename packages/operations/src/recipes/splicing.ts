// Pages that somebody has lent, received by a second socket and spliced on from there: to another process, into another
// connection, to whoever a program of BPF says. All that goes on is page, offset and size.
import {
  CHANGES,
  Context,
  Pipe,
  SingleStep,
  SkPsock,
  Sock,
  TCP_SPLICE_READ,
  TcpState,
  UnixStream,
  declareState,
  skPsockVerdictRecv,
  skbSendSock,
  tcpBpfSendpage,
  tcpSpliceRead,
  type Kernel,
  type SkBuff,
  type TcpSock,
} from '@lastref/kernel';
import {
  DATA,
  PAGE_ONLY,
  SKBUFF,
  WHOLE,
  type Operation,
  type OperationBench,
  SENDER,
} from '../operation.ts';
import { PeerAck, StreamReader, anotherSocket, arrive } from './readers.ts';

const AF_UNIX = 'net/unix/af_unix.c';
const SKMSG = 'net/core/skmsg.c';

/** A process that reads what waits at its socket when the bench says so, one packet or message at a time. */
export class MessageReader extends SingleStep {
  private readonly k: Kernel;
  private readonly socket: { recvmsg(): boolean };

  constructor(k: Kernel, name: string, socket: { recvmsg(): boolean }) {
    super(name, 'reads what waits');
    this.k = k;
    this.socket = socket;
    k.agenda.add(this);
    k.agenda.arm(this.place, k.agenda.now);
  }

  take(): boolean {
    const { k, socket } = this;
    k.agenda.disarm(this.place);
    k.context = Context.PROCESS;
    let any = false;
    while (socket.recvmsg()) any = true;
    return any;
  }
}

declareState(MessageReader, {
  constant: 'k socket',
});

/** What a local socket has received is in a pipe; its own reader gets what did not go there. */
export function spliced(b: OperationBench): { readonly pipe: Pipe; readonly packet: SkBuff } {
  const from = anotherSocket(b, 'local socket');
  const packet = b.packet(b.first);
  arrive(b, from, packet);
  const pipe = new Pipe(b.k);
  tcpSpliceRead(from, pipe, packet.len);
  b.watch(new StreamReader(from), 'slow reader');
  return { pipe, packet };
}

/** A connection through which it leaves again. */
export function secondConnection(b: OperationBench): TcpSock {
  const to = anotherSocket(b, 'second connection');
  to.state = TcpState.ESTABLISHED;
  return to;
}

/** What a local socket has received is redirected, and `who` has it; its own reader gets what no memory was found for. */
function redirected(b: OperationBench, who: string): SkBuff {
  const from = anotherSocket(b, 'local socket');
  arrive(b, from, b.packet(b.first));
  try {
    const packet = skPsockVerdictRecv(from);
    b.hold(packet, who);
    return packet;
  } finally {
    b.watch(new StreamReader(from), 'slow reader');
  }
}

/** The other end of a unix stream, with all that was in the pipe. */
function unixStream(b: OperationBench): UnixStream {
  const { pipe } = spliced(b);
  const end = new UnixStream(b.k, new Sock());
  end.spliceIn(pipe);
  if (pipe.buffers.length > 0) b.holdPages(pipe, 'pipe');
  return end;
}

/** A process at the other end of a unix stream reads when it likes. */
function unixReader(b: OperationBench): void {
  b.watch(new MessageReader(b.k, 'unix reader', unixStream(b)), 'unix reader');
}

export const SPLICING: readonly Operation[] = [
  {
    id: 'unix_stream_sendpage',
    onHost: true,
    who: 'local user',
    file: AF_UNIX,
    since: CHANGES.unixSplice,
    until: CHANGES.spliceByIterator,
    refs: '+1 for each slot, then the slot -1',
    carries: PAGE_ONLY,
    needs: [TCP_SPLICE_READ], // where its pages come from
    apply: unixReader,
  },
  {
    id: 'unix_stream_sendmsg (MSG_SPLICE_PAGES)',
    onHost: true,
    who: 'local user',
    file: AF_UNIX,
    since: CHANGES.spliceByIterator,
    until: null,
    refs: '+1 for each slot, then the slot -1',
    carries: PAGE_ONLY,
    needs: [TCP_SPLICE_READ],
    apply: unixReader,
  },
  {
    id: 'unix_stream_splice_read',
    onHost: true,
    who: 'local user',
    file: AF_UNIX,
    since: CHANGES.unixSplice,
    until: null,
    refs: '+1 for each slot; the skb is freed',
    carries: PAGE_ONLY,
    needs: [TCP_SPLICE_READ],
    apply: (b) => {
      const end = unixStream(b);
      const pipe = new Pipe(b.k);
      end.spliceRead(pipe);
      b.holdPages(pipe, 'pipe');
    },
  },
  {
    id: 'skb_send_sock',
    onHost: true,
    who: SENDER,
    file: SKBUFF,
    since: CHANGES.skbSendSock,
    until: null,
    refs: '+1 per frag, then the source is freed',
    carries: PAGE_ONLY,
    // What a program of BPF redirects to another connection (sk_psock_backlog): the packet is freed when all of it is queued.
    apply: (b) => {
      const to = secondConnection(b);
      const packet = redirected(b, 'psock');
      skbSendSock(b.k, to, packet);
      b.watch(new PeerAck(to, packet), 'ack of the second connection');
      b.used(packet);
    },
  },
  {
    id: 'sk_psock_skb_ingress',
    onHost: true,
    who: 'local user',
    file: SKMSG,
    since: CHANGES.skMsg,
    until: null,
    refs: 'none: the skb waits behind a message until that is read; copied from 5.10 to 5.18',
    carries: [
      ...DATA.map((c) => ({ ...c, until: CHANGES.psockLinearizes })),
      ...WHOLE.map((c) => ({ ...c, since: CHANGES.psockReadsSkb })),
    ],
    apply: (b) => {
      const psock = new SkPsock(b.k);
      const packet = redirected(b, 'packet');
      psock.skbIngress(packet);
      b.gone(packet);
      b.watch(new MessageReader(b.k, 'psock reader', psock), 'psock reader');
    },
  },
  {
    id: 'bpf_tcp_ingress (sendpage)',
    onHost: true,
    who: 'local user',
    file: 'net/ipv4/tcp_bpf.c',
    since: CHANGES.skMsg,
    until: CHANGES.spliceByIterator,
    refs: '+1 for each slot (tcp_bpf_sendpage), then the slot -1',
    carries: PAGE_ONLY,
    needs: [TCP_SPLICE_READ],
    apply: (b) => {
      const { pipe } = spliced(b);
      const psock = new SkPsock(b.k);
      try {
        tcpBpfSendpage(b.k, pipe, psock);
      } finally {
        if (pipe.buffers.length > 0) b.holdPages(pipe, 'pipe');
        b.watch(new MessageReader(b.k, 'psock reader', psock), 'psock reader');
      }
    },
  },
];
