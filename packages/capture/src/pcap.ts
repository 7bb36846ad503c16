// Goal: classic pcap files: microseconds and nanoseconds, both byte orders, and the "modified"
// variant with longer record headers. Non-goal: writing them.
// Format: draft-ietf-opsawg-pcap.
import { be32, le32, u16, u32 } from './bytes.ts';
import { CaptureError, type Warnings } from './errors.ts';
import type { FrameSink, Records } from './frames.ts';
import { checkLengths } from './limits.ts';

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const MODIFIED = 0xa1b2cd34; // microseconds, and eight more bytes in each record header
const MAGICS: ReadonlySet<number> = new Set([MICROSECONDS, NANOSECONDS, MODIFIED]);
const FILE_HEADER_BYTES = 24;

/** True if a file that starts with the four bytes at `at` is a pcap file. */
export function isPcapMagic(data: Uint8Array, at = 0): boolean {
  return MAGICS.has(le32(data, at)) || MAGICS.has(be32(data, at));
}

/**
 * Files that were joined end to end (`zcat *.pcap.gz`) have such a header in the middle. As a record it would be an
 * empty packet, which no interface captures. Both numbers between version and snap length are always 0.
 */
function isFileHeader(data: Uint8Array, at: number): boolean {
  const little = MAGICS.has(le32(data, at));
  const version = u16(data, at + 4, little);
  return version === 2 && u32(data, at + 8, little) === 0 && u32(data, at + 12, little) === 0;
}

export class PcapRecords implements Records {
  readonly format = 'pcap';
  nanoseconds = false;
  private readonly file: string;
  private readonly warnings: Warnings;
  private readonly sink: FrameSink;
  private little = true;
  private linkType = -1;
  private headerBytes = 16;
  private count = 0;
  /** Seconds since 1970 of the previous record. */
  private seconds = 0;

  constructor(file: string, warnings: Warnings, sink: FrameSink) {
    this.file = file;
    this.warnings = warnings;
    this.sink = sink;
  }

  take(data: Uint8Array, at: number, offset: number): number {
    if (this.linkType < 0) return this.takeFileHeader(data, at);
    if (isPcapMagic(data, at)) {
      if (data.length - at < FILE_HEADER_BYTES) return -FILE_HEADER_BYTES;
      if (isFileHeader(data, at)) {
        this.warnings.note(
          this.count + 1,
          'another capture file begins there, joined to the first',
        );
        return this.takeFileHeader(data, at);
      }
    }
    const { little, headerBytes } = this;
    if (data.length - at < headerBytes) return -headerBytes;
    const captured = u32(data, at + 8, little);
    const number = this.count + 1;
    const original = u32(data, at + 12, little);
    const originalLength = checkLengths(
      this.file,
      { frame: number, offset, room: Infinity, captured, original },
      this.warnings,
    );
    const size = headerBytes + captured;
    if (data.length - at < size) return -size;
    const fraction = u32(data, at + 4, little);
    if (fraction >= (this.nanoseconds ? 1_000_000_000 : 1_000_000)) {
      this.warnings.note(number, 'the fraction of its timestamp is a second or more');
    }
    this.count = number;
    this.sink({
      number,
      timeNs:
        BigInt(this.secondsOf(u32(data, at, little))) * 1_000_000_000n +
        BigInt(fraction) * (this.nanoseconds ? 1n : 1000n),
      linkType: this.linkType,
      data: data.subarray(at + headerBytes, at + size),
      originalLength,
      offset,
    });
    return size;
  }

  cut(data: Uint8Array, at: number): string {
    const left = data.length - at;
    if (this.linkType < 0) {
      return `the pcap file header needs ${FILE_HEADER_BYTES} bytes, but only ${left} are left`;
    }
    const frame = this.count + 1;
    if (left < this.headerBytes) {
      return `the record header of frame ${frame} needs ${this.headerBytes} bytes, but only ${left} are left`;
    }
    const captured = u32(data, at + 8, this.little);
    return `frame ${frame} claims ${captured} captured bytes, but only ${left - this.headerBytes} are left`;
  }

  /**
   * The field holds 32 bits of seconds since 1970, of which the first record's are taken as signed (there are captures
   * from before 1970, and none yet from after 2038), and the others as those nearest to the record before.
   */
  private secondsOf(field: number): number {
    this.seconds = this.count === 0 ? field | 0 : this.seconds + ((field - this.seconds) | 0);
    return this.seconds;
  }

  private takeFileHeader(data: Uint8Array, at: number): number {
    if (data.length - at < FILE_HEADER_BYTES) return -FILE_HEADER_BYTES;
    this.little = MAGICS.has(le32(data, at));
    const { little } = this;
    const magic = u32(data, at, little);
    this.nanoseconds = magic === NANOSECONDS;
    this.headerBytes = magic === MODIFIED ? 24 : 16;
    const version = `${u16(data, at + 4, little)}.${u16(data, at + 6, little)}`;
    if (!version.startsWith('2.')) {
      throw new CaptureError(this.file, 4, `pcap version ${version}`, 'version 2.4 is read');
    }
    // The upper bits hold the length of a frame check sequence.
    this.linkType = u32(data, at + 20, little) & 0x03ffffff;
    return FILE_HEADER_BYTES;
  }
}
