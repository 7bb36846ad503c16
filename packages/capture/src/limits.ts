// Goal: the checks on a packet record's lengths that both file formats share.
import { CaptureError, type Warnings } from './errors.ts';

/** No capture tool stores more of one packet; libpcap's own limit. */
export const CAPTURED_BYTES_MAX = 256 * 1024;

const ORIGINAL_BYTES_MAX = 0x7fffffff;

/** What a packet record says of its size. */
export interface RecordLengths {
  readonly frame: number;
  /** Byte offset of the record, for error messages. */
  readonly offset: number;
  /** Room for the captured bytes where the format says it, else Infinity. */
  readonly room: number;
  readonly captured: number;
  readonly original: number;
}

/**
 * Returns the original length of a packet, which is never less than the captured one.
 *
 * @throws CaptureError if the record has no room for its captured bytes or a length is absurd.
 */
export function checkLengths(file: string, lengths: RecordLengths, warnings: Warnings): number {
  const { frame, offset, room, captured, original } = lengths;
  if (captured > CAPTURED_BYTES_MAX) {
    throw new CaptureError(
      file,
      offset,
      `frame ${frame} claims ${captured} captured bytes`,
      `at most ${CAPTURED_BYTES_MAX} make sense, the file is damaged here`,
    );
  }
  if (captured > room) {
    throw new CaptureError(
      file,
      offset,
      `frame ${frame} claims ${captured} captured bytes, but its block has room for ${room}`,
      'the file is damaged here',
    );
  }
  if (original > ORIGINAL_BYTES_MAX) {
    throw new CaptureError(
      file,
      offset,
      `frame ${frame} claims an original length of ${original | 0} bytes`,
      'a length cannot be negative, the file is damaged here',
    );
  }
  if (original < captured) {
    warnings.note(frame, 'original length is less than the captured length; the latter is used');
    return captured;
  }
  return original;
}
