// The Internet checksum.

/** RFC 1071 over 16-bit words; `sum` is a partial sum to go on from, `odd` bytes are padded with zero. */
export function checksumAdd(mem: Uint8Array, at: number, size: number, sum: number): number {
  let s = sum;
  const even = at + (size & ~1);
  for (let i = at; i < even; i += 2) s += (mem[i]! << 8) | mem[i + 1]!;
  if ((size & 1) !== 0) s += mem[even]! << 8;
  return s;
}

export function checksumFold(sum: number): number {
  let s = sum;
  while (s > 0xffff) s = (s & 0xffff) + Math.floor(s / 0x10000);
  return ~s & 0xffff;
}

/** As checksumFold, without the complement: a partial sum in 16 bits. */
export function partialFold(sum: number): number {
  return ~checksumFold(sum) & 0xffff;
}

/** `sum` with a part added that starts at byte `offset` of what is summed. @kernel include/net/checksum.h csum_block_add */
export function csumBlockAdd(sum: number, part: number, offset: number): number {
  const placed = (offset & 1) === 0 ? part : ((part & 0xff) << 8) | (part >> 8);
  return partialFold(sum + placed);
}

/** @kernel include/net/checksum.h csum_block_sub */
export function csumBlockSub(sum: number, part: number, offset: number): number {
  return csumBlockAdd(sum, ~part & 0xffff, offset);
}
