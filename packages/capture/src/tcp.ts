// Goal: one TCP header with the options that matter to page lifetime: SACK, timestamps, and the
// window scale and segment size of the handshake. Non-goal: checksums; offloading leaves them
// unfinished in honest captures.
import { be16, be32 } from './bytes.ts';
import type { Found } from './layers.ts';

/** Bits of `Segment.flags`, as in the header's own flag byte. */
export const Flag = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

const FLAGS = Flag.FIN | Flag.SYN | Flag.RST | Flag.PSH | Flag.ACK;
const Option = { END: 0, NOP: 1, MSS: 2, WINDOW_SCALE: 3, SACK: 5, TIMESTAMPS: 8 } as const;
const HEADER_BYTES_MIN = 20;
const WINDOW_SCALE_MAX = 14;

export type TcpFault = 'the TCP header is cut or damaged';

/** What the TCP header says; -1 stands for an option that is absent. One object is reused. */
export interface TcpHeader {
  seq: number;
  ack: number;
  flags: number;
  window: number;
  /** Offset of the payload in the frame. */
  payload: number;
  /** Bytes of payload on the wire. */
  length: number;
  sack: readonly number[];
  tsVal: number;
  tsEcr: number;
  mss: number;
  wscale: number;
}

const NO_SACK: readonly number[] = Object.freeze([]);

/** Fills `tcp` from the header at `ip.tcp`. */
export function readTcp(data: Uint8Array, ip: Found, tcp: TcpHeader): 'read' | TcpFault {
  const at = ip.tcp;
  if (at + HEADER_BYTES_MIN > data.length) return 'the TCP header is cut or damaged';
  const headerBytes = ((data[at + 12] ?? 0) >> 4) * 4;
  if (headerBytes < HEADER_BYTES_MIN || headerBytes > ip.tcpBytes) {
    return 'the TCP header is cut or damaged';
  }
  tcp.seq = be32(data, at + 4);
  tcp.ack = be32(data, at + 8);
  tcp.flags = (data[at + 13] ?? 0) & FLAGS;
  tcp.window = be16(data, at + 14);
  tcp.payload = at + headerBytes;
  tcp.length = ip.tcpBytes - headerBytes;
  tcp.sack = NO_SACK;
  tcp.tsVal = -1;
  tcp.tsEcr = -1;
  tcp.mss = -1;
  tcp.wscale = -1;
  readOptions(data, at + HEADER_BYTES_MIN, Math.min(tcp.payload, data.length), tcp);
  return 'read';
}

/** Options end at the first one that does not fit, as every stack treats them. */
function readOptions(data: Uint8Array, start: number, end: number, tcp: TcpHeader): void {
  const syn = (tcp.flags & Flag.SYN) !== 0;
  for (let at = start; at < end;) {
    const kind = data[at];
    if (kind === Option.END) return;
    if (kind === Option.NOP) {
      at++;
      continue;
    }
    const length = data[at + 1] ?? 0;
    if (length < 2 || at + length > end) return;
    if (kind === Option.TIMESTAMPS && length === 10) {
      tcp.tsVal = be32(data, at + 2);
      tcp.tsEcr = be32(data, at + 6);
    } else if (kind === Option.SACK && length > 2 && (length - 2) % 8 === 0) {
      const edges: number[] = [];
      for (let edge = at + 2; edge < at + length; edge += 4) edges.push(be32(data, edge));
      tcp.sack = edges;
    } else if (kind === Option.MSS && length === 4 && syn) {
      tcp.mss = be16(data, at + 2);
    } else if (kind === Option.WINDOW_SCALE && length === 3 && syn) {
      tcp.wscale = Math.min(data[at + 2] ?? 0, WINDOW_SCALE_MAX);
    }
    at += length;
  }
}
