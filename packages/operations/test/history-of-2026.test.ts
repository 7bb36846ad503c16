// The fixes of 2026, each taken out of a kernel that has it: what the matrix refuted before, and what it says behind it.
import { eraOf } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as marker } from '../../../strategies/shared-frag-marker.ts';
import { OPERATIONS, runMatrixCell, type MatrixCell } from '../src/index.ts';

const cell = (design: typeof marker | typeof msgZerocopy, id: string, era: string): MatrixCell =>
  runMatrixCell(
    design,
    OPERATIONS.find((o) => o.id === id)!,
    eraOf(era)!,
    false,
  );

describe('a writer in place meets what lost its marker', () => {
  test.each([
    ['7.2.13', 'markerCarried', 'pskb_copy'],
    ['7.2.13', 'markerCarried', 'skb_shift'],
    ['7.2.13', 'markerCarried', 'skb_try_coalesce'],
    ['7.2.13', 'markerCarried', 'skb_gro_receive'],
    ['6.1.192', 'markerCarried', 'skb_shift'],
    ['7.2.13', 'iptfsAddMarks', 'iptfs_skb_add_frags'], // CVE-2026-64566
  ])('%s without %s: %s', (era, fix, id) => {
    const unmarked = (at: string) =>
      cell(marker, `${id}, esp_input`, at).properties.includes('unmarked');
    expect([unmarked(`${era}-${fix}`), unmarked(era)]).toEqual([true, false]);
  });
});

describe('a ubuf_info that is put once more than it was taken', () => {
  test.each(['pskb_carve_inside_header', 'pskb_carve_inside_nonlinear'])('%s', (id) => {
    const before = cell(msgZerocopy, id, '6.1.192-carveTakesUbuf');
    expect(before.properties).toEqual(expect.arrayContaining(['corrupt', 'double', 'early']));
    expect(cell(msgZerocopy, id, '5.10.223').properties).toEqual(before.properties); // it never got the fix
    expect(cell(msgZerocopy, id, '6.1.192').verdict).toBe('proven');
  });
});

test('packets of MSG_ZEROCOPY are merged by GRO until it refuses (CVE-2026-46323)', () => {
  const before = cell(msgZerocopy, 'skb_gro_receive', '7.2.13-groRefusesZerocopy');
  expect(before.properties).toContain('early');
  expect(cell(msgZerocopy, 'skb_gro_receive', '7.2.13').verdict).toBe('refused');
});

test('an MTU probe by reference is not fixed yet: refuted in every kernel that has it', () => {
  for (const era of ['debian-6.12.117', '7.2.13'])
    expect(cell(msgZerocopy, 'tcp_clone_payload', era).properties).toContain('early');
  expect(cell(msgZerocopy, 'tcp_mtu_probe (copy)', '6.1.192').properties).not.toContain('early');
});
