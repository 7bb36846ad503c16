// TCP's options: in the order in which the kernel writes them, and read from any order.
import { declareState } from '../../../state.ts';
import { get16, get32, IP_HEADER, put16, put32 } from '../ip_header.ts';
import { TCP_HEADER, TcpFlag, TcpHeader, writeFixed } from '../tcp_header.ts';

/** Room for options. @kernel include/net/tcp.h MAX_TCP_OPTION_SPACE */
export const OPTION_SPACE = 40;
const KIND = { EOL: 0, NOP: 1, MSS: 2, WSCALE: 3, SACK_OK: 4, SACK: 5, TIMESTAMP: 8 } as const;

/** A header with what its options say: `mss` 0, `wscale` -1 and `sacks` 0 where they are not there. */
export class MainHeader extends TcpHeader {
  ts = false;
  sackOk = false;
  urgent = 0;
}

declareState(MainHeader, { state: 'ts sackOk urgent' });

/** Sets `h.bytes`. @kernel net/ipv4/tcp_output.c tcp_syn_options, tcp_synack_options, tcp_established_options */
export function measure(h: MainHeader): void {
  let size = 0;
  if (h.mss !== 0) size += 4;
  if (h.ts) size += 12;
  else if (h.sackOk) size += 4;
  if (h.wscale >= 0) size += 4;
  if (h.sacks > 0) size += 4 + 8 * h.sacks;
  h.bytes = IP_HEADER + TCP_HEADER + size;
}

/** @kernel net/ipv4/tcp_output.c tcp_options_write */
export function writeMain(mem: Uint8Array, at: number, h: MainHeader, id: number): void {
  writeFixed(mem, at, h, id);
  put16(mem, at + IP_HEADER + 18, h.urgent);
  let o = at + IP_HEADER + TCP_HEADER;
  const word = (value: number): void => {
    put32(mem, o, value);
    o += 4;
  };
  if (h.mss !== 0) word(0x0204_0000 | h.mss);
  if (h.ts) {
    word(h.sackOk ? 0x0402_080a : 0x0101_080a);
    word(h.tsVal);
    word(h.tsEcr);
  } else if (h.sackOk) {
    word(0x0101_0402);
  }
  if (h.wscale >= 0) word(0x0103_0300 | h.wscale);
  if (h.sacks > 0) {
    word(0x0101_0500 | (2 + 8 * h.sacks));
    for (let i = 0; i < 2 * h.sacks; i++) word(h.sack[i]!);
  }
}

/** Reads the header at `at`, of a packet of `len` bytes; false: it is cut or its lengths are not right. */
export function readMain(mem: Uint8Array, at: number, len: number, h: MainHeader): boolean {
  const tcp = at + IP_HEADER;
  const tcpBytes = (mem[tcp + 12]! >> 4) << 2;
  if (tcpBytes < TCP_HEADER || IP_HEADER + tcpBytes > len) return false;
  h.source = get32(mem, at + 12);
  h.dest = get32(mem, at + 16);
  h.sourcePort = get16(mem, tcp);
  h.destPort = get16(mem, tcp + 2);
  h.seq = get32(mem, tcp + 4);
  h.ack = get32(mem, tcp + 8);
  h.flags = mem[tcp + 13]!;
  h.window = get16(mem, tcp + 14);
  h.urgent = get16(mem, tcp + 18);
  h.bytes = IP_HEADER + tcpBytes;
  h.payload = len - h.bytes;
  h.mss = 0;
  h.wscale = -1;
  h.sacks = 0;
  h.ts = false;
  h.sackOk = false;
  readOptions(mem, tcp + TCP_HEADER, tcp + tcpBytes, h);
  return true;
}

/** @kernel net/ipv4/tcp_input.c tcp_parse_options */
function readOptions(mem: Uint8Array, from: number, end: number, h: MainHeader): void {
  const syn = (h.flags & TcpFlag.SYN) !== 0;
  for (let o = from; o < end;) {
    const kind = mem[o]!;
    if (kind === KIND.EOL) return;
    if (kind === KIND.NOP) {
      o++;
      continue;
    }
    const size = mem[o + 1]!;
    if (size < 2 || o + size > end) return;
    if (kind === KIND.MSS && size === 4 && syn) h.mss = get16(mem, o + 2);
    else if (kind === KIND.WSCALE && size === 3 && syn) h.wscale = Math.min(14, mem[o + 2]!);
    else if (kind === KIND.SACK_OK && size === 2 && syn) h.sackOk = true;
    else if (kind === KIND.TIMESTAMP && size === 10) {
      h.ts = true;
      h.tsVal = get32(mem, o + 2);
      h.tsEcr = get32(mem, o + 6);
    } else if (kind === KIND.SACK && size >= 10 && (size - 2) % 8 === 0) {
      h.sacks = Math.min(4, (size - 2) >> 3);
      for (let i = 0; i < 2 * h.sacks; i++) h.sack[i] = get32(mem, o + 2 + 4 * i);
    }
    o += size;
  }
}
