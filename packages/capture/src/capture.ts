// Goal: one list of frames, whatever the file format. Non-goal: what is inside the frames
// (link.ts and the files after it).
import { FileBytes, gunzip, isGzip } from './bytes.ts';
import { CaptureError, Warnings } from './errors.ts';
import { isPcap, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';

/** One captured packet. */
export interface Frame {
  /** 1-based position in the file, as packet analysers count. */
  readonly number: number;
  /** Capture time in nanoseconds since 1970. */
  readonly timeNs: bigint;
  /** LINKTYPE_ value of the interface. */
  readonly linkType: number;
  /** The captured bytes: a view into the file, no copy. */
  readonly data: Uint8Array;
  /** Length on the wire in bytes; more than `data.length` if a snap length cut the packet. */
  readonly originalLength: number;
  /** Byte offset of the packet's record in the (unpacked) file. */
  readonly offset: number;
}

/** A file that was read. */
export interface Capture {
  readonly file: string;
  readonly format: 'pcap' | 'pcapng';
  readonly frames: Frame[];
  /** True if the file's timestamps resolve nanoseconds. */
  readonly nanoseconds: boolean;
  /** What was odd but could be worked around, one line per kind; `followTcp` adds its own. */
  readonly warnings: string[];
}

export interface ReadOptions {
  /** Most bytes that a gzipped file may unpack to; 256 MiB unless given. */
  readonly unpackedBytesMax?: number;
}

/**
 * Reads a pcap or pcapng file, gzipped or not. O(frames); frames are views into `bytes`.
 *
 * @param file a name for error messages; nothing is opened.
 * @throws CaptureError, and nothing else, if the file is empty, cut, damaged, of another format or
 * of a link type that this package does not know.
 */
export function readCapture(bytes: Uint8Array, file: string, options: ReadOptions = {}): Capture {
  const unpacked = isGzip(bytes)
    ? gunzip(bytes, file, options.unpackedBytesMax ?? 256 * 1024 * 1024)
    : bytes;
  const source = new FileBytes(unpacked, file);
  const warnings = new Warnings();
  if (source.length === 0) {
    throw new CaptureError(file, -1, 'the file is empty', 'a pcap or pcapng capture is expected');
  }
  source.need(0, 4, 'the magic number');
  if (isPcap(source)) {
    const { frames, nanoseconds } = readPcap(source, warnings);
    return { file, format: 'pcap', frames, nanoseconds, warnings: warnings.list() };
  }
  if (isPcapng(source)) {
    const { frames, nanoseconds } = readPcapng(source, warnings);
    return { file, format: 'pcapng', frames, nanoseconds, warnings: warnings.list() };
  }
  const magic = [...unpacked.subarray(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ');
  throw new CaptureError(
    file,
    0,
    `the magic number is ${magic}`,
    'pcap starts with a1 b2 c3 d4 or a1 b2 3c 4d in either byte order, pcapng with 0a 0d 0d 0a',
  );
}
