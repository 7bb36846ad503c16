// Goal: classic pcap files: microseconds and nanoseconds, both byte orders, and the "modified"
// variant with longer record headers. Non-goal: writing them.
// Format: draft-ietf-opsawg-pcap.
import type { FileBytes } from './bytes.ts';
import type { Frame } from './capture.ts';
import type { Warnings } from './errors.ts';
import { checkLengths, checkLinkType } from './limits.ts';

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const MODIFIED = 0xa1b2cd34; // microseconds, and eight more bytes in each record header
const FILE_HEADER_BYTES = 24;

/** True if the file starts with a pcap magic; sets the byte order of `source`. */
export function isPcap(source: FileBytes): boolean {
  for (const little of [true, false]) {
    source.little = little;
    const magic = source.u32(0);
    if (magic === MICROSECONDS || magic === NANOSECONDS || magic === MODIFIED) return true;
  }
  return false;
}

/** Reads all records. O(frames). @throws CaptureError for a cut or damaged file. */
export function readPcap(
  source: FileBytes,
  warnings: Warnings,
): { frames: Frame[]; nanoseconds: boolean } {
  source.need(0, FILE_HEADER_BYTES, 'the pcap file header');
  const magic = source.u32(0);
  const nanoseconds = magic === NANOSECONDS;
  const recordHeaderBytes = magic === MODIFIED ? 24 : 16;
  if (source.u16(4) !== 2) {
    throw source.error(4, `pcap version ${source.u16(4)}.${source.u16(6)}`, 'version 2.4 is read');
  }
  // The upper bits hold the length of a frame check sequence.
  const linkType = source.u32(20) & 0x03ffffff;
  checkLinkType(source, 20, linkType);

  const frames: Frame[] = [];
  const fractionsPerSecond = nanoseconds ? 1_000_000_000 : 1_000_000;
  const nanosPerFraction = nanoseconds ? 1n : 1000n;
  let offset = FILE_HEADER_BYTES;
  while (offset < source.length) {
    const number = frames.length + 1;
    source.need(offset, recordHeaderBytes, `the record header of frame ${number}`);
    const seconds = source.u32(offset);
    const fraction = source.u32(offset + 4);
    if (fraction >= fractionsPerSecond) {
      warnings.note(number, 'the fraction of its timestamp is a second or more');
    }
    const captured = source.u32(offset + 8);
    const original = source.u32(offset + 12);
    const start = offset + recordHeaderBytes;
    const originalLength = checkLengths(
      source,
      { frame: number, offset, dataOffset: start, dataEnd: source.length, captured, original },
      warnings,
    );
    frames.push({
      number,
      timeNs: BigInt(seconds) * 1_000_000_000n + BigInt(fraction) * nanosPerFraction,
      linkType,
      data: source.bytes.subarray(start, start + captured),
      originalLength,
      offset,
    });
    offset = start + captured;
  }
  return { frames, nanoseconds };
}
