// Goal: the bytes of a capture file, unpacked as they come: plain, gzip, zstd. Whatever the file's length, it is never
// held whole. Non-goal: xz, bzip2, lz4; they are named, with what unpacks them.
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { Decompress } from 'fzstd';
import { le32 } from './bytes.ts';
import { CaptureError } from './errors.ts';
import type { FrameReader } from './frames.ts';

const CHUNK_BYTES = 1 << 20;
/** Enough to tell any of the formats below, and to read the window of a zstd frame. */
const SNIFF_BYTES = 18;
/** What the zstd command unpacks without being told to: more would let a few bytes claim gigabytes. */
const WINDOW_BYTES_MAX = 128 * 1024 * 1024;

type Packing = 'plain' | 'gzip' | 'zstd';

/** Packed formats and other files that people have, by how they start. */
const NAMED: readonly (readonly [start: readonly number[], name: string, way: string])[] = [
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'an xz file', 'unpack it with xz -dc'],
  [[0x42, 0x5a, 0x68], 'a bzip2 file', 'unpack it with bzip2 -dc'],
  [[0x04, 0x22, 0x4d, 0x18], 'an lz4 file', 'unpack it with lz4 -dc'],
  [[0x5d, 0x00, 0x00], 'an lzma file', 'unpack it with xz -dc --format=lzma'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive', 'unpack it with unzip -p'],
  [[0x73, 0x6e, 0x6f, 0x6f, 0x70, 0x00], 'a snoop file', 'convert it with editcap -F pcapng'],
  [[0x47, 0x4d, 0x42, 0x55], 'a Network Monitor file', 'convert it with editcap -F pcapng'],
];

/** How the file is packed. @throws CaptureError for a format that is known and not read. */
function packingOf(head: Uint8Array, file: string): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (isZstd(head)) {
    const window = zstdWindow(head);
    if (window <= WINDOW_BYTES_MAX) return 'zstd';
    throw new CaptureError(
      file,
      4,
      `the zstd file asks for a window of ${window} bytes`,
      `at most ${WINDOW_BYTES_MAX} are given; unpack it with zstd -dc --long=31`,
    );
  }
  const named = NAMED.find(([start]) => start.every((byte, i) => head[i] === byte));
  if (named === undefined) return 'plain';
  const [, name, way] = named;
  throw new CaptureError(
    file,
    0,
    `this is ${name}`,
    `pcap and pcapng are read, plain, gzipped or packed with zstd; ${way}`,
  );
}

/** A zstd frame, or one that is to be skipped before it. RFC 8878, section 3.1 */
function isZstd(head: Uint8Array): boolean {
  const magic = le32(head, 0);
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50;
}

/** Bytes that the decoder must keep. RFC 8878, sections 3.1.1.1.2 and 3.1.1.1.4 */
function zstdWindow(head: Uint8Array): number {
  if (le32(head, 0) !== 0xfd2fb528) return 0;
  const descriptor = head[4] ?? 0;
  if ((descriptor & 0x20) === 0) {
    const base = 2 ** (10 + ((head[5] ?? 0) >> 3));
    return base + (base / 8) * ((head[5] ?? 0) & 7);
  }
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const size = descriptor >> 6;
  if (size === 0) return head[at] ?? 0;
  if (size === 1) return 256 + (head[at] ?? 0) + 256 * (head[at + 1] ?? 0);
  return le32(head, at) + (size === 3 ? le32(head, at + 4) * 2 ** 32 : 0);
}

/** What a packed file that ends early or is damaged says: what came before it counts. */
function broken(file: string, packing: Packing, cause: unknown): CaptureError {
  const name = packing === 'gzip' ? 'gzipped' : 'zstd';
  const { code, message } = cause as { code?: unknown; message?: unknown };
  return new CaptureError(
    file,
    -1,
    `the ${name} file cannot be unpacked to its end (${String(code ?? message)})`,
    'it was cut short or damaged, copy it again',
  );
}

/** Gives a packed file's error to the reader after all that could be unpacked. */
function endBroken(reader: FrameReader, error: CaptureError): void {
  if (!reader.done) reader.give(error);
}

