// TCP/IPv4 headers as bytes: written into an skb's headroom, read back at the other end.
import { IP_HEADER, get16, get32, ipChecksum, put16, put32 } from './ip_header.ts';
import { declareState } from '../../state.ts';

export const TcpFlag = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

export const TCP_HEADER = 20;
/** Timestamps with their two NOPs: on every segment. */
export const TS_OPTION = 12;
/** Headers of a segment without SACK blocks. */
export const BASE_HEADERS = IP_HEADER + TCP_HEADER + TS_OPTION;
/** No packet is longer, whatever a device takes. Model: up to 3.11 16 bytes less. @kernel net/ipv4/route.c (3.11, 3.13), include/net/route.h (3.14, 4.9) IP_MAX_MTU */
export const IP_MAX = 0xffff;
/** Headroom of every TCP skb. Model: what headers take here; a kernel keeps more free (tcp_sock.ts). @kernel include/net/tcp.h MAX_TCP_HEADER */
export const MAX_TCP_HEADER = 128;
/** SACK blocks that fit beside timestamps. */
export const MAX_SACKS = 3;

/** One decoded header; each machine reuses one object. */
export class TcpHeader {
  source = 0;
  dest = 0;
  sourcePort = 0;
  destPort = 0;
  seq = 0;
  ack = 0;
  flags = 0;
  /** As on the wire: not scaled. */
  window = 0;
  tsVal = 0;
  tsEcr = 0;
  mss = 0;
  wscale = -1;
  sacks = 0;
  /** Pairs of (start, end). */
  readonly sack = new Int32Array(2 * 4);
  /** Bytes of IP and TCP header. */
  bytes = 0;
  /** Bytes of payload by the IP total length. */
  payload = 0;
}

declareState(TcpHeader, {
  state:
    'source dest sourcePort destPort seq ack flags window tsVal tsEcr mss wscale sacks sack bytes payload',
});

/** Bytes of header that `h` needs. */
export function headerBytes(h: TcpHeader): number {
  if ((h.flags & TcpFlag.SYN) !== 0) return IP_HEADER + TCP_HEADER + 20;
  return BASE_HEADERS + (h.sacks > 0 ? 4 + 8 * h.sacks : 0);
}

/** Writes `h` at `at`, in front of `h.payload` bytes. */
export function writeHeader(mem: Uint8Array, at: number, h: TcpHeader, id: number): void {
  writeFixed(mem, at, h, id);
  let o = at + IP_HEADER + TCP_HEADER;
  if ((h.flags & TcpFlag.SYN) !== 0) {
    put32(mem, o, 0x02040000 | h.mss);
    put32(mem, o + 4, 0x0402080a); // SACK permitted, timestamps
    put32(mem, o + 8, h.tsVal);
    put32(mem, o + 12, h.tsEcr);
    put32(mem, o + 16, 0x01030300 | h.wscale);
    return;
  }
  put32(mem, o, 0x0101080a);
  put32(mem, o + 4, h.tsVal);
  put32(mem, o + 8, h.tsEcr);
  if (h.sacks > 0) {
    o += 12;
    put32(mem, o, 0x01010500 | (2 + 8 * h.sacks));
    for (let i = 0; i < 2 * h.sacks; i++) put32(mem, o + 4 + 4 * i, h.sack[i]!);
  }
}

/** The IP header and what every TCP header has: all of `h.bytes` but the options. */
export function writeFixed(mem: Uint8Array, at: number, h: TcpHeader, id: number): void {
  const tcp = at + IP_HEADER;
  mem[at] = 0x45;
  mem[at + 1] = 0;
  put16(mem, at + 2, h.bytes + h.payload);
  put16(mem, at + 4, id);
  put16(mem, at + 6, 0x4000);
  mem[at + 8] = 64;
  mem[at + 9] = 6;
  put16(mem, at + 10, 0);
  put32(mem, at + 12, h.source);
  put32(mem, at + 16, h.dest);
  put16(mem, at + 10, ipChecksum(mem, at));
  put16(mem, tcp, h.sourcePort);
  put16(mem, tcp + 2, h.destPort);
  put32(mem, tcp + 4, h.seq);
  put32(mem, tcp + 8, h.ack);
  mem[tcp + 12] = ((h.bytes - IP_HEADER) >> 2) << 4;
  mem[tcp + 13] = h.flags;
  put16(mem, tcp + 14, h.window);
  put16(mem, tcp + 16, 0);
  put16(mem, tcp + 18, 0);
}

/** Reads the header at `at` into `h`. */
export function readHeader(mem: Uint8Array, at: number, h: TcpHeader): void {
  const tcp = at + IP_HEADER;
  const tcpBytes = (mem[tcp + 12]! >> 4) << 2;
  h.source = get32(mem, at + 12);
  h.dest = get32(mem, at + 16);
  h.sourcePort = get16(mem, tcp);
  h.destPort = get16(mem, tcp + 2);
  h.seq = get32(mem, tcp + 4);
  h.ack = get32(mem, tcp + 8);
  h.flags = mem[tcp + 13]!;
  h.window = get16(mem, tcp + 14);
  h.bytes = IP_HEADER + tcpBytes;
  h.sacks = 0;
  h.mss = 0;
  h.wscale = -1;
  const end = tcp + tcpBytes;
  let o = tcp + TCP_HEADER;
  while (o < end) {
    const kind = mem[o]!;
    if (kind === 1) {
      o++;
      continue;
    }
    const size = mem[o + 1]!;
    if (kind === 0 || size < 2) return; // the end, or no option at all
    if (kind === 8) {
      h.tsVal = get32(mem, o + 2);
      h.tsEcr = get32(mem, o + 6);
    } else if (kind === 5) {
      h.sacks = (size - 2) >> 3;
      for (let i = 0; i < 2 * h.sacks; i++) h.sack[i] = get32(mem, o + 2 + 4 * i);
    } else if (kind === 2) {
      h.mss = get16(mem, o + 2);
    } else if (kind === 3) {
      h.wscale = mem[o + 2]!;
    }
    o += size;
  }
}

/** Gives a segment cut out of a larger packet its own length, id and sequence number. */
export function fixSegmentHeader(
  mem: Uint8Array,
  at: number,
  bytes: number,
  seq: number,
  id: number,
  last: boolean,
): void {
  // Incrementally (RFC 1624): what the two fields were is taken out of the sum, what they become goes in.
  const old = 3 * 0xffff - get16(mem, at + 2) - get16(mem, at + 4) - get16(mem, at + 10);
  let sum = old + bytes + id;
  put16(mem, at + 2, bytes);
  put16(mem, at + 4, id);
  sum = (sum & 0xffff) + (sum >> 16);
  put16(mem, at + 10, ~((sum & 0xffff) + (sum >> 16)));
  put32(mem, at + IP_HEADER + 4, seq);
  if (!last) mem[at + IP_HEADER + 13]! &= ~(TcpFlag.FIN | TcpFlag.PSH);
}
