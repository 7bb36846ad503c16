// The fixes of 2026, each taken out of a kernel that has it: what the matrix refuted before, and what it says behind it.
import { eraOf, espInput, iptfsSkbAddFrags, pskbExtract, type Design } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as marker } from '../../../strategies/shared-frag-marker.ts';
import {
  OPERATIONS,
  emptySkb,
  runMatrixCell,
  type MatrixCell,
  type Operation,
} from '../src/index.ts';

const operation = (id: string): Operation => OPERATIONS.find((o) => o.id === id)!;
const cell = (design: Design, id: string, era: string): MatrixCell =>
  runMatrixCell(design, operation(id), eraOf(era)!);

describe('a writer in place meets what lost its marker', () => {
  test.each([
    ['7.2.13', 'markerCarried', 'pskb_copy'],
    ['7.2.13', 'markerCarried', 'skb_shift'],
    ['7.2.13', 'markerCarried', 'skb_try_coalesce'],
    ['7.2.13', 'markerCarried', 'skb_gro_receive'],
    ['6.1.192', 'markerCarried', 'skb_shift'],
  ])('%s without %s: %s', (era, fix, id) => {
    const unmarked = (at: string) =>
      cell(marker, `${id}, esp_input`, at).properties.includes('unmarked');
    expect([unmarked(`${era}-${fix}`), unmarked(era)]).toEqual([true, false]);
  });
});

// What these two do by themselves no traffic of MSG_ZEROCOPY reaches: RDS carves what it has received, and ESP has copied
// what is marked before IP-TFS sees it. So the helpers are called directly here, and the matrix has them behind that.
describe('a helper by itself', () => {
  const alone = (id: string, apply: Operation['apply']): Operation => ({ ...operation(id), apply });
  const says = (design: Design, op: Operation, era: string): MatrixCell =>
    runMatrixCell(design, op, eraOf(era)!);

  test('pskb_carve put a ubuf_info once more than it took it; RDS gets none', () => {
    const carve = alone('pskb_carve_inside_nonlinear', (b) => {
      const packet = b.packet(b.first);
      b.hold(pskbExtract(b.k, packet, packet.headers + 5000, 4096), 'message');
    });
    for (const era of ['5.10.223', '6.1.192-carveTakesUbuf'])
      expect(says(msgZerocopy, carve, era).properties).toEqual(
        expect.arrayContaining(['corrupt', 'double', 'early']),
      );
    expect(says(msgZerocopy, carve, '6.1.192').verdict).toBe('proven');
    for (const era of ['4.14', '5.10.223', '7.2.13'])
      expect(cell(msgZerocopy, 'pskb_carve_inside_nonlinear', era).verdict).toBe('copied');
  });

  test('iptfs_skb_add_frags left the marker behind (CVE-2026-64566); ESP copies what has one', () => {
    const add = alone('iptfs_skb_add_frags', (b) => {
      const outer = b.packet(b.first);
      const inner = emptySkb(b.k, outer);
      b.hold(inner, 'inner packet');
      inner.seq = (outer.seq + 1000) | 0;
      iptfsSkbAddFrags(b.k, inner, outer, 1000, 6000);
      espInput(b.k, inner);
    });
    const unmarked = (era: string) => says(marker, add, era).properties.includes('unmarked');
    expect([unmarked('7.2.13-iptfsAddMarks'), unmarked('7.2.13')]).toEqual([true, false]);
    for (const era of ['7.2.13-iptfsAddMarks', '7.2.13'])
      expect(cell(marker, 'iptfs_skb_add_frags', era).properties).not.toContain('unmarked');
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

test('before veth had GRO of its own (5.13), nothing that was sent came there with its ubuf_info', () => {
  for (const id of ['skb_gro_receive', 'esp_input (GRO)', 'skb_gro_receive, esp_input'])
    for (const era of ['4.14', '5.10.223'])
      expect([id, era, cell(msgZerocopy, id, era).verdict]).toEqual([id, era, 'copied']);
  expect(cell(msgZerocopy, 'skb_gro_receive', '6.1.192-groRefusesZerocopy').properties).toContain(
    'early',
  );
});
