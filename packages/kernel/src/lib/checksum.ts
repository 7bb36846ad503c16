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
