// How a connection ends, and what that leaves behind: a FIN or a RST ends the connection, the application lets go of
// the socket, and only both together free what is queued. Packets that have left the queues belong to others.
import { describe, expect, test } from 'vitest';
import {
  ERAS,
  PacketSock,
  TcpFlag,
  TcpState,
  tcpAbort,
  tcpClose,
  tcpShutdown,
  type InetListen,
  type Listener,
  type SocketUser,
  type TcpSock,
} from '../src/index.ts';
import { type App, Loop, Machine, NOTHING, P, SETTLED, connected, inUse } from './machine.ts';

const eras = ERAS.map((era) => era.id);
const { ACK, FIN, RST } = TcpFlag;
const { CLOSED, FIN_WAIT1, FIN_WAIT2, TIME_WAIT } = TcpState;

/** Flags of the segments that arrived at a, or at b. */
function flags(m: Machine, from: 'a' | 'b'): number[] {
  return m.log.filter((s) => s.from === from).map((s) => s.flags);
}

describe('a RST arrives', () => {
  test.each(eras)(
    'the write queue stays until the socket is closed, clones until they are sent (%s)',
    (era) => {
      const m = connected({ era });
      m.app.keeps = true;
      const page = m.page();
      m.lend(page);
      m.fromPeer({ ack: 1, flags: RST | ACK });
      const left = m.k.era.resetPurges ? 0 : 1; // a RST purges since 2018
      expect([m.sk.state, m.app.isGone, m.queue.length, m.ring.length]).toEqual([
        CLOSED,
        true,
        left,
        1,
      ]);
      expect([P(page), m.lend(m.page()), m.send(Buffer.from('late'))]).toEqual([1, 0, 0]);
      tcpClose(m.sk);
      expect([m.queue.length, P(page)]).toEqual([0, 1]);
      m.drain();
      expect([P(page), inUse(m.k), m.accounts()]).toEqual([0, NOTHING, SETTLED]);
    },
  );

  test('what has been received can still be read', () => {
    const m = connected({ eager: false });
    m.peer.keeps = true;
    m.lend(m.page(), 0, 1000);
    m.run();
    tcpAbort(m.sk);
    m.run();
    expect([m.peer.isGone, m.peerSk.receiveQueue.qlen]).toEqual([true, 1]);
    expect([m.peer.read(), m.peer.received.length]).toEqual([1000, 1000]);
    tcpClose(m.peerSk);
    expect(inUse(m.k)).toEqual(NOTHING);
  });

  test.each([
    ['before the window', -1, false],
    ['at its beginning', 0, true],
    ['inside', 1000, true],
    ['behind it', 7 << 20, false],
  ])('%s', (_, offset, counts) => {
    const m = connected();
    m.fromPeer({ ack: 1, seq: 1 + offset, flags: RST });
    expect(m.app.isGone).toBe(counts);
  });

  test('for a connection that is being opened, only if it answers that SYN', () => {
    const m = new Machine().dial();
    m.fromPeer({ ack: 99, flags: RST | ACK });
    expect([m.sk.state, m.app.isGone]).toEqual([TcpState.SYN_SENT, false]);
    m.fromPeer({ ack: 1, flags: RST | ACK });
    expect([m.sk.state, m.app.isGone]).toEqual([CLOSED, true]);
  });
});

describe('the application closes', () => {
  test.each(eras)(
    'with data queued: it is delivered, FIN behind it, and then freed (%s)',
    (era) => {
      const m = connected({ era, cwnd: 1 });
      m.lendTogether([m.page(), m.page()]);
      tcpClose(m.sk);
      expect([m.sk.dead, m.sk.state, m.owned.map(P)]).toEqual([true, FIN_WAIT1, [2, 1]]);
      m.run();
      expect([m.peer.received.length, flags(m, 'a').at(-1)! & FIN]).toEqual([8192, FIN]);
      tcpShutdown(m.peerSk);
      m.run();
      expect([m.sk.state, m.owned.map(P), inUse(m.k)]).toEqual([TIME_WAIT, [0, 0], NOTHING]);
    },
  );

  test('with data unread: RST, and the write queue is purged', () => {
    const m = connected();
    m.app.eager = false;
    m.send(Buffer.from('a question'), m.peerSk);
    m.run();
    m.lend(m.page());
    tcpClose(m.sk);
    expect([m.sk.state, m.queue.length]).toEqual([CLOSED, 0]);
    m.run();
    expect(flags(m, 'a').at(-1)! & (RST | FIN)).toBe(RST);
    expect([m.peer.isGone, m.owned.map(P), inUse(m.k)]).toEqual([true, [0], NOTHING]);
  });

  test('and the peer goes on sending: the data is answered with RST, at both ends all is freed', () => {
    const m = connected();
    tcpClose(m.sk);
    m.run();
    expect(m.sk.state).toBe(FIN_WAIT2);
    m.send(Buffer.from('is anybody there?'), m.peerSk);
    m.run();
    expect([m.sk.state, m.peerSk.state, m.peer.isGone]).toEqual([CLOSED, CLOSED, true]);
    expect([inUse(m.k), m.k.pages.used]).toEqual([NOTHING, 0]);
  });

  test('before the handshake is done: nobody is told', () => {
    const m = new Machine().dial();
    tcpClose(m.sk);
    expect([m.sk.state, m.queue.length, m.ring.length]).toEqual([CLOSED, 0, 1]); // the SYN alone
  });

  test('twice: the second time says nothing', () => {
    const m = connected();
    tcpClose(m.sk);
    tcpAbort(m.sk);
    m.run();
    expect(flags(m, 'a').filter((f) => (f & (RST | FIN)) !== 0)).toEqual([FIN | ACK]);
  });

  test('and nobody answers any more: it is given up after eight attempts', () => {
    const m = connected();
    m.lose = () => true;
    m.lend(m.page());
    tcpClose(m.sk);
    m.run();
    expect([m.sk.state, m.sk.timeouts, m.owned.map(P), inUse(m.k)]).toEqual([
      CLOSED,
      8,
      [0],
      NOTHING,
    ]);
  });
});

