// RPC over UDP: a call is a datagram in fragments, sent again after waits that double. Nothing below knows that two
// datagrams are one call, and no connection ends.
import { describe, expect, test } from 'vitest';
import {
  IpHost,
  Link,
  LinkVerb,
  Nic,
  PAGE_SIZE,
  RequestState,
  RpcUdpXprt,
  Side,
  UdpHost,
  UdpSock,
  udpRecvmsg,
  udpSendmsg,
  type DatagramSink,
  type DatagramUser,
  type Kernel,
  type Page,
  type RpcRequest,
  type RpcUser,
} from '../src/index.ts';
import { atReturn, perFrag } from './designs.ts';
import { P, bareKernel, newPage } from './machine.ts';

const ALL = { sg: true, csum: true, tso: true, gso: true };
const TIMEOUT = 700_000;

/** A client at a, and a server at b that answers when the test says so. */
class Room implements RpcUser, DatagramUser, DatagramSink {
  readonly k: Kernel;
  readonly xprt: RpcUdpXprt;
  readonly wire: Link;
  readonly near: Nic;
  readonly udp: UdpHost;
  readonly server: UdpSock;
  readonly answeredSlots: number[] = [];
  /** xids that the server got whole, and when. */
  readonly calls: { xid: number; at: number; bytes: number }[] = [];
  private got: number[] = [];

  constructor(slots = 1, resendCopies = false, design = perFrag, era = '3.8') {
    const k = bareKernel({ era, design });
    this.k = k;
    const [near, far] = [this.nic('nic a'), this.nic('nic b')];
    this.near = near;
    this.wire = new Link(k, 'there', { rate: 1e9, delayTicks: 10 }, far);
    near.link = this.wire;
    far.link = new Link(k, 'back', { rate: 1e9, delayTicks: 10 }, near);
    this.host(near);
    this.udp = this.host(far);
    const there = { localAddress: 1, localPort: 800, peerAddress: 2, peerPort: 2049 };
    const back = { localAddress: 2, localPort: 2049, peerAddress: 1, peerPort: 800 };
    const client = new UdpSock(k, 'client', Side.LENT, near, there);
    this.server = new UdpSock(k, 'server', Side.PEER, far, back);
    (near.receiver as IpHost).udp = this.bound(client);
    this.udp.bind(this.server);
    this.server.user = this;
    const options = { name: 'nfs', slots, timeoutTicks: TIMEOUT, resendCopies };
    this.xprt = new RpcUdpXprt(k, options, client, this);
  }

  private nic(name: string): Nic {
    const config = { features: ALL, mtu: 1500, ringSize: 64, dmaTicks: 1, txDoneTicks: 1 };
    return new Nic(this.k, name, config);
  }

  private host(nic: Nic): UdpHost {
    const ip = new IpHost(this.k, nic.name);
    const udp = new UdpHost(this.k);
    ip.udp = udp;
    nic.receiver = ip;
    return udp;
  }

  private bound(sk: UdpSock): UdpHost {
    const udp = new UdpHost(this.k);
    udp.bind(sk);
    return udp;
  }

  connected(): void {}

  answered(request: RpcRequest): void {
    this.answeredSlots.push(request.slot);
  }

  datagramReady(sk: UdpSock): void {
    this.got = [];
    const bytes = udpRecvmsg(sk, this);
    const xid = Buffer.from(this.got).readUInt32BE(0);
    this.calls.push({ xid, at: this.k.agenda.now, bytes });
  }

  bytes(address: number, size: number): void {
    this.got.push(...this.k.mem.subarray(address, address + size));
  }

  call(slot: number, page: Page): RpcRequest {
    const request = this.xprt.slots[slot]!;
    this.xprt.call(request, [page], PAGE_SIZE, this.k.newLoan(0, slot));
    return request;
  }

  reply(xid: number): void {
    const scratch = newPage(this.k);
    this.k.mem.set([xid >>> 24, (xid >>> 16) & 255, (xid >>> 8) & 255, xid & 255], scratch.address);
    udpSendmsg(this.server, scratch.address, 28, false);
    this.k.putPage(scratch);
  }

  run(ticks: number): void {
    const { agenda } = this.k;
    const end = agenda.now + ticks;
    for (let place = agenda.earliest(); place >= 0; place = agenda.earliest()) {
      if (agenda.due[place]! > end) break;
      agenda.advance(place);
      agenda.take(place, 0, agenda.sources[place]!.item());
    }
    agenda.now = end;
  }
}

