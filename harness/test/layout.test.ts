// `lastref layout`, tried from outside.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ERAS } from '@lastref/kernel';
import { layoutEra, layoutEraIds, layoutOfStruct } from '@lastref/layout';
import { layoutSchema, listSchema, type LayoutDocument, type ListDocument } from '@lastref/report';
import { describe, expect, test, beforeAll } from 'vitest';
import { answered, said } from './house/reference.ts';
import { lastref, type Ran } from './run-cli.ts';

const layout = (...args: string[]): LayoutDocument => {
  const ran = answered('layout', ...args, '--json');
  expect(ran.stderr).toBe('');
  expect(ran.code).toBe(0);
  return layoutSchema.parse(JSON.parse(ran.stdout));
};

const saidOf = (file: string, ...args: string[]): Ran =>
  said(dirname(file), lastref, 'layout', '--with', file, ...args);

/** A candidate with these fields. */
function candidate(adds: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'lastref-test-')), 'mine.ts');
  writeFileSync(
    file,
    `import { GetPutPage, type Design } from '@lastref/kernel';
     export const design = { id: 'mine', title: 't', year: 2012, source: 's', status: 'proposed', summary: 's',
       adds: ${adds}, hooks: 0, claims: [], create: (k) => new GetPutPage(k) } satisfies Design;`,
  );
  return file;
}

describe('the whole table', () => {
  let doc: LayoutDocument;
  let designs: ListDocument['designs'];
  beforeAll(() => {
    doc = layout();
    ({ designs } = listSchema.parse(JSON.parse(answered('list', '--json').stdout)));
  });
  const row = (design: string, era: string, struct: string) =>
    doc.rows.find((r) => r.design === design && r.era === era && r.struct === struct);

  test('has every design in its own kernel and in 3.8, every struct, and prints the same bytes twice', () => {
    for (const { id } of designs) {
      const eras = new Set(doc.rows.filter((r) => r.design === id).map((r) => r.era));
      expect(eras, id).toContain('3.8');
      expect(eras.size, id).toBeLessThanOrEqual(2);
      for (const era of eras) {
        expect(doc.rows.filter((r) => r.design === id && r.era === era)).toHaveLength(6);
        expect(doc.buffers.filter((b) => b.design === id && b.era === era)).toHaveLength(1);
      }
    }
    expect(layoutSchema.parse(JSON.parse(lastref('layout', '--json').stdout))).toEqual(doc);
  });

  test('every row adds up', () => {
    for (const r of doc.rows) {
      expect(r.cacheLines).toBe(Math.ceil(r.bytes / 64));
      expect(r.growth).toBeGreaterThanOrEqual(0);
      expect(r.footprint).toBeGreaterThanOrEqual(r.bytes);
      const { era } = layoutEra(r.era)!;
      expect(r.bytes - r.growth).toBe(layoutOfStruct(r.struct, era.structs).bytes);
    }
    for (const b of doc.buffers) {
      expect(b.bytes).toBe(b.data + b.shinfo);
      expect(b.sizeClass).toBeGreaterThanOrEqual(b.bytes);
      expect(b.mtu).toBe(1500);
    }
  });

  test('the growth that the patches have', () => {
    const growth = (design: string, era: string, struct: string) =>
      row(design, era, struct)?.growth;
    expect(growth('rusty-shinfo-orig', '2.6.24', 'skb_shared_info')).toBe(24);
    expect(growth('rusty-shinfo-orig', '3.8', 'skb_shared_info')).toBe(24);
    expect(growth('ian-frag-destructor', '3.8', 'skb_frag_t')).toBe(8);
    expect(growth('ian-frag-destructor', '3.8', 'skb_shared_info')).toBe(136);
    expect(growth('sock-wfree', '2.6.24', 'sock')).toBe(16);
    expect(growth('splice-pipe-release', '2.6.24', 'sock')).toBe(8);
    expect(growth('splice-pipe-release', '2.6.24', 'pipe_buffer')).toBe(0);
    expect(growth('rusty-page-shinfo', '2.6.28', 'skb_shared_info')).toBe(144);
    expect(row('no-clone', '2.6.32', 'sk_buff')).toMatchObject({ growth: 0, adds: ['no_clone'] });
    for (const id of ['naive-sendpage', 'rpc-reply', 'copy-always'])
      for (const r of doc.rows.filter((x) => x.design === id)) expect(r.growth).toBe(0);
  });

  test('a destructor in each fragment moves receive buffers to the next size', () => {
    const buffer = (design: string) =>
      doc.buffers.find((b) => b.design === design && b.era === '3.8');
    expect(buffer('naive-sendpage')).toMatchObject({ bytes: 1920, sizeClass: 2048 });
    expect(buffer('rusty-shinfo-orig')).toMatchObject({ bytes: 1984, sizeClass: 2048 });
    expect(buffer('ian-frag-destructor')).toMatchObject({ bytes: 2112, sizeClass: 4096 });
  });
});