/** Reads a whole file that is in memory. Views into `bytes` unless it is packed. */
export function readAll(bytes: Uint8Array, reader: FrameReader, unpackedBytesMax: number): void {
  const { file } = reader;
  const packing = packingOf(bytes, file);
  if (packing === 'plain') {
    reader.push(bytes);
    reader.end();
    return;
  }
  const parts: Uint8Array[] = [];
  let cause: unknown = null;
  let size = 0;
  const keep = (part: Uint8Array): void => {
    size += part.length;
    if (size > unpackedBytesMax) throw tooLarge(file, unpackedBytesMax);
    parts.push(part);
  };
  try {
    if (packing === 'gzip') {
      keep(gunzipSync(bytes, { maxOutputLength: unpackedBytesMax }));
    } else {
      const unpacker = new Decompress(keep);
      unpacker.push(bytes, true);
    }
  } catch (error) {
    if (error instanceof CaptureError) throw error;
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(file, unpackedBytesMax);
    }
    cause = error;
    if (packing === 'gzip') keep(gunzipCut(bytes));
  }
  if (parts.length > 0) reader.push(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
  if (cause === null) reader.end();
  else endBroken(reader, broken(file, packing, cause));
}

function tooLarge(file: string, max: number): CaptureError {
  return new CaptureError(
    file,
    -1,
    `the packed file unpacks to more than ${max} bytes`,
    'unpack it, or cut the capture into parts with editcap -c',
  );
}

/** What a gzipped file that is cut unpacks to. */
function gunzipCut(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return new Uint8Array(0); // damaged, not cut
  }
}

/** Reads a file by its path. @throws CaptureError, or the error of the file system. */
export function readPath(path: string, reader: FrameReader): Promise<void> {
  return readStream(createReadStream(path, { highWaterMark: CHUNK_BYTES }), reader);
}

/** Reads what comes on a stream, unpacking it on the way. Stops the stream where the reader has enough. */
export async function readStream(source: Readable, reader: FrameReader): Promise<void> {
  const { file } = reader;
  let head: Uint8Array = new Uint8Array(0);
  let into: Unpacking | null = null;
  const begin = (): Promise<void> | void => {
    const packing = packingOf(head, file);
    if (packing === 'gzip') into = gunzipInto(reader);
    else if (packing === 'zstd') into = unzstdInto(reader);
    else into = { push: (chunk) => reader.push(chunk), finish: () => reader.end() };
    return into.push(head);
  };
  for await (const chunk of source as AsyncIterable<Buffer>) {
    if (into === null) {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (head.length >= SNIFF_BYTES) await begin();
    } else {
      await (into as Unpacking).push(chunk);
    }
    if (reader.done) return;
  }
  if (into === null) await begin();
  if (!reader.done) await (into as Unpacking | null)?.finish();
}

interface Unpacking {
  push(chunk: Uint8Array): Promise<void> | void;
  finish(): Promise<void> | void;
}

/** Unpacks gzip: zlib works beside the program, and hands over what it has before it says what is wrong. */
function gunzipInto(reader: FrameReader): Unpacking {
  const gunzip = createGunzip({ chunkSize: 1 << 16 });
  let failure: unknown = null;
  let cause: unknown = null;
  gunzip.on('data', (part: Buffer) => {
    if (failure !== null || reader.done) return;
    try {
      reader.push(part);
    } catch (error) {
      failure = error;
    }
  });
  gunzip.on('error', (error) => (cause ??= error));
  const settle = async (work: (done: () => void) => void): Promise<void> => {
    if (gunzip.destroyed) return;
    await new Promise<void>((resolve) => {
      gunzip.once('close', resolve);
      work(resolve);
    });
    await new Promise(setImmediate); // what is buffered is handed over in the meantime
    gunzip.removeAllListeners('close');
    if (failure !== null) throw failure as Error;
    if (cause !== null) endBroken(reader, broken(reader.file, 'gzip', cause));
  };
  return {
    push: (chunk) => settle((done) => gunzip.write(chunk, () => done())),
    async finish() {
      await settle((done) => {
        gunzip.once('end', done);
        gunzip.end();
      });
      if (!reader.done) reader.end();
    },
  };
}

function unzstdInto(reader: FrameReader): Unpacking {
  const unpacker = new Decompress((part) => {
    if (!reader.done) reader.push(part);
  });
  const guarded = (chunk: Uint8Array, last: boolean): void => {
    if (reader.done) return;
    try {
      unpacker.push(chunk, last);
    } catch (error) {
      if (error instanceof CaptureError) throw error;
      endBroken(reader, broken(reader.file, 'zstd', error));
    }
  };
  return {
    push: (chunk) => guarded(chunk, false),
    finish: () => {
      guarded(new Uint8Array(0), true);
      if (!reader.done) reader.end();
    },
  };
}