describe('a call without an answer', () => {
  test('is sent again with its xid after 0.7 s, 1.4 s, 2.8 s and 5.6 s; a major timeout begins anew', () => {
    const room = new Room();
    const { xid } = room.call(0, newPage(room.k));
    room.run(12_000_000);
    expect(new Set(room.calls.map((c) => c.xid))).toEqual(new Set([xid]));
    const at = room.calls.map((c) => Math.round(c.at / 100_000));
    expect(at).toEqual([0, 7, 21, 49, 105, 112]);
    expect(room.calls[0]!.bytes).toBe(124 + PAGE_SIZE); // no record mark
  });

  test('ends with the answer to any copy; that to the other one finds nobody', () => {
    const room = new Room();
    const page = newPage(room.k);
    const request = room.call(0, page);
    room.run(TIMEOUT - 100);
    room.near.stall();
    room.run(1_000);
    expect([P(page), request.loan!.refs]).toEqual([0, 4]); // three fragments wait: the design counts, not the page
    room.reply(request.xid);
    room.run(1_000);
    expect([room.answeredSlots, request.state, request.loan!.completed]).toEqual([
      [0],
      RequestState.DONE,
      false,
    ]);
    room.near.resume();
    room.run(1_000);
    expect([room.calls.length, request.loan!.completed]).toEqual([2, true]);
    room.reply(request.xid);
    room.run(1_000);
    expect(room.xprt.strayReplies).toBe(1);
  });

  test('one lost fragment loses the call', () => {
    const room = new Room();
    room.call(0, newPage(room.k));
    room.run(5);
    const { agenda } = room.k;
    agenda.take(room.wire.place, LinkVerb.DROP, room.wire.item());
    room.run(1_000);
    expect(room.calls).toEqual([]);
    room.run(TIMEOUT);
    expect(room.calls.length).toBe(1);
  });
});

describe('a call that finds no memory', () => {
  test('for its head ends with the error: nothing was sent, and none is sent again', () => {
    const room = new Room(1, false, atReturn);
    const page = newPage(room.k);
    room.k.failIn = 1;
    const { loan } = room.call(0, page);
    expect(room.answeredSlots).toEqual([0]);
    expect(loan!.completed).toBe(true);
    room.run(2 * TIMEOUT);
    expect(room.calls).toEqual([]);
    room.call(0, newPage(room.k));
    room.run(1_000);
    expect(room.calls).toHaveLength(1); // the window has its place back
  });

  test('for its head is tried again after 3 s from 3.17 on', () => {
    const room = new Room(1, false, atReturn, '3.18');
    const page = newPage(room.k);
    room.k.failIn = 1;
    const { loan } = room.call(0, page);
    room.run(2_999_000);
    expect([room.calls.length, loan!.completed]).toEqual([0, false]);
    room.run(2_000);
    expect([room.calls.length, loan!.completed]).toEqual([1, true]);
  });

  test('for a page keeps the socket and is tried again whole: sending has not returned before', () => {
    const room = new Room(2, false, atReturn);
    const page = newPage(room.k);
    room.k.failIn = 3;
    const { loan } = room.call(0, page);
    const second = room.call(1, newPage(room.k));
    room.run(62_400);
    expect([room.calls.length, loan!.completed]).toEqual([0, false]);
    room.run(1_000);
    expect(room.calls.map((c) => c.bytes)).toEqual([124 + PAGE_SIZE]);
    expect([loan!.completed, second.state]).toEqual([true, RequestState.QUEUED]);
  });

  test('the second time is over when the first one is answered', () => {
    const room = new Room();
    const request = room.call(0, newPage(room.k));
    room.run(TIMEOUT - 100);
    room.k.failIn = 3;
    room.run(1_000);
    expect([room.calls.length, request.state]).toEqual([1, RequestState.SENDING]);
    room.reply(request.xid);
    room.run(70_000);
    expect([room.calls.length, request.state]).toEqual([1, RequestState.DONE]);
    room.call(0, newPage(room.k));
    room.run(1_000);
    expect(room.calls).toHaveLength(2);
  });
});

test('bytes that change in the ring are refused: the checksum of fragments is taken when they are made', () => {
  const room = new Room();
  const page = newPage(room.k);
  room.near.stall();
  room.call(0, page);
  room.k.mem[page.address + 2000]! ^= 0xff;
  room.near.resume();
  room.run(1_000);
  expect([room.calls.length, room.udp.checksumErrors]).toEqual([0, 1]);
});

test('the window begins with one call, grows with the answers and is halved by a timeout', () => {
  const room = new Room(3);
  const requests = [0, 1, 2].map((slot) => room.call(slot, newPage(room.k)));
  room.run(1_000);
  expect(room.calls.length).toBe(1);
  room.reply(requests[0]!.xid);
  room.run(1_000);
  expect(room.calls.map((c) => c.xid)).toEqual(requests.map((r) => r.xid));
  room.run(TIMEOUT + 1_000);
  expect(room.calls.length).toBe(4); // both are late, one may go
});

test('with the remedy of 2013 a copy goes out, and the page is free when the first answer comes', () => {
  const room = new Room(1, true);
  const request = room.call(0, newPage(room.k));
  room.run(TIMEOUT - 100);
  room.near.stall();
  room.run(1_000);
  expect(request.loan!.refs).toBe(1); // the producer's own
  room.reply(request.xid);
  room.run(1_000);
  expect(request.loan!.completed).toBe(true);
});
