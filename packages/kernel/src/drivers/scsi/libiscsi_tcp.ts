// What both ends of an iSCSI connection do with the stream: cut it into PDUs and check their digests.
// @kernel drivers/scsi/libiscsi_tcp.c iscsi_tcp_recv_skb, iscsi_tcp_dgst_verify (2.6.32)
import type { Kernel } from '../../kernel.ts';
import { Cost } from '../../ledger.ts';
import { CRC32C_SEED, crc32c } from '../../lib/crc32c.ts';
import type { ByteSink, TcpSock } from '../../net/ipv4/tcp_sock.ts';
import { BHS_BYTES, DIGEST_BYTES, IscsiHdr, readHdr } from './iscsi_proto.ts';
import { declareState } from '../../state.ts';

export interface Digests {
  /** CRC32C behind each header, and behind each data segment. */
  readonly header: boolean;
  readonly data: boolean;
}

/** Gets the PDUs of one connection. */
export interface PduUser {
  /** Some bytes of a data segment, `into` bytes behind its beginning: as stream bytes from `seq` of `flow`. */
  pduData(
    h: IscsiHdr,
    into: number,
    address: number,
    size: number,
    flow: number,
    seq: number,
  ): void;
  /** All of a PDU is here. `good`: its data are those that the digest was made of. */
  pdu(h: IscsiHdr, good: boolean): void;
  /** A header is not the one that its digest was made of: nothing behind it can be made sense of. */
  badHeader(): void;
}

export class PduReader implements ByteSink {
  private readonly k: Kernel;
  private readonly user: PduUser;
  private readonly digests: Digests;
  private readonly hdr = new IscsiHdr();
  private readonly head: Uint8Array;
  private readonly tail = new Uint8Array(DIGEST_BYTES);
  /** Bytes of the PDU that are here. */
  private at = 0;
  private crc = CRC32C_SEED;

  constructor(k: Kernel, digests: Digests, user: PduUser) {
    this.k = k;
    this.user = user;
    this.digests = digests;
    this.head = new Uint8Array(BHS_BYTES + (digests.header ? DIGEST_BYTES : 0));
  }

  /** A new connection: what was begun will never be whole. */
  restart(): void {
    this.at = 0;
  }

  bytes(_sk: TcpSock, address: number, size: number, flow: number, seq: number): void {
    for (let i = 0; i < size;) i += this.take(address + i, size - i, flow, (seq + i) | 0);
  }

  /** Takes up to `size` bytes, as far as one part of the PDU goes. Returns how many. */
  private take(address: number, size: number, flow: number, seq: number): number {
    const { k, head, hdr, tail } = this;
    const { mem } = k;
    const headEnd = head.length;
    if (this.at < headEnd) {
      const n = Math.min(size, headEnd - this.at);
      head.set(mem.subarray(address, address + n), this.at);
      this.at += n;
      if (this.at === headEnd) this.headHere();
      return n;
    }
    const dataEnd = headEnd + hdr.dlength;
    if (this.at < dataEnd) {
      const n = Math.min(size, dataEnd - this.at);
      if (this.digests.data) this.sum(mem, address, n);
      this.user.pduData(hdr, this.at - headEnd, address, n, flow, seq);
      this.at += n;
      if (this.at === dataEnd && !this.digests.data) this.whole(true);
      return n;
    }
    const n = Math.min(size, dataEnd + DIGEST_BYTES - this.at);
    tail.set(mem.subarray(address, address + n), this.at - dataEnd);
    this.at += n;
    if (this.at === dataEnd + DIGEST_BYTES) this.whole(isDigest(tail, 0, this.crc));
    return n;
  }

  private headHere(): void {
    const { head, hdr, digests } = this;
    if (digests.header) {
      this.crc = CRC32C_SEED;
      this.sum(head, 0, BHS_BYTES);
      if (!isDigest(head, BHS_BYTES, this.crc)) {
        this.at = 0;
        this.user.badHeader();
        return;
      }
    }
    readHdr(head, hdr);
    this.crc = CRC32C_SEED;
    if (hdr.dlength === 0) this.whole(true);
  }

  private sum(bytes: Uint8Array, at: number, size: number): void {
    this.crc = crc32c(bytes, at, size, this.crc);
    this.k.cost[this.k.side + Cost.CHECKSUM_BYTES]! += size;
  }

  private whole(good: boolean): void {
    this.at = 0;
    this.user.pdu(this.hdr, good);
  }
}

declareState(PduReader, {
  state: 'user digests hdr head tail at crc',
  constant: 'k',
});

/** A digest goes out least significant byte first. */
export function writeDigest(mem: Uint8Array, at: number, crc: number): void {
  const digest = ~crc;
  for (let b = 0; b < DIGEST_BYTES; b++) mem[at + b] = digest >>> (8 * b);
}

function isDigest(bytes: Uint8Array, at: number, crc: number): boolean {
  const digest = ~crc;
  for (let b = 0; b < DIGEST_BYTES; b++)
    if (bytes[at + b] !== ((digest >>> (8 * b)) & 0xff)) return false;
  return true;
}