test('every kernel that the machine can behave like has a layout', () => {
  const known = layoutEraIds();
  for (const { id } of ERAS) expect(known).toContain(id);
});

test('--era asks for one kernel, and says when another stands for it', () => {
  const doc = layout('--era', '3.18', '--designs', 'ian-frag-destructor,copy-always');
  expect(doc.rows.map((r) => r.era)).toEqual(Array.from({ length: 12 }, () => '3.18'));
  expect(doc.eras).toEqual([
    { id: '3.18', as: '3.8', note: expect.stringContaining('laid out as 3.8') as string },
  ]);
  expect(answered('layout', '--era', '3.18').stdout).toContain('3.18 is laid out as 3.8');
});

describe('--struct', () => {
  test('lists fields, holes and cache lines, as the kernel has it and as designs change it', () => {
    const args = ['--struct', 'skb_shared_info', '--designs', 'rusty-shinfo-orig', '--era', '3.8'];
    const doc = layout(...args);
    expect(doc.listings.map((l) => [l.design, l.bytes])).toEqual([
      [null, 320],
      ['rusty-shinfo-orig', 344],
    ]);
    const added = doc.listings[1]!.fields.filter((f) => f.added).map((f) => [f.name, f.offset]);
    expect(added).toEqual([
      ['len', 36],
      ['orig', 328],
      ['destructor', 336],
    ]);
    const { stdout } = answered('layout', ...args);
    expect(stdout).toMatch(/^\+ +unsigned int len; +\/\* +36 +4 \*\/$/m);
    expect(stdout).toMatch(/hole: 4 bytes/);
    expect(stdout).toMatch(/-- cache line \d/);
    expect(stdout).toContain('size: 344, cache lines: 6');
  });

  test('one that no design touches is shown all the same', () => {
    const { stdout, code } = answered('layout', '--struct', 'ubuf_info', '--era', '3.2');
    expect(code).toBe(0);
    expect(stdout).toContain('size: 24');
  });
});

describe('a candidate', () => {
  test('stands beside the others', () => {
    const file = candidate(
      "[{ struct: 'skb_shared_info', name: 'owner', type: 'pointer', after: ['tskey', 'frag_list'] }]",
    );
    const { stdout } = saidOf(file, '--designs', 'mine', '--json');
    const doc = layoutSchema.parse(JSON.parse(stdout));
    const rows = doc.rows.filter((r) => r.struct === 'skb_shared_info');
    expect(rows.map((r) => [r.era, r.bytes, r.growth, r.footprint])).toEqual([
      ['3.8', 328, 8, 384], // a card that names no kernel of its own
    ]);
  });

  test.each([
    ["[{ struct: 'sk_buf', name: 'x', type: 'bit' }]", 'did you mean sk_buff?'],
    ["[{ struct: 'sock', name: 'x', type: 'int', after: 'nothing' }]", 'there is no nothing in it'],
    ["[{ struct: 'sock', name: 'x', type: 'float' }] as never", 'adds.0.type: Invalid option'],
    ['undefined as never', 'in its card: adds: Invalid input: expected array'],
  ])('with %s gets one line', (adds, hint) => {
    const { code, stdout, stderr } = saidOf(candidate(adds), '--json');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(hint);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

test.each([
  [['--era', '3.9'], 'did you mean'],
  [['--era', 'new'], 'known: 2.6.24'],
  [['--struct', 'skb_shared'], 'did you mean skb_shared_info?'],
  [['--struct', 'ubuf_info', '--era', '2.6.24'], "2.6.24 has no struct 'ubuf_info'"],
  [['--designs', 'rusty'], 'did you mean rusty-shinfo-orig'],
])('%j says what would be right', (args, hint) => {
  const { code, stdout, stderr } = answered('layout', ...args);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(hint);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

test('what was merged is in the structs of later kernels: the number of the next call with MSG_ZEROCOPY, in every socket', () => {
  const sock = (...args: string[]) =>
    layout('--designs', 'msg-zerocopy', ...args)
      .rows.filter((r) => r.struct === 'sock')
      .map(({ era, adds, growth }) => [era, adds, growth]);
  expect(sock()).toEqual([
    ['4.14', ['sk_zckey'], 8],
    ['3.8', ['sk_zckey'], 8],
  ]);
  expect(sock('--era', '7.2.13')).toEqual([['7.2.13', [], 0]]);
});
