// An operation is in the trees that its changes say, and carries there what they carry.
import { ERAS } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { OPERATIONS, carriedIn, existsIn } from '../src/index.ts';

describe('an operation', () => {
  const operation = (id: string) => OPERATIONS.find((m) => m.id === id)!;
  const ids = ERAS.map((era) => era.id);

  test('is where its changes say', () => {
    const where = (id: string): string[] => ids.filter((era) => existsIn(operation(id), era));
    expect(where('tcp_clone_payload')).toEqual(['debian-6.12.117', '7.2.13']);
    expect(where('tcp_clone_payload, esp_input')).toEqual(['debian-6.12.117', '7.2.13']);
    expect(where('tcp_mtu_probe (copy)')).toEqual(ids.slice(0, -2));
    expect(where('tcp_splice_read')).toEqual(ids.slice(1));
    expect(where('pskb_copy, esp_input')).toEqual(ids.slice(ids.indexOf('4.14')));
  });

  test('carries what its tree carries', () => {
    const marks = (id: string): string[] =>
      ids.filter((era) => carriedIn(operation(id), era).includes('marker'));
    expect(marks('skb_split')).toEqual(ids.slice(ids.indexOf('3.18')));
    expect(marks('skb_shift')).toEqual(['6.1.192', 'debian-6.12.117', '7.2.13']);
    expect(marks('skb_zerocopy')).toEqual(['debian-6.12.117']);
  });
});
