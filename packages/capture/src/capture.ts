// Goal: a capture that is in memory, as one list of frames. For files of any size there is `scanFile` (scan.ts).
import { Warnings } from './errors.ts';
import { FrameReader, type Frame } from './frames.ts';
import { readAll } from './unpack.ts';

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
  /** Most bytes that a packed file may unpack to; 256 MiB unless given. */
  readonly unpackedBytesMax?: number;
}

/**
 * Reads a pcap or pcapng file, plain, gzipped or packed with zstd, as far as it is whole. O(frames); frames are views
 * into `bytes` unless it is packed.
 *
 * @param file a name for error messages; nothing is opened.
 * @throws CaptureError, and nothing else, if the file is empty, of another format, or damaged before its first frame.
 */
export function readCapture(bytes: Uint8Array, file: string, options: ReadOptions = {}): Capture {
  const warnings = new Warnings();
  const frames: Frame[] = [];
  const reader = new FrameReader(file, warnings, (frame) => frames.push(frame));
  readAll(bytes, reader, options.unpackedBytesMax ?? 256 * 1024 * 1024);
  const { format, nanoseconds } = reader;
  return { file, format, frames, nanoseconds, warnings: warnings.list() };
}
