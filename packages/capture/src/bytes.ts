// Goal: checked reads from a file in either byte order. Non-goal: streaming; a capture that drives a
// simulation is small enough to be held whole.
import { gunzipSync } from 'node:zlib';
import { CaptureError } from './errors.ts';

/** The bytes of a file, with the byte order that its header announced. */
export class FileBytes {
  readonly bytes: Uint8Array;
  readonly file: string;
  readonly length: number;
  little = true;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, file: string) {
    // A plain view even of a Node Buffer, so that all payloads are of one kind.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.file = file;
    this.length = bytes.length;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Throws unless `count` bytes are left at `offset`. Every read below relies on such a check. */
  need(offset: number, count: number, what: string): void {
    const left = this.length - offset;
    if (left >= count) return;
    throw this.error(
      offset,
      `${what} needs ${count} bytes, but only ${Math.max(left, 0)} are left`,
      'the file was cut short, copy or capture it again',
    );
  }

  u16(offset: number): number {
    return this.#view.getUint16(offset, this.little);
  }

  u32(offset: number): number {
    return this.#view.getUint32(offset, this.little);
  }

  i64(offset: number): bigint {
    return this.#view.getBigInt64(offset, this.little);
  }

  /** The error to throw for what is found at `offset`. */
  error(offset: number, wrong: string, right: string): CaptureError {
    return new CaptureError(this.file, offset, wrong, right);
  }
}

/** True if these bytes start as a gzip member does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks a gzipped file to at most `bytesMax` bytes.
 *
 * @throws CaptureError if the packed data is damaged or unpacks to more.
 */
export function gunzip(bytes: Uint8Array, file: string, bytesMax: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: bytesMax });
  } catch (cause) {
    const code = (cause as { code?: unknown }).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new CaptureError(
        file,
        -1,
        `the gzipped file unpacks to more than ${bytesMax} bytes`,
        'raise unpackedBytesMax or cut the capture into parts',
      );
    }
    throw new CaptureError(
      file,
      -1,
      `the gzipped file cannot be unpacked (${String(code)})`,
      'it was cut short or damaged, copy it again',
    );
  }
}

/** Big-endian 16 bits of a packet; bytes beyond the end read as zero. */
export function be16(data: Uint8Array, offset: number): number {
  return ((data[offset] ?? 0) << 8) | (data[offset + 1] ?? 0);
}

/** Big-endian 32 bits of a packet, unsigned; bytes beyond the end read as zero. */
export function be32(data: Uint8Array, offset: number): number {
  return ((be16(data, offset) << 16) | be16(data, offset + 2)) >>> 0;
}
