// Goal: from the bytes of a capture file, as they come, to frames. Whatever the file's length, no more of it is held
// than one record. Non-goal: what is inside the frames (layers.ts), unpacking (unpack.ts).
import { CaptureError, type Warnings } from './errors.ts';
import { PcapRecords, isPcapMagic } from './pcap.ts';
import { PcapngBlocks, SECTION_MAGIC } from './pcapng.ts';
import { be32 } from './bytes.ts';

/** One captured packet. */
export interface Frame {
  /** 1-based position in the file, as packet analysers count. */
  readonly number: number;
  /** Capture time in nanoseconds since 1970; negative before. */
  readonly timeNs: bigint;
  /** LINKTYPE_ value of the interface. */
  readonly linkType: number;
  /** The captured bytes: a view, no copy. Whoever reads a stream of frames may not keep it. */
  readonly data: Uint8Array;
  /** Length on the wire in bytes; more than `data.length` if a snap length cut the packet. */
  readonly originalLength: number;
  /** Byte offset of the packet's record in the (unpacked) file. */
  readonly offset: number;
}

export type FrameSink = (frame: Frame) => void;

/** One file format. */
export interface Records {
  readonly format: 'pcap' | 'pcapng';
  /** True if the timestamps resolve nanoseconds; settled once all was taken. */
  readonly nanoseconds: boolean;
  /**
   * Takes what stands at `at` in `data`, the byte `offset` of the file, and returns how many bytes that was; or, as a
   * negative number, how many it needs to see at once. @throws CaptureError for what makes no sense.
   */
  take(data: Uint8Array, at: number, offset: number): number;
  /** What is cut, for a message, if the file ends with `left` bytes at `offset` that `take` did not take. */
  cut(data: Uint8Array, at: number, offset: number): string;
}

/** How a file that was not read to its end came to be so: in the counted warnings beside the frames it has. */
const REST = 'the rest of the file is left out';

/**
 * Reads a capture file by chunks of any size. A file that is cut or damaged behind its first frame is read as far as
 * it is whole, with a warning.
 */
export class FrameReader {
  readonly file: string;
  private readonly warnings: Warnings;
  private readonly sink: FrameSink;
  private records: Records | null = null;
  private rest: Uint8Array = new Uint8Array(0);
  /** Bytes of the record in `rest` that must be there before it can be taken. */
  private wanted = 4;
  /** Bytes to pass over before the next record. */
  private skipping = 0;
  /** File offset of the next byte to be taken. */
  private offset = 0;
  private stopped = false;
  frames = 0;

  constructor(file: string, warnings: Warnings, sink: FrameSink) {
    this.file = file;
    this.warnings = warnings;
    this.sink = sink;
  }

  get format(): 'pcap' | 'pcapng' {
    return this.records?.format ?? 'pcap';
  }

  get nanoseconds(): boolean {
    return this.records?.nanoseconds ?? false;
  }

  /** True once nothing more of the file will be read. */
  get done(): boolean {
    return this.stopped;
  }

  /** @throws CaptureError if the file holds no frame and what it holds is no capture. */
  push(chunk: Uint8Array): void {
    if (this.stopped) return;
    // A plain view even of a Node Buffer, so that all payloads are of one kind and `slice` copies.
    let data = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    let at = 0;
    if (this.skipping > 0) {
      at = Math.min(this.skipping, data.length);
      this.skipping -= at;
      this.offset += at;
    }
    if (this.rest.length > 0) {
      if (this.rest.length + data.length < this.wanted) {
        this.rest = join(this.rest, data);
        return;
      }
      data = join(this.rest, data);
      this.rest = new Uint8Array(0);
    }
    try {
      this.records ??= this.recordsOf(data);
      while (this.records !== null && at < data.length) {
        const taken = this.records.take(data, at, this.offset);
        if (taken < 0) {
          this.wanted = -taken;
          break;
        }
        this.offset += taken;
        at += taken;
        if (at > data.length) {
          this.skipping = at - data.length;
          at = data.length;
        }
      }
    } catch (error) {
      this.give(error);
      return;
    }
    // A copy: the chunk may be large, and what is kept of it is one record.
    this.rest = data.slice(at);
  }

  /** The file has ended. @throws CaptureError if nothing of it was whole. */
  end(): void {
    if (this.stopped) return;
    this.stopped = true;
    if (this.records === null && this.rest.length === 0 && this.offset === 0) {
      throw new CaptureError(
        this.file,
        -1,
        'the file is empty',
        'a pcap or pcapng capture is expected',
      );
    }
    const cut =
      this.records === null
        ? `the magic number needs 4 bytes, but only ${this.rest.length} are left`
        : this.rest.length > 0
          ? this.records.cut(this.rest, 0, this.offset)
          : this.skipping > 0
            ? `its last block lacks ${this.skipping} bytes`
            : '';
    if (cut === '') return;
    this.stopped = false;
    this.give(
      new CaptureError(
        this.file,
        this.offset,
        cut,
        'the file was cut short, copy or capture it again',
      ),
    );
  }

  /** Something is wrong from here on: what came before it counts, if there was anything. */
  give(error: unknown): void {
    this.stopped = true;
    if (!(error instanceof CaptureError) || this.frames === 0) throw error;
    const place = error.offset < 0 ? '' : ` at byte ${error.offset}`;
    this.warnings.note(this.frames, `${error.wrong}${place}; ${REST}`);
  }

  private recordsOf(data: Uint8Array): Records | null {
    if (data.length < 4) return null;
    const sink = (frame: Frame): void => {
      this.frames++;
      this.sink(frame);
    };
    if (isPcapMagic(data)) return new PcapRecords(this.file, this.warnings, sink);
    if (be32(data, 0) === SECTION_MAGIC) return new PcapngBlocks(this.file, this.warnings, sink);
    const magic = [...data.subarray(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ');
    if (magic.startsWith('1f 8b') || magic === '28 b5 2f fd')
      throw new CaptureError(
        this.file,
        -1,
        'what was unpacked is packed again',
        'unpack it once with gzip -d or zstd -d',
      );
    throw new CaptureError(
      this.file,
      0,
      `the magic number is ${magic}`,
      "pcap starts with a1 b2 c3 d4 or a1 b2 3c 4d in either byte order, pcapng with 0a 0d 0d 0a; Wireshark's editcap converts other formats",
    );
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