describe('an abortive close', () => {
  test('purges the queue at once; the ring keeps its clone, and the wire gets the page', () => {
    const m = connected();
    const page = m.page();
    m.lend(page, 0, 1000);
    tcpAbort(m.sk);
    expect([m.queue.length, m.ring.length, P(page)]).toEqual([0, 2, 1]); // the clone, and the RST
    m.run();
    expect(m.data.map((s) => s.payload)).toEqual([1000]);
    expect([P(page), inUse(m.k)]).toEqual([0, NOTHING]);
  });

  test('a tap that has not read keeps the page', () => {
    const m = new Machine();
    const tap = new PacketSock(m.k, 'tap', 5_000_000);
    m.nicA.taps.push(tap);
    m.dial().run();
    const page = m.page();
    m.lend(page, 0, 1000);
    m.run(1000);
    tcpAbort(m.sk);
    m.run(1000);
    expect([m.queue.length, m.ring.length, P(page)]).toEqual([0, 0, 1]);
    m.run();
    expect([P(page), inUse(m.k)]).toEqual([0, NOTHING]);
  });

  test('over loopback, the receive queue keeps the page until its reader reads or closes', () => {
    for (const reads of [true, false]) {
      const m = new Loop();
      m.peer.keeps = true;
      const page = m.page();
      m.lend(page, 0, 1000);
      m.run();
      tcpAbort(m.sk);
      m.run();
      expect([m.queue.length, m.peerSk.state, P(page)]).toEqual([0, CLOSED, 1]);
      if (reads) m.peer.read();
      expect(P(page)).toBe(reads ? 0 : 1);
      tcpClose(m.peerSk);
      expect([P(page), inUse(m.k)]).toEqual([0, NOTHING]);
    }
  });
});

/** Accepts when it is told to. */
class Late implements Listener {
  readonly route;
  readonly side;
  readonly peer: App;
  waits = 0;

  constructor(peer: App) {
    this.peer = peer;
    this.route = peer.route;
    this.side = peer.side;
  }

  accept(sk: TcpSock): SocketUser {
    return this.peer.accept(sk);
  }

  waiting(): void {
    this.waits++;
  }
}

describe('a listening port', () => {
  function lateMachine(): { m: Machine; port: InetListen; late: Late } {
    const m = new Machine();
    const late = new Late(m.peer);
    return { m, late, port: m.b.listen(2049, late) };
  }

  test('an open connection waits in the accept queue, with its data', () => {
    const { m, port, late } = lateMachine();
    m.dial().run();
    m.lend(m.page(), 0, 1000);
    m.run();
    expect([m.app.isUp, late.waits, m.peer.sk, m.peer.isUp]).toEqual([true, 1, null, false]);
    expect([port.accept(), port.accept()]).toEqual([true, false]);
    expect([m.peer.isUp, m.peer.received.length]).toEqual([true, 1000]);
  });

  test('is stopped: who waits to be accepted is reset, and its data is freed', () => {
    const { m, port } = lateMachine();
    m.dial().run();
    m.lend(m.page());
    m.run();
    m.b.closeListener(2049);
    m.run();
    expect([m.app.isGone, flags(m, 'b').at(-1)! & RST, port.accept()]).toEqual([true, RST, false]);
    expect([m.owned.map(P), inUse(m.k)]).toEqual([[0], NOTHING]);
  });

  test('is stopped: who is half open is forgotten without a word, and hears of it when it speaks', () => {
    const { m } = lateMachine();
    m.dial();
    m.lose = (s) => s.from === 'a' && s.flags === ACK; // the end of the handshake
    m.run(1_000);
    m.b.closeListener(2049);
    expect(flags(m, 'b').filter((f) => (f & RST) !== 0)).toEqual([]);
    m.lose = () => false;
    m.lend(m.page());
    m.run();
    expect([m.app.isGone, m.owned.map(P), inUse(m.k)]).toEqual([true, [0], NOTHING]);
  });

  test('is stopped: what was accepted goes on', () => {
    const { m, port } = lateMachine();
    m.dial().run();
    port.accept();
    m.b.closeListener(2049);
    m.lend(m.page());
    m.run();
    expect([m.app.isGone, m.peer.received.length]).toEqual([false, 4096]);
  });

  test('a connection that was reset while it waited is accepted, and is gone', () => {
    const { m, port } = lateMachine();
    m.dial().run();
    tcpAbort(m.sk);
    m.run();
    expect([port.accept(), m.peer.isUp, m.peer.isGone, inUse(m.k)]).toEqual([
      true,
      true,
      true,
      NOTHING,
    ]);
  });
});
