// Where IPv4 and IPv6 differ for a datagram that is put together, cut, and put together again: lengths and headers.
// What follows from them is one code, beside the file of IPv4 that has it; kernels have most of it twice.
import type { Kernel } from '../kernel.ts';

/** UDP's share of what TCP asks of either. @kernel include/net/inet_connection_sock.h struct inet_connection_sock_af_ops */
export interface AfOps {
  /** Bytes of the header, without options. */
  readonly netHeaderLen: number;
  /** Bytes of a header behind it that only fragments have, and for which the packets of a datagram leave room. */
  readonly fragHeaderLen: number;
  /** What a head is asked beside its bytes and the room in front. */
  readonly headSpare: number;
  /** The longest datagram, its header not counted. */
  readonly lengthMax: number;
  /** A header at `at`, in front of `payload` bytes of `protocol`. */
  writeHeader(
    k: Kernel,
    at: number,
    payload: number,
    protocol: number,
    saddr: number,
    daddr: number,
  ): void;
  /** What the header at `at` says is behind it. */
  protocolOf(mem: Uint8Array, at: number): number;
  /** The identification of the fragments of one packet, where their header does not say it yet. */
  selectIdent(k: Kernel): number;
  /** Makes the header at `at` that of a fragment with `payload` bytes at `offset`. */
  writeFragment(
    mem: Uint8Array,
    at: number,
    payload: number,
    offset: number,
    more: boolean,
    protocol: number,
    id: number,
  ): void;
}

/** Bytes in front of the payload of a fragment. */
export function fragHeadersLen({ netHeaderLen, fragHeaderLen }: AfOps): number {
  return netHeaderLen + fragHeaderLen;
}
