// The RPC client when its connection ends: every call without an answer goes again, with its xid, over a new one. The
// old connection still has its copies, and they can still arrive.
import { describe, expect, test } from 'vitest';
import {
  CALL_HEADER,
  NEVER,
  REPLY_BYTES,
  RequestState,
  RpcTcpXprt,
  TcpPath,
  tcpAbort,
  type Loan,
  type Page,
  type RpcRequest,
} from '../src/index.ts';
import { Machine, NOTHING, P, inUse, type Setup } from './machine.ts';

const TIMEOUT = 500_000;

/** A client with two slots on host a, and the bytes that the server at b gets. */
class Client extends Machine {
  readonly xprt: RpcTcpXprt;
  readonly answeredXids: number[] = [];
  loans: Loan[] = [];
  ups = 0;

  constructor(setup: Setup = {}, discrtry = false, timeoutTicks = TIMEOUT) {
    super(setup);
    const { app, a, b } = this;
    const path = new TcpPath('nfs', a, app.side, app.route, 1000, b.address, 2049);
    this.xprt = new RpcTcpXprt(
      this.k,
      { name: 'nfs', slots: 2, timeoutTicks, paths: [path], discrtry },
      this,
    );
    this.run(10_000);
    this.log.length = 0;
  }

  connected(): void {
    this.ups++;
  }

  answered(request: RpcRequest): void {
    this.answeredXids.push(request.xid);
  }

  call(slot: number, page: Page): RpcRequest {
    const request = this.xprt.slots[slot]!;
    this.loans.push(this.k.newLoan(0, slot));
    this.xprt.call(request, [page], 1000, this.loans.at(-1)!);
    return request;
  }

  /** The server answers `xid` on its newest connection. */
  reply(xid: number): void {
    const bytes = Buffer.alloc(REPLY_BYTES);
    bytes.writeUInt32BE((0x8000_0000 | (REPLY_BYTES - 4)) >>> 0, 0);
    bytes.writeUInt32BE(xid, 4);
    this.send(bytes, this.peerSk);
  }

  /** xids of the calls that the server got whole, in order. */
  get xids(): number[] {
    const { received } = this.peer;
    const size = CALL_HEADER + 1000;
    return Array.from({ length: Math.floor(received.length / size) }, (_, i) =>
      received.readUInt32BE(i * size + 4),
    );
  }
}

describe('the server resets the connection', () => {
  test('every pending call is sent again, with its xid, over a new connection', () => {
    const m = new Client();
    const [first, second] = [m.call(0, m.page()), m.call(1, m.page())];
    m.run(10_000);
    tcpAbort(m.peerSk);
    m.run(10_000);
    expect([m.xprt.sk, first.state, second.state]).toEqual([
      null,
      RequestState.QUEUED,
      RequestState.QUEUED,
    ]);
    m.run(4_000_000, () => m.xids.length === 4); // three seconds until it tries again
    const { xid } = first;
    expect(m.xids).toEqual([xid, xid + 1, xid, xid + 1]);
    expect([m.ups, m.xprt.resends]).toEqual([1, 2]);
    m.reply(xid);
    m.reply(xid + 1);
    m.run(10_000);
    expect(m.answeredXids).toEqual([xid, xid + 1]);
    m.run(1_000_000);
    expect([m.owned.map(P), inUse(m.k)]).toEqual([[0, 0], NOTHING]);
  });

  test('the write queue of the old connection is freed when the new one is made, not before', () => {
    const m = new Client();
    m.lose = (s) => s.from === 'a' && s.payload > 0;
    const page = m.page();
    m.call(0, page);
    m.run(10_000);
    tcpAbort(m.peerSk);
    m.run(10_000);
    expect(P(page)).toBe(1);
    m.run(3_000_000, () => m.xprt.sk === null && P(page) === 0);
    expect(P(page)).toBe(0);
  });

  test('and refuses the next one, too: the client goes on trying', () => {
    const m = new Client();
    const { xid } = m.call(0, m.page());
    m.b.closeListener(2049);
    tcpAbort(m.peerSk);
    m.run(7_000_000);
    expect(m.xprt.sk).toBeNull();
    m.peer.inbox.length = 0;
    m.b.listen(2049, m.peer);
    m.run(4_000_000, () => m.xids.length === 1);
    expect(m.xids).toEqual([xid]);
  });
});

describe('the client disconnects first, when a call has no answer', () => {
  test('the old socket drains by itself: the server gets the call from both', () => {
    const m = new Client({}, true);
    m.nicA.stall();
    const page = m.page();
    const { xid } = m.call(0, page);
    m.run(TIMEOUT + 10); // its packets wait in the ring, and those of the next connection behind them
    expect([m.ring.length >= 3, m.xprt.resends]).toEqual([true, 1]);
    expect(P(page)).toBe(2); // TCP has retransmitted a copy of the packet that the ring still has
    m.nicA.resume();
    m.run(20_000);
    expect(m.xids).toEqual([xid, xid]);
    m.reply(xid);
    m.run(3_000_000);
    expect([m.answeredXids, P(page)]).toEqual([[xid], 0]);
  });

  test('an answer to the old connection is refused with RST, and ends it', () => {
    const m = new Client({}, true);
    m.call(0, m.page());
    m.run(10_000);
    const old = m.peerSk;
    const { xid } = m.xprt.slots[0]!;
    m.run(TIMEOUT);
    m.send(Buffer.alloc(REPLY_BYTES), old);
    m.run(10_000);
    expect([m.answeredXids, old.dead]).toEqual([[], true]);
    m.reply(xid);
    m.run(3_000_000);
    expect([m.answeredXids, m.owned.map(P)]).toEqual([[xid], [0]]);
  });
});

test.each([
  ['3.8', 2],
  ['3.18', 1],
])('Linux %s sends a call again over the same connection: %i references', (era, references) => {
  const m = new Client({ era });
  m.lose = (s) => s.from === 'a' && s.payload > 0;
  const page = m.page();
  m.call(0, page);
  m.take('rpc timeout nfs.0');
  expect([m.xprt.resends, P(page)]).toEqual([1, references]);
});

test.each([
  ['4.14', 1],
  ['5.10.223', 0],
  ['7.2.13', 0],
])('Linux %s sends a call for the first time: %i references', (era, references) => {
  const m = new Client({ era });
  m.lose = (s) => s.from === 'a' && s.payload > 0;
  const page = m.page();
  m.call(0, page);
  expect(P(page)).toBe(references);
  expect(m.ring.length).toBeGreaterThan(0); // it is on its way all the same
});

test('a transport whose calls are never sent again has no timers', () => {
  const m = new Client({}, false, NEVER);
  expect(m.k.agenda.sources.filter((s) => s.name.startsWith('rpc timeout'))).toEqual([]);
  const { xid } = m.call(0, m.page());
  m.run();
  m.reply(xid);
  m.run();
  expect([m.answeredXids, m.xprt.resends]).toEqual([[xid], 0]);
});
