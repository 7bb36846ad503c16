// Goal: pcapng files: sections in either byte order, several interfaces with their own time
// resolution and offset, enhanced, simple and old packet blocks; other blocks are skipped.
// Non-goal: comments, name resolution, statistics, decryption secrets.
// Format: draft-ietf-opsawg-pcapng.
import type { FileBytes } from './bytes.ts';
import type { Frame } from './capture.ts';
import type { Warnings } from './errors.ts';
import { checkLengths, checkLinkType } from './limits.ts';

const Block = { SECTION: 0x0a0d0d0a, INTERFACE: 1, OLD_PACKET: 2, SIMPLE: 3, ENHANCED: 6 } as const;
const ByteOrderMagic = 0x1a2b3c4d;
const Option = { END: 0, TSRESOL: 9, TSOFFSET: 14 } as const;
const BLOCK_BYTES_MIN = 12;
const NANOS = 1_000_000_000n;
const TIME_NS_MAX = 2n ** 63n;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number; // 0: unlimited
  readonly unitsPerSecond: bigint;
  readonly offsetNs: bigint;
  readonly at: number;
}

/** True if the file starts with a section header block. */
export function isPcapng(source: FileBytes): boolean {
  return source.u32(0) === Block.SECTION; // reads the same in both byte orders
}

/** Reads all packet blocks of all sections. O(blocks). @throws CaptureError for a damaged file. */
export function readPcapng(
  source: FileBytes,
  warnings: Warnings,
): { frames: Frame[]; nanoseconds: boolean } {
  const frames: Frame[] = [];
  let interfaces: Interface[] = [];
  let nanoseconds = false;
  let offset = 0;
  while (offset < source.length) {
    source.need(offset, BLOCK_BYTES_MIN, 'a block');
    const type = source.u32(offset);
    if (type === Block.SECTION) {
      readByteOrder(source, offset);
      interfaces = [];
    }
    const end = blockEnd(source, offset);
    const body = offset + 8;
    const bodyEnd = end - 4;
    if (type === Block.SECTION) {
      needBody(source, offset, bodyEnd - body, 16, 'a section header block');
      if (source.u16(body + 4) !== 1) {
        throw source.error(
          body + 4,
          `pcapng version ${source.u16(body + 4)}.${source.u16(body + 6)}`,
          'version 1 is read',
        );
      }
    } else if (type === Block.INTERFACE) {
      needBody(source, offset, bodyEnd - body, 8, 'an interface description block');
      const described = readInterface(source, offset, bodyEnd);
      nanoseconds ||= described.unitsPerSecond > 1_000_000n;
      interfaces.push(described);
    } else if (type === Block.ENHANCED || type === Block.OLD_PACKET || type === Block.SIMPLE) {
      frames.push(readPacket(source, type, offset, bodyEnd, interfaces, frames, warnings));
    }
    offset = end;
  }
  return { frames, nanoseconds };
}

function readByteOrder(source: FileBytes, offset: number): void {
  for (const little of [true, false]) {
    source.little = little;
    if (source.u32(offset + 8) === ByteOrderMagic) return;
  }
  throw source.error(
    offset + 8,
    `the byte-order magic is 0x${source.u32(offset + 8).toString(16)}`,
    'a section header block has 0x1a2b3c4d here, in either byte order',
  );
}

/** The end of the block at `offset`, once its two lengths were found to agree. */
function blockEnd(source: FileBytes, offset: number): number {
  const length = source.u32(offset + 4);
  if (length < BLOCK_BYTES_MIN || length % 4 !== 0) {
    throw source.error(
      offset + 4,
      `a block length of ${length}`,
      `it must be a multiple of 4 and at least ${BLOCK_BYTES_MIN}`,
    );
  }
  source.need(offset, length, 'this block');
  const trailer = source.u32(offset + length - 4);
  if (trailer !== length) {
    throw source.error(
      offset + length - 4,
      `the block's closing length is ${trailer}, its opening length ${length}`,
      'the two must be equal',
    );
  }
  return offset + length;
}

