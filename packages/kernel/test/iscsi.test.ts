// PDUs in a stream: cut anywhere they are the same PDUs, and a digest tells when their bytes are not.
import { describe, expect, test } from 'vitest';
import {
  BHS_BYTES,
  CRC32C_SEED,
  DIGEST_BYTES,
  FLAG_FINAL,
  IscsiHdr,
  IscsiOp,
  PduReader,
  crc32c,
  writeDigest,
  writeHdr,
  type PduUser,
  type TcpSock,
} from '../src/index.ts';
import { bareKernel, newPage } from './machine.ts';

const NO_SOCK = null as unknown as TcpSock;

describe('CRC32C', () => {
  const digest = (bytes: Uint8Array): string => {
    const out = new Uint8Array(4);
    writeDigest(out, 0, crc32c(bytes, 0, bytes.length, CRC32C_SEED));
    return Buffer.from(out).toString('hex');
  };

  test('is that of RFC 3720, appendix B.4', () => {
    expect(digest(new Uint8Array(32))).toBe('aa36918a');
    expect(digest(new Uint8Array(32).fill(0xff))).toBe('43aba862');
    expect(digest(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe('4e79dd46');
    expect(digest(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe('5cdb3f11');
  });
});

/** What a reader makes of a stream. */
class Seen implements PduUser {
  readonly pdus: string[] = [];
  data = 0;

  pduData(_h: IscsiHdr, into: number, _address: number, size: number): void {
    if (into === this.data) this.data += size; // else: out of order, and the count shows it
  }

  pdu(h: IscsiHdr, good: boolean): void {
    this.pdus.push(`${h.opcode.toString(16)} ${h.itt} ${this.data}${good ? '' : ' refused'}`);
    this.data = 0;
  }

  badHeader(): void {
    this.pdus.push('bad header');
  }
}

const DATA = 40;

/** A login, some data and an answer, with digests or without, at the beginning of a page. Returns their bytes. */
function stream(digests: boolean) {
  const k = bareKernel();
  const { address } = newPage(k);
  const { mem } = k;
  let at = address;
  const put = (h: IscsiHdr, data: number): void => {
    h.dlength = data;
    writeHdr(mem, at, h);
    const parts: [number, number][] = [[at, BHS_BYTES]];
    if (data > 0) parts.push([at + BHS_BYTES + (digests ? DIGEST_BYTES : 0), data]);
    for (const [from, size] of parts) {
      if (from !== at) mem.fill(0x5a, from, from + size);
      if (digests) writeDigest(mem, from + size, crc32c(mem, from, size, CRC32C_SEED));
    }
    at += BHS_BYTES + data + (digests ? parts.length * DIGEST_BYTES : 0);
  };
  const hdr = new IscsiHdr();
  put(hdr.begin(IscsiOp.LOGIN, FLAG_FINAL, 0), 0);
  put(hdr.begin(IscsiOp.DATA_OUT, FLAG_FINAL, 7), DATA);
  put(hdr.begin(IscsiOp.SCSI_RSP, FLAG_FINAL, 7), 0);
  return { k, mem, address, size: at - address };
}

/** Reads all of it, `step` bytes at a time. */
function read({ k, address, size }: ReturnType<typeof stream>, digests: boolean, step: number) {
  const seen = new Seen();
  const reader = new PduReader(k, { header: digests, data: digests }, seen);
  for (let at = 0; at < size; at += step)
    reader.bytes(NO_SOCK, address + at, Math.min(step, size - at), 1, at);
  return seen.pdus;
}

describe.each([false, true])('a stream of PDUs, digests: %s', (digests) => {
  test('is cut in the same way, however it comes', () => {
    const all = stream(digests);
    for (let step = 1; step < 70; step++)
      expect(read(all, digests, step)).toEqual(['3 0 0', `5 7 ${DATA}`, '21 7 0']);
  });

  test.skipIf(!digests)('changed data is refused, and what follows is not', () => {
    const all = stream(true);
    all.mem[all.address + 2 * (BHS_BYTES + DIGEST_BYTES) + 3]! ^= 1;
    expect(read(all, true, 11)).toEqual(['3 0 0', `5 7 ${DATA} refused`, '21 7 0']);
  });

  test.skipIf(!digests)('a changed header ends it', () => {
    const all = stream(true);
    all.mem[all.address + 20]! ^= 1;
    expect(read(all, true, 1000)[0]).toBe('bad header');
  });

  test.skipIf(digests)('without digests nobody notices', () => {
    const all = stream(false);
    all.mem[all.address + 2 * BHS_BYTES + 3]! ^= 1;
    expect(read(all, false, 11)[1]).toBe(`5 7 ${DATA}`);
  });
});
