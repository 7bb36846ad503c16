// What the matrix says of pages that no packet counts, and of the places that forgot them.
import {
  ERAS,
  eraOf,
  pskbCopy,
  skbCloned,
  skbGroReceive,
  type Design,
  type Era,
} from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { sample } from '../../../scripts/tier.ts';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as fixed } from '../../../strategies/send-zc-fixed.ts';
import {
  OPERATIONS,
  runMatrixCell,
  runMatrixRow,
  type MatrixCell,
  type Operation,
} from '../src/index.ts';

const operation = (id: string) => OPERATIONS.find((o) => o.id === id)!;
const cell = (id: string, era: string, design: Design = fixed): MatrixCell =>
  runMatrixCell(design, operation(id), eraOf(era)!);
const stray = (id: string, era: string, design: Design = fixed): boolean =>
  cell(id, era, design).properties.includes('stray');

describe.each(['esp_output_tail', 'esp6_output_tail'])('%s', (id) => {
  test.each(['6.1.192', 'debian-6.12.117', '7.2.13'])(
    'puts a page too often in %s without the fix, and is right with it',
    (era) => {
      expect([stray(id, `${era}-espDowngrades`), cell(id, era).verdict]).toEqual([true, 'proven']);
      expect(stray(id, `${era}-espDowngrades`, msgZerocopy)).toBe(false); // its packets have the references
    },
  );
});

// csummode is not CHECKSUM_PARTIAL there, and uarg stays NULL: the bytes are copied [__ip_append_data, 6.1.192, 6.12.117, 7.2.13]
test.each(['ip_fragment (fast)', 'ip_fragment (slow)', 'ip_frag_reasm (coalesce)'])(
  '%s never sees a page of SEND_ZC: a datagram that is to be cut is copied',
  (id) => {
    for (const era of ['6.1.192', 'debian-6.12.117', '7.2.13'])
      expect(cell(id, era)).toMatchObject({ verdict: 'refused', properties: [] });
  },
);

test('GRO gave such pages to a packet that puts what it has (CVE-2026-46323)', () => {
  const gro: Operation = {
    ...operation('skb_gro_receive'),
    apply: (b) => {
      const p = pskbCopy(b.k, b.packet(b.first)); // it has references of its own
      b.hold(p, 'gro list');
      const skb = b.packet(b.second);
      if (!skbCloned(skb) && skbGroReceive(b.k, p, skb)) b.used(skb);
    },
  };
  const says = (design: Design, era: string) => runMatrixCell(design, gro, eraOf(era)!).properties;
  expect(says(fixed, '7.2.13-groRefusesZerocopy')).toEqual(
    expect.arrayContaining(['early', 'stray']),
  );
  expect(says(msgZerocopy, '7.2.13-groRefusesZerocopy')).not.toContain('stray');
  expect(says(fixed, '7.2.13')).toEqual([]);
});

test.each(sample(OPERATIONS, 8).map((o) => o.id))(
  'else it is as good as MSG_ZEROCOPY, and says nothing of copies: %s',
  (id) => {
    for (const era of ['6.1.192', '7.2.13']) {
      const [own, like] = [cell(id, era), cell(id, era, msgZerocopy)];
      expect(own.properties, era).toEqual(like.properties.filter((p) => p !== 'dishonest'));
    }
  },
);

test('who is told is told by a task, in a step of its own, as whoever reads an error queue is', () => {
  for (const id of ['skb_clone', 'dev_hard_start_xmit', 'tcp_queue_rcv']) {
    const late = [fixed, msgZerocopy].map((design) => cell(id, '7.2.13', design).verdicts.late);
    expect(late, id).toEqual(['refuted', 'refuted']);
  }
});

test('kernels before 6.0 stand in brackets, and whoever gave the same answers as a later one', () => {
  const inside = (design: Design, eras: readonly Era[]) =>
    runMatrixRow(design, operation('skb_clone'), eras, { head: false }).map((c) => !c!.outside);
  expect(inside(fixed, ERAS.slice(-4))).toEqual([false, true, true, true]);
  const later: Design = { ...fixed, domain: { ...fixed.domain, since: '7.0' } };
  expect(inside(later, ERAS.slice(-2).toReversed())).toEqual([true, false]);
});
