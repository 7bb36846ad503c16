// CRC32C (Castagnoli), as iSCSI computes its digests. @kernel crypto/crc32c.c (2.6.24)

/** By byte, reflected polynomial 0x82f63b78. Never written after this. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0x82f63b78);
  return crc;
});

/** What a digest begins with; the digest is the complement of what it ends with. */
export const CRC32C_SEED = 0xffffffff;

/** `crc` carried on over `size` bytes at `at`. O(size). */
export function crc32c(bytes: Uint8Array, at: number, size: number, crc: number): number {
  let c = crc;
  for (let i = at; i < at + size; i++) c = (c >>> 8) ^ TABLE[(c ^ bytes[i]!) & 0xff]!;
  return c >>> 0;
}
