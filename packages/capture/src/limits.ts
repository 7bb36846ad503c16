// Goal: the checks that both file formats share.
import type { FileBytes } from './bytes.ts';
import type { Warnings } from './errors.ts';
import { LINK_NAMES } from './link.ts';

/** No capture tool stores more of one packet; libpcap's own limit. */
export const CAPTURED_BYTES_MAX = 256 * 1024;

const ORIGINAL_BYTES_MAX = 0x7fffffff;

/** What a packet record says of its size, and the room that there is for it. */
export interface RecordLengths {
  readonly frame: number;
  /** Byte offset of the record, for error messages. */
  readonly offset: number;
  readonly dataOffset: number;
  /** Where the data must end at the latest. */
  readonly dataEnd: number;
  readonly captured: number;
  readonly original: number;
}

/**
 * Returns the original length of a packet, which is never less than the captured one.
 *
 * @throws CaptureError if the record has no room for its captured bytes or a length is absurd.
 */
export function checkLengths(
  source: FileBytes,
  { frame, offset, dataOffset, dataEnd, captured, original }: RecordLengths,
  warnings: Warnings,
): number {
  if (captured > CAPTURED_BYTES_MAX) {
    throw source.error(
      offset,
      `frame ${frame} claims ${captured} captured bytes`,
      `at most ${CAPTURED_BYTES_MAX} make sense, the file is damaged here`,
    );
  }
  if (captured > dataEnd - dataOffset) {
    throw source.error(
      offset,
      `frame ${frame} claims ${captured} captured bytes, but only ${dataEnd - dataOffset} are left`,
      'the file was cut short, copy or capture it again',
    );
  }
  if (original > ORIGINAL_BYTES_MAX) {
    throw source.error(
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

/** @throws CaptureError unless link.ts can find IP behind this link type. */
export function checkLinkType(source: FileBytes, offset: number, linkType: number): void {
  if (LINK_NAMES.has(linkType)) return;
  const known = [...LINK_NAMES].map(([type, name]) => `${type} (${name})`).join(', ');
  throw source.error(offset, `link type ${linkType} is not known`, `known are ${known}`);
}
