// Goal: find TCP behind an IPv4 or IPv6 header, and how long it was on the wire.
// Non-goal: reassembling IP fragments; of a fragmented packet only the first one is read.
import { be16 } from './bytes.ts';
import type { Frame } from './capture.ts';

const TCP = 6;
const FRAGMENT = 44;
/** IPv6 extension headers that can stand before TCP: hop-by-hop, routing, destination options. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60]);
const AUTHENTICATION = 51;

export type IpFault =
  | 'the IP header is cut or damaged'
  | 'the IP length is less than its header'
  | 'a later IP fragment is left out'
  | 'only the first IP fragment is read';

/** What the IP header says; one object is reused for all packets. */
export interface IpHeader {
  /** Offset of the source address in the frame; the destination follows it. */
  addresses: number;
  /** 4 or 16. */
  addressBytes: number;
  /** Offset of the TCP header in the frame. */
  tcp: number;
  /** Bytes of TCP header and payload on the wire. */
  tcpBytes: number;
  /** True for the first of several fragments. */
  fragment: boolean;
}

/** Fills `ip` from the header at `offset`. Anything but 'tcp' is a reason to leave the frame out. */
export function readIp(frame: Frame, offset: number, ip: IpHeader): 'tcp' | 'other' | IpFault {
  const version = (frame.data[offset] ?? 0) >> 4;
  if (version === 4) return readIpv4(frame, offset, ip);
  if (version === 6) return readIpv6(frame, offset, ip);
  return 'other';
}

function readIpv4(frame: Frame, offset: number, ip: IpHeader): 'tcp' | 'other' | IpFault {
  const { data } = frame;
  const headerBytes = ((data[offset] ?? 0) & 15) * 4;
  if (headerBytes < 20 || offset + 20 > data.length) return 'the IP header is cut or damaged';
  if (data[offset + 9] !== TCP) return 'other';
  const fragment = be16(data, offset + 6);
  if ((fragment & 0x1fff) !== 0) return 'a later IP fragment is left out';
  const total = wireBytes(frame, offset, be16(data, offset + 2));
  if (total < headerBytes) return 'the IP length is less than its header';
  ip.addresses = offset + 12;
  ip.addressBytes = 4;
  ip.tcp = offset + headerBytes;
  ip.tcpBytes = total - headerBytes;
  ip.fragment = (fragment & 0x2000) !== 0;
  return 'tcp';
}

function readIpv6(frame: Frame, offset: number, ip: IpHeader): 'tcp' | 'other' | IpFault {
  const { data } = frame;
  if (offset + 40 > data.length) return 'the IP header is cut or damaged';
  const payload = be16(data, offset + 4);
  const end = offset + wireBytes(frame, offset, payload === 0 ? 0 : payload + 40);
  let next = data[offset + 6] ?? 0;
  let at = offset + 40;
  ip.fragment = false;
  while (next !== TCP) {
    if (at + 8 > data.length) return 'the IP header is cut or damaged';
    let bytes = 8;
    if (next === FRAGMENT) {
      const fragment = be16(data, at + 2);
      if (fragment >> 3 !== 0) return 'a later IP fragment is left out';
      ip.fragment = (fragment & 1) !== 0;
    } else if (next === AUTHENTICATION) {
      bytes = ((data[at + 1] ?? 0) + 2) * 4;
    } else if (EXTENSIONS.has(next)) {
      bytes = ((data[at + 1] ?? 0) + 1) * 8;
    } else {
      return 'other';
    }
    next = data[at] ?? 0;
    at += bytes;
  }
  if (end < at) return 'the IP length is less than its header';
  ip.addresses = offset + 8;
  ip.addressBytes = 16;
  ip.tcp = at;
  ip.tcpBytes = end - at;
  return 'tcp';
}

/**
 * Length of the IP packet. Segmentation offload hands packets to the capture before they are split;
 * those over 64 KiB do not fit the header's 16 bits, and the kernel writes 0 there. Then, and only
 * then, the frame's own length counts (it may include link padding otherwise).
 */
function wireBytes(frame: Frame, offset: number, claimed: number): number {
  const seen = frame.originalLength - offset;
  return claimed === 0 || seen > 0xffff + 40 ? seen : claimed;
}

/** An address as text: dotted IPv4, or IPv6 in the short form of RFC 5952. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => be16(bytes, 2 * i).toString(16));
  const text = groups.join(':');
  const zeros = [...text.matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)];
  if (zeros.length === 0) return text;
  const longest = zeros.reduce((a, b) => (b[0].length > a[0].length ? b : a));
  const before = text.slice(0, longest.index).replace(/:$/, '');
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}
