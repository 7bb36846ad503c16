// Goal: pcapng files: sections in either byte order, several interfaces with their own time
// resolution and offset, enhanced, simple and old packet blocks; other blocks are skipped.
// Non-goal: comments, name resolution, statistics, decryption secrets.
// Format: draft-ietf-opsawg-pcapng.
import { be32, i64, le32, u16, u32 } from './bytes.ts';
import { CaptureError, type Warnings } from './errors.ts';
import type { FrameSink, Records } from './frames.ts';
import { CAPTURED_BYTES_MAX, checkLengths } from './limits.ts';

/** Type of a section header block: reads the same in both byte orders. */
export const SECTION_MAGIC = 0x0a0d0d0a;
const Block = { INTERFACE: 1, OLD_PACKET: 2, SIMPLE: 3, ENHANCED: 6 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const Option = { END: 0, TSRESOL: 9, TSOFFSET: 14 } as const;
const BLOCK_BYTES_MIN = 12;
/** A packet with its options, or a section or interface with theirs: what is read at once. */
const READ_BYTES_MAX = 4 * CAPTURED_BYTES_MAX;
const NANOS = 1_000_000_000n;
const TIME_NS_MAX = 2n ** 63n;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number; // 0: unlimited
  readonly unitsPerSecond: bigint;
  readonly offsetNs: bigint;
}

export class PcapngBlocks implements Records {
  readonly format = 'pcapng';
  nanoseconds = false;
  private readonly file: string;
  private readonly warnings: Warnings;
  private readonly sink: FrameSink;
  private interfaces: Interface[] = [];
  private little = true;
  private count = 0;
  private timeNs = 0n;

  constructor(file: string, warnings: Warnings, sink: FrameSink) {
    this.file = file;
    this.warnings = warnings;
    this.sink = sink;
  }

  take(data: Uint8Array, at: number, offset: number): number {
    if (data.length - at < BLOCK_BYTES_MIN) return -BLOCK_BYTES_MIN;
    const type = u32(data, at, this.little);
    if (type === SECTION_MAGIC) {
      this.readByteOrder(data, at, offset);
      this.interfaces = [];
    }
    const { little } = this;
    const length = u32(data, at + 4, little);
    if (length < BLOCK_BYTES_MIN || length % 4 !== 0) {
      throw this.error(
        offset + 4,
        `a block length of ${length}`,
        `it must be a multiple of 4 and at least ${BLOCK_BYTES_MIN}`,
      );
    }
    const isRead = type === SECTION_MAGIC || type <= Block.SIMPLE || type === Block.ENHANCED;
    if (!isRead) return length; // whoever calls passes over what is not here yet
    if (length > READ_BYTES_MAX) {
      throw this.error(
        offset + 4,
        `a block length of ${length}`,
        `blocks of type ${type} have at most ${READ_BYTES_MAX} bytes, the file is damaged here`,
      );
    }
    if (data.length - at < length) return -length;
    const trailer = u32(data, at + length - 4, little);
    if (trailer !== length) {
      throw this.error(
        offset + length - 4,
        `the block's closing length is ${trailer}, its opening length ${length}`,
        'the two must be equal',
      );
    }
    const body = at + 8;
    const bodyEnd = at + length - 4;
    if (type === SECTION_MAGIC) {
      this.needBody(offset, bodyEnd - body, 16, 'a section header block');
      const version = `${u16(data, body + 4, little)}.${u16(data, body + 6, little)}`;
      if (!version.startsWith('1.')) {
        throw this.error(offset + 12, `pcapng version ${version}`, 'version 1 is read');
      }
    } else if (type === Block.INTERFACE) {
      this.needBody(offset, bodyEnd - body, 8, 'an interface description block');
      const described = this.readInterface(data, at, offset, bodyEnd);
      this.nanoseconds ||= described.unitsPerSecond > 1_000_000n;
      this.interfaces.push(described);
    } else if (type !== 0) {
      this.readPacket(data, type, at, offset, bodyEnd);
    }
    return length;
  }

  cut(data: Uint8Array, at: number): string {
    const left = data.length - at;
    const length = left < 8 ? 0 : u32(data, at + 4, this.little);
    return left < BLOCK_BYTES_MIN
      ? `a block needs ${BLOCK_BYTES_MIN} bytes, but only ${left} are left`
      : `this block needs ${length} bytes, but only ${left} are left`;
  }

