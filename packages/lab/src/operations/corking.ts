// A datagram that is put together by several calls, and what UDP and IP make of it: up to the moment before it is cut
// for its device, which `ipfrag` plays.
import {
  CHANGES,
  Checksum,
  NetDevice,
  PAGE_SIZE,
  Side,
  UDP_HEADER,
  UdpSock,
  allocPage,
  ipAppendData,
  maxFragLen,
  put16,
  putPage,
  roomIn,
  skbOrphan,
  udpFinishSkb,
  udpFlushPendingFrames,
  udpSendmsg,
  udpSendpage,
  type XmitResult,
} from '@lastref/kernel';
import type { Prng } from '@lastref/workloads';
import { SKIP, type Desk } from '../desk.ts';
import { IPV4, IPV6, writeHeader, type Family } from './fragmenting.ts';
import { emptySlot, pickBeside, pickRange, type Operation } from './operation.ts';

const PORT = 9999;
/** @kernel include/uapi/linux/udp.h udphdr.check */
const UDP_CHECK = 6;
/** Every packet is looked at after every step. */
const MAX_PACKETS = 10;
const MTU_MIN = 68;
const MTU_MAX = 9000;
const MTUS = [68, 99, 148, 300, 576, 1492, 1499, 1500, 9000];

/** What the datagram is made for. Nothing comes so far. */
class Wanted extends NetDevice {
  protected startXmit(): XmitResult {
    throw new Error('nothing is sent here');
  }
}

/** May pages be lent to a datagram? As kernels mark them: MSG_SPLICE_PAGES does, ip_append_page does not. */
function lends(desk: Desk): boolean {
  const marks = desk.k.era.changes.has(CHANGES.spliceByIterator);
  return desk.seam === (marks ? 'marker' : 'plain');
}

/** Do so many bytes more make a datagram of at most so many packets? */
function fits(sk: UdpSock, bytes: number): boolean {
  const payload = maxFragLen(sk) - sk.af.netHeaderLen;
  return sk.writeQueue.qlen + Math.ceil((bytes + UDP_HEADER) / payload) <= MAX_PACKETS;
}

/** Bytes with which the packet that is filled is full, or nearly; or any number. */
function bytesFor(sk: UdpSock, random: Prng, most: number): number {
  const { last } = sk.writeQueue;
  const { mtu } = sk.device;
  const room = last === null ? mtu - sk.af.netHeaderLen - UDP_HEADER : roomIn(sk, last, 0);
  return (
    pickBeside(random, room, 1, most) ??
    1 + random.below(random.below(2) === 0 ? Math.min(200, most) : Math.min(2 * mtu, most))
  );
}

/** `bytes` at a place that is somebody else's after the call. */
function withBytes(
  desk: Desk,
  bytes: number,
  seed: number,
  send: (address: number) => number,
): number {
  const { k } = desk;
  const page = allocPage(k);
  desk.fill(page.address, bytes, seed);
  const result = send(page.address);
  putPage(k, page);
  return result;
}

/** The next datagram is for such a device. */
function corkFor(name: string, { af, here }: Family): Operation {
  return {
    name,
    args: ['mtu', 'scatter and gather', 'sums'],
    plays: [],
    weight: 3,
    draw: (_, random) => {
      const mtu = random.below(3) === 0 ? MTU_MIN + random.below(1500) : MTUS[random.below(9)]!;
      return [mtu, Number(random.below(4) !== 0), random.below(2)];
    },
    play: (desk, mtu, sg, csum) => {
      if (mtu < MTU_MIN || mtu > MTU_MAX || desk.udp?.pending === true) return SKIP;
      const features = { sg: sg !== 0, csum: csum !== 0, tso: false, gso: false };
      const device = new Wanted(desk.k, 'wanted', features, mtu);
      const to = { localAddress: here, localPort: PORT, peerAddress: here, peerPort: PORT };
      const sk = new UdpSock(desk.k, 'corked', Side.LENT, device, to, af);
      if (desk.udp !== null) {
        // kernels have the page of their task
        sk.sndmsgPage = desk.udp.sndmsgPage;
        sk.sndmsgOff = desk.udp.sndmsgOff;
      }
      desk.udp = sk;
      return 0;
    },
  };
}

export const CORKING: readonly Operation[] = [
  corkFor('cork', IPV4),
  corkFor('cork6', IPV6),
  {
    name: 'udp', // with MSG_MORE
    args: ['bytes', 'seed'],
    plays: [],
    weight: 8,
    draw: ({ udp }, random) =>
      udp === null ? null : [bytesFor(udp, random, PAGE_SIZE), random.below(100)],
    play: (desk, bytes, seed) => {
      const sk = desk.udp;
      if (sk === null || bytes < 0 || bytes > PAGE_SIZE || !fits(sk, bytes)) return SKIP;
      return withBytes(desk, bytes, seed, (address) => udpSendmsg(sk, address, bytes, true));
    },
  },
  {
    name: 'udppage', // with MSG_MORE
    args: ['page', 'offset', 'size'],
    plays: ['ip_append_page'], // from 6.5 on MSG_SPLICE_PAGES in its place
    weight: 10,
    draw: (desk, random) => {
      const { udp } = desk;
      if (udp === null || !lends(desk)) return null;
      const { last } = udp.writeQueue;
      const range = pickRange(desk, random, last);
      if (range === null) return null;
      const [p, offset, size] = range;
      return [p, offset, random.below(2) === 0 ? size : bytesFor(udp, random, PAGE_SIZE - offset)];
    },
    play: (desk, p, offset, size) => {
      const sk = desk.udp;
      if (sk === null || !lends(desk) || !desk.rangeOk(p, offset, size) || !fits(sk, size))
        return SKIP;
      return udpSendpage(sk, desk.pages[p]!, offset, size, desk.ubufs[0]!, true);
    },
  },
  {
    name: 'udpsend',
    args: ['slot', 'bytes', 'seed'],
    plays: [],
    weight: 8,
    draw: (desk, random) => {
      const slot = emptySlot(desk);
      if (slot === null || desk.udp === null) return null;
      const bytes = random.below(3) === 0 ? 0 : bytesFor(desk.udp, random, PAGE_SIZE);
      return [slot, bytes, random.below(100)];
    },
    play: (desk, slot, bytes, seed) => {
      const sk = desk.udp;
      if (sk === null || !desk.empty(slot)) return SKIP;
      if (bytes < 0 || bytes > PAGE_SIZE || !fits(sk, bytes)) return SKIP;
      const error = withBytes(desk, bytes, seed, (address) =>
        ipAppendData(sk, address, bytes, false),
      );
      if (error < 0) {
        udpFlushPendingFrames(sk);
        return error;
      }
      const { mem } = desk.k;
      const skb = udpFinishSkb(sk)!;
      skbOrphan(desk.k, skb);
      if (skb.ipSummed === Checksum.PARTIAL) {
        put16(mem, skb.data + sk.af.netHeaderLen + UDP_CHECK, 0); // a device's work
        skb.ipSummed = Checksum.NONE;
      }
      writeHeader(desk, skb, sk.af === IPV4.af ? IPV4 : IPV6);
      skb.headers = 0;
      return desk.put(slot, skb);
    },
  },
];
