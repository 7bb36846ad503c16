// SHA-256 as node:crypto gives it: of text or bytes in parts, in hexadecimal.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

class Hash {
  private readonly hash = sha256.create();

  update(data: string | Uint8Array): this {
    this.hash.update(typeof data === 'string' ? new TextEncoder().encode(data) : data);
    return this;
  }

  digest(encoding: string): string {
    if (encoding !== 'hex') throw new Error(`digests are hexadecimal here, not ${encoding}`);
    return bytesToHex(this.hash.digest());
  }
}

export function createHash(algorithm: string): Hash {
  if (algorithm !== 'sha256') throw new Error(`there is no ${algorithm} here, only sha256`);
  return new Hash();
}
