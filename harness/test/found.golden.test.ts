// The pages about real kernels say what matrix, guests and scans say.
import { readFileSync } from 'node:fs';
import { eraOf, type Design } from '@lastref/kernel';
import {
  OPERATIONS,
  against,
  existsIn,
  matrixOperations,
  runMatrixCell,
  type MatrixCell,
} from '@lastref/operations';
import type { Property } from '@lastref/judge';
import { SCENARIOS } from '@lastref/lab';
import { liveSchema, liveSum, liveTable, type LiveDocument, type LiveRow } from '@lastref/report';
import { ROOT, allDesigns, ownEra } from '@lastref/runner';
import { bodiesOf } from '@lastref/sites';
import { describe, expect, test } from 'vitest';
import { LONG } from '../../scripts/tier.ts';
import { withBlock } from './house/blocks.ts';

const designs = (await allDesigns()).map((file) => file.design);
const designed = (id: string): Design => designs.find((d) => d.id === id)!;
const cellOf = (design: Design, id: string, era: string): MatrixCell =>
  runMatrixCell(
    design,
    matrixOperations().find((o) => o.id === id)!,
    eraOf(era)!,
  );
const table = (...lines: string[][]): string =>
  [lines[0]!, lines[0]!.map(() => '---'), ...lines.slice(1)]
    .map((l) => `| ${l.join(' | ')} |`)
    .join('\n');
const wordOf = (cell: MatrixCell): string =>
  cell.verdict === 'refuted' ? `refuted: ${cell.properties.join(', ')}` : cell.verdict;

const kept = (): LiveDocument =>
  liveSchema.parse(JSON.parse(readFileSync(`${ROOT}results/live.json`, 'utf8')));

test('the bug: what the matrix says by release, and what guests showed', async () => {
  const path = `${ROOT}docs/found-mtu-probe.md`;
  const design = designed('msg-zerocopy');
  const lines = [
    ['6.1.192', 'tcp_mtu_probe (copy)'],
    ['debian-6.12.117', 'tcp_clone_payload'],
    ['7.2.13', 'tcp_clone_payload'],
    ['7.2.13+probeRefusesOwner', 'tcp_clone_payload'],
    ['7.2.13+probeSharesOwner', 'tcp_clone_payload'],
  ].map(([era, id]) => [era!, id!, wordOf(cellOf(design, id!, era!))]);
  expect(lines[1]![2]).toContain('corrupt');
  expect(lines.slice(3).map((l) => l[2])).toEqual(['refused', 'proven']);
  const live = kept();
  const matrix = table(['kernel', 'operation', 'msg-zerocopy'], ...lines);
  const page = readFileSync(path, 'utf8');
  const told = withBlock(withBlock(page, 'matrix', matrix), 'live', liveTable(live, 'mtu-probe'));
  await expect(told).toMatchFileSnapshot(path);
});

test('another one: who is asked for copies, by release, and what guests showed', async () => {
  const path = `${ROOT}docs/found-vsock-redirect.md`;
  const redirect = 'skb_send_sock (vsock)';
  const lines = [
    ['6.1.192', 'skb_send_sock'],
    ['debian-6.12.117', redirect],
    ['7.2.13', 'skb_send_sock'],
    ['7.2.13', 'virtio_transport_fill_skb (loopback)'],
    ['7.2.13', redirect],
    ['7.2.13+vsockReadCopies', redirect],
  ].map(([era, id]) => [
    era!,
    id!,
    ...['msg-zerocopy', 'send-zc-fixed'].map((design) =>
      wordOf(cellOf(designed(design), id!, era!)),
    ),
  ]);
  for (const words of lines.map((l) => l.slice(2)))
    expect(words[0]!.split(':')[0]).toBe(words[1]!.split(':')[0]);
  expect(lines.map((l) => l[3]!.split(':')[0])).toEqual([
    'copied',
    'refuted',
    'copied',
    'proven',
    'refuted',
    'copied',
  ]);
  const live = kept();
  for (const { arm, delivered } of live.rows.filter(
    (row) => row.scenario === 'vsock-redirect' && / (told|notified)$/.test(row.arm),
  ))
    expect([arm, delivered > 0]).toEqual([arm, true]);
  const matrix = table(['kernel', 'operation', 'msg-zerocopy', 'send-zc-fixed'], ...lines);
  const page = readFileSync(path, 'utf8');
  const told = withBlock(
    withBlock(page, 'matrix', matrix),
    'live',
    liveTable(live, 'vsock-redirect'),
  );
  await expect(told).toMatchFileSnapshot(path);
});

