// The command in front of everything that a DST connection carries. @kernel include/linux/dst.h struct dst_cmd (2.6.30)

/** Bytes of a command; an answer is one without data. */
export const DST_CMD_BYTES = 48;

export const DstCmd = { IO: 1, IO_RESPONSE: 2 } as const;

/** A command as it stands on the wire: cmd, size of the data behind it, id of its transaction. */
export function writeDstCmd(
  mem: Uint8Array,
  at: number,
  cmd: number,
  size: number,
  id: number,
): void {
  mem.fill(0, at, at + DST_CMD_BYTES);
  putWord(mem, at, cmd);
  putWord(mem, at + 4, size);
  putWord(mem, at + 20, id); // the low half of a u64
}

/** What a command says. */
export interface DstCommand {
  readonly cmd: number;
  readonly size: number;
  readonly id: number;
}

export function readDstCmd(bytes: Uint8Array): DstCommand {
  return { cmd: getWord(bytes, 0), size: getWord(bytes, 4), id: getWord(bytes, 20) };
}

function putWord(mem: Uint8Array, at: number, v: number): void {
  for (let b = 0; b < 4; b++) mem[at + b] = v >>> (24 - 8 * b);
}

function getWord(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}
