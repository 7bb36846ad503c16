// The PDUs of iSCSI that a write needs. @kernel include/scsi/iscsi_proto.h (2.6.24); RFC 3720, section 10
import { declareState } from '../../state.ts';

/** Bytes of a basic header segment, and of a digest behind a header or behind data. */
export const BHS_BYTES = 48;
export const DIGEST_BYTES = 4;

export const IscsiOp = {
  SCSI_CMD: 0x01,
  LOGIN: 0x03,
  DATA_OUT: 0x05,
  SCSI_RSP: 0x21,
  LOGIN_RSP: 0x23,
  R2T: 0x31,
} as const;

/** In the flags of a PDU: the last one of its sequence. @kernel ISCSI_FLAG_CMD_FINAL */
export const FLAG_FINAL = 0x80;
/** In those of a command. @kernel ISCSI_FLAG_CMD_WRITE */
export const FLAG_WRITE = 0x20;

/** @kernel include/scsi/scsi.h SAM_STAT_* */
export const SamStat = { GOOD: 0x00, CHECK_CONDITION: 0x02 } as const;

/** What a header says. Fields that a PDU does not have are 0. */
export class IscsiHdr {
  opcode = 0;
  flags = 0;
  status = 0;
  /** Bytes of the data segment. */
  dlength = 0;
  /** Initiator's task tag. */
  itt = 0;
  /** Target's transfer tag; of a command, the bytes that it will transfer. */
  ttt = 0;
  /** CmdSN or StatSN. */
  sn = 0;
  /** DataSN or R2TSN. */
  datasn = 0;
  /** Of the buffer of the command, and how many bytes are wanted from there. */
  offset = 0;
  length = 0;

  /** All fields 0 but these. */
  begin(opcode: number, flags: number, itt: number): this {
    this.opcode = opcode;
    this.flags = flags;
    this.itt = itt;
    this.status = 0;
    this.dlength = 0;
    this.ttt = 0;
    this.sn = 0;
    this.datasn = 0;
    this.offset = 0;
    this.length = 0;
    return this;
  }
}

declareState(IscsiHdr, {
  state: 'opcode flags status dlength itt ttt sn datasn offset length',
});

const WORDS = ['itt', 'ttt', 'sn'] as const;
const LATE_WORDS = ['datasn', 'offset', 'length'] as const;

export function writeHdr(mem: Uint8Array, at: number, h: IscsiHdr): void {
  mem.fill(0, at, at + BHS_BYTES);
  mem[at] = h.opcode;
  mem[at + 1] = h.flags;
  mem[at + 3] = h.status;
  mem[at + 5] = h.dlength >>> 16;
  mem[at + 6] = h.dlength >>> 8;
  mem[at + 7] = h.dlength;
  WORDS.forEach((word, i) => putWord(mem, at + 16 + 4 * i, h[word]));
  LATE_WORDS.forEach((word, i) => putWord(mem, at + 36 + 4 * i, h[word]));
}

export function readHdr(bytes: Uint8Array, h: IscsiHdr): void {
  h.opcode = bytes[0]!;
  h.flags = bytes[1]!;
  h.status = bytes[3]!;
  h.dlength = (bytes[5]! << 16) | (bytes[6]! << 8) | bytes[7]!;
  WORDS.forEach((word, i) => (h[word] = getWord(bytes, 16 + 4 * i)));
  LATE_WORDS.forEach((word, i) => (h[word] = getWord(bytes, 36 + 4 * i)));
}

export function putWord(mem: Uint8Array, at: number, v: number): void {
  for (let b = 0; b < 4; b++) mem[at + b] = v >>> (24 - 8 * b);
}

function getWord(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}