test('README: scenarios with real sockets, and that none shows what the model does not find', async () => {
  const doc = kept();
  expect(doc.sum.contradicts).toBe(0);
  const rows = SCENARIOS.map(({ id }) => {
    const of = doc.rows.filter((row) => row.scenario === id);
    const count = (is: (row: LiveRow) => boolean): string => String(of.filter(is).length);
    return [
      `[${id}](results/live.md#${id})`,
      count(() => true),
      count((row) => row.finds.length > 0),
      count((row) => row.finds.length > 0 && (row.wire ?? 0) + row.delivered > 0),
      count((row) => row.verdict === 'not seen'),
      count((row) => row.verdict === 'contradicts'),
    ];
  });
  const head = ['scenario', 'cells', 'with harm', 'seen', 'not seen', 'contradict the model'];
  const path = `${ROOT}README.md`;
  const block = `${liveSum(doc)}\n\n${table(head, ...rows)}`;
  const told = withBlock(readFileSync(path, 'utf8'), 'live', block);
  await expect(told).toMatchFileSnapshot(path);
});

interface Patch {
  readonly name: string;
  readonly design: string;
  /** What it is about. */
  readonly property: Property;
  readonly without: string;
  readonly with: string;
}

const PATCHES: readonly Patch[] = [
  {
    name: 'the marker is carried by five more helpers (48f6a5356a33, 2026)',
    design: 'shared-frag-marker',
    property: 'unmarked',
    without: '7.2.13-markerCarried',
    with: '7.2.13',
  },
  {
    name: 'GRO refuses packets with a ubuf_info (CVE-2026-46323)',
    design: 'msg-zerocopy',
    property: 'early',
    without: '7.2.13-groRefusesZerocopy',
    with: '7.2.13',
  },
  {
    name: 'no MTU probe of packets with a ubuf_info (proposed)',
    design: 'msg-zerocopy',
    property: 'early',
    without: '7.2.13',
    with: '7.2.13+probeRefusesOwner',
  },
];

/**
 * Operations of the tree that refute the property, or any, where the control does not: not what stands for no function of it; and
 * among any not what a marker would keep away, as TCP marks what it lends whatever the design is.
 */
function refutedIn(design: Design, era: string, property?: Property): string[] {
  const control = cellOf(design, 'control', era);
  return OPERATIONS.filter((o) => existsIn(o, era) && bodiesOf(o).length > 0)
    .filter((o) => {
      const { adds } = against(cellOf(design, o.id, era), control);
      if (property !== undefined) return adds.includes(property);
      return adds.length > 0 && !adds.includes('unmarked');
    })
    .map((o) => o.id);
}

const listed = (ids: readonly string[]): string =>
  ids.length === 0 ? 'none' : ids.map((id) => `\`${id}\``).join(', ');

describe.runIf(LONG)('five patches', () => {
  test('what each mended, and what it left', async () => {
    const path = `${ROOT}docs/five-patches.md`;
    const patches = PATCHES.map((p) => {
      const design = designed(p.design);
      const [before, after] = [
        refutedIn(design, p.without, p.property),
        refutedIn(design, p.with, p.property),
      ];
      expect(before.length).toBeGreaterThan(after.length);
      const mended = before.filter((id) => !after.includes(id));
      return [p.name, `${p.design}, *${p.property}*`, listed(mended), listed(after)];
    });
    const proposals = ['rusty-shinfo-orig-one-loan', 'ian-frag-destructor'].flatMap((id) => {
      const design = designed(id);
      return [ownEra(design).id, '7.2.13'].map((era) => [id, era, listed(refutedIn(design, era))]);
    });
    const page = readFileSync(path, 'utf8');
    const head = ['patch', 'judged by', 'mended', 'still refuted'];
    const told = withBlock(
      withBlock(page, 'patches', table(head, ...patches)),
      'proposals',
      table(['design', 'kernel', 'refuted'], ...proposals),
    );
    await expect(told).toMatchFileSnapshot(path);
  });
});