function needBody(source: FileBytes, offset: number, has: number, min: number, what: string): void {
  if (has >= min) return;
  throw source.error(offset, `${what} with ${has} bytes of content`, `it has at least ${min}`);
}

function readInterface(source: FileBytes, at: number, bodyEnd: number): Interface {
  const linkType = source.u16(at + 8);
  const snapLength = source.u32(at + 12);
  let unitsPerSecond = 1_000_000n;
  let offsetNs = 0n;
  for (let option = at + 16; option + 4 <= bodyEnd;) {
    const code = source.u16(option);
    const length = source.u16(option + 2);
    const value = option + 4;
    if (code === Option.END) break;
    if (value + length > bodyEnd) {
      throw source.error(
        option,
        `option ${code} of ${length} bytes runs past its block`,
        `${bodyEnd - value} bytes are left`,
      );
    }
    if (code === Option.TSRESOL && length === 1) {
      const resolution = source.bytes[value] ?? 6;
      const base = (resolution & 0x80) !== 0 ? 2n : 10n;
      unitsPerSecond = base ** BigInt(resolution & 0x7f);
    } else if (code === Option.TSOFFSET && length === 8) {
      offsetNs = source.i64(value) * NANOS;
    }
    option = value + ((length + 3) & ~3);
  }
  return { linkType, snapLength, unitsPerSecond, offsetNs, at };
}

function readPacket(
  source: FileBytes,
  type: number,
  offset: number,
  bodyEnd: number,
  interfaces: Interface[],
  frames: Frame[],
  warnings: Warnings,
): Frame {
  const number = frames.length + 1;
  const body = offset + 8;
  const headerBytes = type === Block.SIMPLE ? 4 : 20;
  needBody(source, offset, bodyEnd - body, headerBytes, 'a packet block');

  let id = 0;
  if (type === Block.ENHANCED) id = source.u32(body);
  if (type === Block.OLD_PACKET) id = source.u16(body);
  const on = interfaces[id];
  if (on === undefined) {
    throw source.error(
      body,
      `frame ${number} was captured on interface ${id}`,
      `this section has described ${interfaces.length} so far`,
    );
  }
  checkLinkType(source, on.at + 8, on.linkType);

  let timeNs: bigint;
  let captured: number;
  let original: number;
  if (type === Block.SIMPLE) {
    // A simple block has neither a time nor a captured length.
    warnings.note(number, 'has no timestamp (simple packet block); it gets the previous one');
    timeNs = frames[frames.length - 1]?.timeNs ?? 0n;
    original = source.u32(body);
    captured = on.snapLength === 0 ? original : Math.min(original, on.snapLength);
  } else {
    timeNs = toNanos(source, body + 4, on);
    captured = source.u32(body + 12);
    original = source.u32(body + 16);
  }
  const start = body + headerBytes;
  const originalLength = checkLengths(
    source,
    { frame: number, offset, dataOffset: start, dataEnd: bodyEnd, captured, original },
    warnings,
  );
  const data = source.bytes.subarray(start, start + captured);
  return { number, timeNs, linkType: on.linkType, data, originalLength, offset };
}

/** Nanoseconds since 1970 of the 64-bit time at `offset`, whose upper half comes first. */
function toNanos(source: FileBytes, offset: number, on: Interface): bigint {
  const units = (BigInt(source.u32(offset)) << 32n) | BigInt(source.u32(offset + 4));
  const timeNs = (units * NANOS) / on.unitsPerSecond + on.offsetNs;
  if (timeNs < -TIME_NS_MAX || timeNs >= TIME_NS_MAX) {
    throw source.error(
      offset,
      `a timestamp of ${units} units of 1/${on.unitsPerSecond} s lies centuries away`,
      'the timestamp or the resolution of its interface is damaged',
    );
  }
  return timeNs;
}
