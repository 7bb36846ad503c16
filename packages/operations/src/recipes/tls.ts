// TLS in the kernel: what is spliced into such a socket waits in a record, by page, offset and size, for the sender's next call,
// for a cipher, or for the last ACK.
import {
  CHANGES,
  Cryptd,
  TCP_SPLICE_READ,
  TlsDeviceTx,
  TlsSwTx,
  declareState,
  tlsDecryptAsync,
} from '@lastref/kernel';
import { DATA, PAGE_ONLY, type Operation, type OperationBench } from '../operation.ts';
import { OwnPagesAck, PeerAck, StreamReader, anotherSocket, arrive, due } from './readers.ts';
import { secondConnection, spliced } from './splicing.ts';

/** The peer acknowledges all of a connection whose records a device encrypts. */
class TlsPeerAck extends PeerAck {
  private readonly tls: TlsDeviceTx;
  private readonly acked: number;

  constructor(tls: TlsDeviceTx, ...args: ConstructorParameters<typeof PeerAck>) {
    super(...args);
    this.tls = tls;
    [{ writeSeq: this.acked }] = args;
  }

  override take(): boolean {
    this.tls.cleanAcked(this.acked);
    return super.take();
  }
}

declareState(TlsPeerAck, {
  constant: 'tls acked',
});

/**
 * All that was in a pipe is plain text of a socket with TLS, and `wait` says for whom it waits there; what found no memory is in
 * the pipe still.
 */
function plainText(
  b: OperationBench,
  engine: Cryptd | null,
  more: boolean,
  wait: (tls: TlsSwTx) => void,
): void {
  const { pipe } = spliced(b);
  const to = secondConnection(b);
  const tls = new TlsSwTx(to, engine);
  try {
    tls.spliceIn(pipe, more);
  } finally {
    if (pipe.buffers.length > 0) b.holdPages(pipe, 'pipe');
    wait(tls);
    b.atLast(new OwnPagesAck(to), 'ack of the second connection');
  }
}

export const TLS: readonly Operation[] = [
  {
    id: 'sk_msg_page_add',
    onHost: true, // its pages come from a receiver
    who: 'local user',
    file: 'include/linux/skmsg.h',
    since: CHANGES.skMsg,
    until: null,
    refs: '+1 for each slot, then the slot -1; put when the record is sent',
    carries: PAGE_ONLY,
    needs: [TCP_SPLICE_READ],
    // tls_sw_sendmsg_splice: with MSG_MORE the record stays open. tls_sw_do_sendpage (up to 6.4) asks for MSG_SENDPAGE_NOTLAST, which
    // splice sets while it has more: there one stays open where a signal or a full send buffer ends a splice midway.
    apply: (b) =>
      plainText(b, null, true, (tls) =>
        b.watch(
          due(b.k, 'tls sender', 'ends its record', () => tls.pushRecord()),
          'tls sender',
        ),
      ),
  },
  {
    id: 'tls_do_encryption (async)',
    onHost: true, // its pages come from a receiver
    who: 'local user',
    file: 'net/tls/tls_sw.c',
    since: CHANGES.skMsg, // tls_encrypt_done, a42055e8d2c3, is of the same release
    until: null,
    refs: 'as sk_msg_page_add; the engine reads until it is done',
    carries: PAGE_ONLY,
    needs: [TCP_SPLICE_READ],
    apply: (b) => {
      const engine = new Cryptd(b.k);
      plainText(b, engine, false, () => b.watch(engine, 'crypto engine'));
    },
  },
  {
    id: 'tls_append_frag (TLS_TX_ZEROCOPY_RO)',
    onHost: true, // its pages come from a receiver
    who: 'local user',
    file: 'net/tls/tls_device.c',
    since: CHANGES.tlsDeviceZerocopy,
    until: null,
    refs: '+1 for the record until its ACK, +1 for TCP, then the slot -1',
    carries: PAGE_ONLY,
    needs: [TCP_SPLICE_READ],
    apply: (b) => {
      const { pipe, packet } = spliced(b);
      const { flow, seq } = packet;
      const to = secondConnection(b);
      const tls = new TlsDeviceTx(to);
      tls.spliceIn(pipe);
      b.watch(new TlsPeerAck(tls, to, { flow, seq }), 'ack of the second connection');
    },
  },
  {
    id: 'tls_strp_msg_hold',
    onHost: true,
    who: 'local user',
    file: 'net/tls/tls_strp.c',
    since: CHANGES.tlsStrp,
    until: null,
    refs: 'dataref +1 until the engine is done; the receive queue lets go',
    carries: DATA,
    apply: (b) => {
      const sk = anotherSocket(b, 'local socket');
      const engine = new Cryptd(b.k);
      arrive(b, sk, b.packet(b.first));
      b.watch(engine, 'crypto engine');
      b.watch(new StreamReader(sk), 'slow reader'); // of what the cipher did not get
      tlsDecryptAsync(sk, engine);
    },
  },
];
