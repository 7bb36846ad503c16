// Above a stream: packets that hang together until a message is read, pages that go into a connection by way of a message, data
// that several connections carry.
import {
  CHANGES,
  KcmSock,
  MptcpSock,
  Strparser,
  TCP_SPLICE_READ,
  TcpState,
  fragAt,
} from '@lastref/kernel';
import { DATA, PAGE_ONLY, type Operation } from '../operation.ts';
import { OwnPagesAck, PeerAck, anotherSocket, arrive, due } from './readers.ts';
import { MessageReader, secondConnection, spliced } from './splicing.ts';

export const MESSAGES: readonly Operation[] = [
  {
    id: '__strp_recv',
    onHost: true,
    who: 'local user',
    joins: true,
    file: 'net/strparser/strparser.c',
    since: CHANGES.strparser,
    until: null,
    refs: 'dataref +1, chained on frag_list until read; +1 per frag of a head that is shared',
    carries: DATA,
    apply: (b) => {
      const sk = anotherSocket(b, 'local socket');
      const [one, two] = [b.packet(b.first), b.packet(b.second)];
      arrive(b, sk, one);
      arrive(b, sk, two);
      const strp = new Strparser(b.k);
      try {
        strp.readSock(sk);
      } finally {
        b.watch(new MessageReader(b.k, 'kcm reader', strp), 'kcm reader');
        for (let skb = sk.receiveQueue.shift(); skb !== null; skb = sk.receiveQueue.shift())
          b.hold(skb, 'receive queue');
      }
    },
  },
  {
    id: 'kcm_write_msgs',
    onHost: true,
    who: 'local user',
    file: 'net/kcm/kcmsock.c',
    since: CHANGES.kcm,
    until: null,
    refs: '+1 for each slot in a message, +1 in the write queue, then the message is freed',
    carries: PAGE_ONLY,
    needs: [TCP_SPLICE_READ],
    apply: (b) => {
      const { pipe, packet } = spliced(b);
      const { flow, seq } = packet;
      const to = secondConnection(b);
      try {
        new KcmSock(to).spliceIn(pipe);
      } finally {
        if (pipe.buffers.length > 0) b.holdPages(pipe, 'pipe');
        b.watch(new PeerAck(to, { flow, seq }), 'ack of the second connection');
      }
    },
  },
  {
    id: 'mptcp_sendmsg_frag',
    who: 'local user',
    file: 'net/mptcp/protocol.c',
    since: CHANGES.mptcp,
    until: null,
    refs: 'fresh pages: one for the socket, one for each connection',
    carries: [],
    // Bytes that were received are sent on; two connections carry them, as one that has failed does not.
    apply: (b) => {
      const { k } = b;
      const packet = b.packet(b.first);
      const msk = new MptcpSock(k);
      if (packet.shinfo.nrFrags === 0) return; // the design has made it linear
      const { page, pageOffset, size } = fragAt(packet.shinfo, 0);
      const dfrag = msk.sendmsg(page.address + pageOffset, size);
      // whichever connection carried it
      b.watch(
        due(k, 'peer', 'acknowledges the data', () => msk.cleanUna()),
        'data ack',
      );
      for (const name of ['first', 'second']) {
        const subflow = anotherSocket(b, `${name} subflow`);
        subflow.state = TcpState.ESTABLISHED;
        msk.sendmsgFrag(subflow, dfrag);
        b.watch(new OwnPagesAck(subflow), `ack of the ${name} subflow`);
      }
    },
  },
];