  private error(offset: number, wrong: string, right: string): CaptureError {
    return new CaptureError(this.file, offset, wrong, right);
  }

  private readByteOrder(data: Uint8Array, at: number, offset: number): void {
    const little = le32(data, at + 8) === BYTE_ORDER_MAGIC;
    if (!little && be32(data, at + 8) !== BYTE_ORDER_MAGIC) {
      throw this.error(
        offset + 8,
        `the byte-order magic is 0x${be32(data, at + 8).toString(16)}`,
        'a section header block has 0x1a2b3c4d here, in either byte order',
      );
    }
    this.little = little;
  }

  private needBody(offset: number, has: number, min: number, what: string): void {
    if (has >= min) return;
    throw this.error(offset, `${what} with ${has} bytes of content`, `it has at least ${min}`);
  }

  private readInterface(data: Uint8Array, at: number, offset: number, bodyEnd: number): Interface {
    const { little } = this;
    const linkType = u16(data, at + 8, little);
    const snapLength = u32(data, at + 12, little);
    let unitsPerSecond = 1_000_000n;
    let offsetNs = 0n;
    for (let option = at + 16; option + 4 <= bodyEnd;) {
      const code = u16(data, option, little);
      const length = u16(data, option + 2, little);
      const value = option + 4;
      if (code === Option.END) break;
      if (value + length > bodyEnd) {
        throw this.error(
          offset + option - at,
          `option ${code} of ${length} bytes runs past its block`,
          `${bodyEnd - value} bytes are left`,
        );
      }
      if (code === Option.TSRESOL && length === 1) {
        const resolution = data[value] ?? 6;
        const base = (resolution & 0x80) !== 0 ? 2n : 10n;
        unitsPerSecond = base ** BigInt(resolution & 0x7f);
      } else if (code === Option.TSOFFSET && length === 8) {
        offsetNs = i64(data, value, little) * NANOS;
      }
      option = value + ((length + 3) & ~3);
    }
    return { linkType, snapLength, unitsPerSecond, offsetNs };
  }

  private readPacket(
    data: Uint8Array,
    type: number,
    at: number,
    offset: number,
    bodyEnd: number,
  ): void {
    const { little, file, warnings } = this;
    const number = this.count + 1;
    const body = at + 8;
    const headerBytes = type === Block.SIMPLE ? 4 : 20;
    this.needBody(offset, bodyEnd - body, headerBytes, 'a packet block');

    let id = 0;
    if (type === Block.ENHANCED) id = u32(data, body, little);
    if (type === Block.OLD_PACKET) id = u16(data, body, little);
    const on = this.interfaces[id];
    if (on === undefined) {
      throw this.error(
        offset + 8,
        `frame ${number} was captured on interface ${id}`,
        `this section has described ${this.interfaces.length} so far`,
      );
    }
    let captured: number;
    let original: number;
    if (type === Block.SIMPLE) {
      // A simple block has neither a time nor a captured length.
      warnings.note(number, 'has no timestamp (simple packet block); it gets the previous one');
      original = u32(data, body, little);
      captured = on.snapLength === 0 ? original : Math.min(original, on.snapLength);
    } else {
      const units =
        (BigInt(u32(data, body + 4, little)) << 32n) | BigInt(u32(data, body + 8, little));
      const timeNs = (units * NANOS) / on.unitsPerSecond + on.offsetNs;
      if (timeNs < -TIME_NS_MAX || timeNs >= TIME_NS_MAX) {
        warnings.note(number, 'its timestamp lies centuries away; it gets the previous one');
      } else {
        this.timeNs = timeNs;
      }
      captured = u32(data, body + 12, little);
      original = u32(data, body + 16, little);
    }
    const start = body + headerBytes;
    const originalLength = checkLengths(
      file,
      { frame: number, offset, room: bodyEnd - start, captured, original },
      warnings,
    );
    this.count = number;
    this.sink({
      number,
      timeNs: this.timeNs,
      linkType: on.linkType,
      data: data.subarray(start, start + captured),
      originalLength,
      offset,
    });
  }
}
