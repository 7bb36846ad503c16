// Goal: reads from a packet, or from a file's header in either byte order, that cannot run out of bounds.

/** Big-endian 16 bits; bytes beyond the end read as zero. */
export function be16(data: Uint8Array, offset: number): number {
  return ((data[offset] ?? 0) << 8) | (data[offset + 1] ?? 0);
}

/** Big-endian 32 bits, unsigned; bytes beyond the end read as zero. */
export function be32(data: Uint8Array, offset: number): number {
  return ((be16(data, offset) << 16) | be16(data, offset + 2)) >>> 0;
}

/** Little-endian 16 bits; bytes beyond the end read as zero. */
export function le16(data: Uint8Array, offset: number): number {
  return (data[offset] ?? 0) | ((data[offset + 1] ?? 0) << 8);
}

/** Little-endian 32 bits, unsigned; bytes beyond the end read as zero. */
export function le32(data: Uint8Array, offset: number): number {
  return (le16(data, offset) | (le16(data, offset + 2) << 16)) >>> 0;
}

export function u16(data: Uint8Array, offset: number, little: boolean): number {
  return little ? le16(data, offset) : be16(data, offset);
}

export function u32(data: Uint8Array, offset: number, little: boolean): number {
  return little ? le32(data, offset) : be32(data, offset);
}

export function i64(data: Uint8Array, offset: number, little: boolean): bigint {
  const high = u32(data, little ? offset + 4 : offset, little);
  const low = u32(data, little ? offset : offset + 4, little);
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
}
