// Datagrams over IPv6, between two ends that IPv4 shares its code with: lent pages go out in fragments, each with a header
// of its own, and come together again. What a running kernel does with the same calls is the lab's to compare.
import { expect, test } from 'vitest';
import {
  IPV6_HEADER,
  Ip6Frags,
  NetDevice,
  PAGE_SIZE,
  Side,
  UDP_HEADER,
  UdpSock,
  checksumFold,
  get16,
  ipv6Nexthdr,
  ipv6Specific,
  kfreeSkb,
  skbChecksum,
  skbCopyBits,
  skbOrphan,
  udpClose,
  udpSendmsg,
  udpSendpage,
  type Kernel,
  type SkBuff,
} from '../src/index.ts';
import { perFrag } from './designs.ts';
import { NOTHING, P, bareKernel, inUse, newPage } from './machine.ts';

const IPPROTO_UDP = 17;
const NEXTHDR_FRAGMENT = 44;
const HERE = 1;
const THERE = 2;

/** Keeps what it is to send. */
class Drawer extends NetDevice {
  readonly sent: SkBuff[] = [];
  constructor(k: Kernel, csum: boolean) {
    super(k, 'drawer', { sg: true, csum, tso: false, gso: false }, 1500);
  }
  override queueXmit(skb: SkBuff): boolean {
    skbOrphan(this.k, skb);
    this.sent.push(skb);
    return true;
  }
  protected startXmit(): never {
    throw new Error('nothing is queued');
  }
}

/** A client with a header of `bytes` and a page of its own to send behind it. */
function sender(era: string, bytes: string, csum = false) {
  const k = bareKernel({ era, design: perFrag });
  const device = new Drawer(k, csum);
  const to = { localAddress: HERE, localPort: 800, peerAddress: THERE, peerPort: 2049 };
  const client = new UdpSock(k, 'client', Side.LENT, device, to, ipv6Specific);
  const page = newPage(k);
  k.mem.fill(7, page.address, page.address + PAGE_SIZE);
  const scratch = newPage(k);
  k.mem.set(Buffer.from(bytes), scratch.address);
  udpSendmsg(client, scratch.address, bytes.length, true);
  k.putPage(scratch);
  const loan = k.newLoan(0, 1);
  udpSendpage(client, page, 0, PAGE_SIZE, loan, false);
  k.release(loan);
  return { k, device, client, page, loan };
}

/** All of it, from the UDP header on; and does the checksum fit? */
function datagram(k: Kernel, skb: SkBuff): { bytes: Buffer; fits: boolean } {
  const into = newPage(k);
  const n = skb.len - IPV6_HEADER;
  const bytes = Buffer.alloc(n);
  for (let at = 0; at < n; at += PAGE_SIZE) {
    const part = Math.min(PAGE_SIZE, n - at);
    skbCopyBits(k, skb, IPV6_HEADER + at, into.address, part);
    bytes.set(k.mem.subarray(into.address, into.address + part), at);
  }
  k.putPage(into);
  const sum = skbChecksum(k.mem, skb, IPV6_HEADER) + HERE + THERE + IPPROTO_UDP + n;
  return { bytes, fits: checksumFold(sum) === 0 };
}

test('a lent page goes out in three fragments, comes together, and is told of when the last is gone', () => {
  const { k, device, client, page, loan } = sender('7.2.13', 'WRITE xid 17 ');
  const { sent } = device;
  expect(sent.map((skb) => skb.len)).toEqual([1496, 1496, 1269]);
  expect(sent.map((skb) => ipv6Nexthdr(k.mem, skb.data))).toEqual(sent.map(() => NEXTHDR_FRAGMENT));
  expect(sent.every((skb) => skb.shinfo.frags[0]!.page === page)).toBe(true);
  const frags = new Ip6Frags(k, 'there', false);
  const whole = sent.map((skb) => frags.defrag(skb)).find((skb) => skb !== null)!;
  expect(ipv6Nexthdr(k.mem, whole.data)).toBe(IPPROTO_UDP);
  const { bytes, fits } = datagram(k, whole);
  expect(fits).toBe(true);
  expect(bytes.subarray(UDP_HEADER).toString('latin1')).toBe(
    `WRITE xid 17 ${'\x07'.repeat(PAGE_SIZE)}`,
  );
  expect(loan.completed).toBe(false);
  kfreeSkb(k, whole);
  expect(loan.completed).toBe(true);
  udpClose(client);
  expect({ ...inUse(k), references: P(page) }).toEqual({ ...NOTHING, references: 0 });
});

test('before 6.5 the page is copied, and the producer has it back at once', () => {
  const { k, device, client, page, loan } = sender('5.10.223', 'WRITE ');
  expect(loan.completed).toBe(true);
  expect(device.sent.some((skb) => skb.shinfo.frags.some((f) => f.page === page))).toBe(false);
  for (const skb of device.sent) kfreeSkb(k, skb);
  udpClose(client);
  expect(inUse(k)).toEqual(NOTHING);
});

test('a datagram that fits is no fragment, and a device may sum it', () => {
  const k = bareKernel({ era: '7.2.13', design: perFrag });
  const device = new Drawer(k, true);
  const to = { localAddress: HERE, localPort: 800, peerAddress: THERE, peerPort: 2049 };
  const client = new UdpSock(k, 'client', Side.LENT, device, to, ipv6Specific);
  const scratch = newPage(k);
  udpSendmsg(client, scratch.address, 1452, false);
  k.putPage(scratch);
  const [only, ...others] = device.sent;
  expect(others).toEqual([]);
  expect([only!.len, ipv6Nexthdr(k.mem, only!.data)]).toEqual([1500, IPPROTO_UDP]);
  expect(get16(k.mem, only!.data + IPV6_HEADER + 6)).toBe(0);
  kfreeSkb(k, only!);
  udpClose(client);
});
