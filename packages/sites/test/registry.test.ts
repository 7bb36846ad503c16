// The registry of operations beside what a tree has, and the scans that are kept.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OPERATIONS } from '@lastref/operations';
import { ROOT } from '@lastref/runner';
import {
  KEPT,
  bodiesOf,
  coverageOf,
  keptScan,
  keptText,
  keptTrees,
  lacking,
  mismatches,
  operationOf,
  portOf,
  readLabels,
  stratumOf,
} from '@lastref/sites';
import { scanOf, transfer } from './fixtures.ts';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

test('an operation stands for functions by name, whatever their file', () => {
  expect(operationOf('__pskb_copy_fclone')?.id).toBe('pskb_copy');
  expect(operationOf('skb_gro_receive')?.id).toBe('skb_gro_receive');
  expect(operationOf('tcp_v4_rcv')).toBeNull();
  for (const o of OPERATIONS.filter(
    (o) => !o.id.includes('driver') && o.file !== 'outside the tree',
  ))
    expect(bodiesOf(o).length, o.id).toBeGreaterThan(0);
});

test('what should be there and is not, and what should be gone and is there, is told', () => {
  const all = OPERATIONS.flatMap((o) => bodiesOf(o));
  const known = (names: readonly string[]) => ({
    known: new Set(names.map((n) => `net/core/skbuff.c:${n}`)),
  });
  const told = mismatches(known(all.filter((n) => n !== 'skb_shift')), '6.1.192').map(
    (m) => m.operation,
  );
  expect(told).toContain('skb_shift'); // from 2.6.29 on
  expect(told).toContain('skb_append_datato_frags'); // gone in 4.14
  expect(told).not.toContain('skb_segment');
});

test('of four kernels the scan is kept', () => {
  expect(keptTrees()).toEqual(['5.10.223', '6.1.192', 'debian-6.12.117', '7.2.13']);
});

test.each(keptTrees())(
  '%s: the core is covered, and every operation that is kept has its function',
  (tree) => {
    const { about, sites } = keptScan(tree);
    expect(sites.length).toBeGreaterThan(300);
    expect(about.sha256).toMatch(/^[0-9a-f]{64}$/);
    const [core] = coverageOf(sites);
    expect(core!.transfers.operations / core!.transfers.all).toBeGreaterThan(0.75);
    const mended = tree === '5.10.223' ? 1 : 0; // the marker's fixes of 2026 are in the others
    expect(lacking(sites, 'marker').some((r) => r.site.name === 'skb_shift')).toBe(mended === 1);
  },
);

test('what is kept is what was scanned', async () => {
  const scan = await scanOf({ 'net/a.c': transfer('f') });
  const dir = mkdtempSync(join(tmpdir(), 'lastref-test-'));
  writeFileSync(
    join(dir, '6.1.192.json'),
    keptText(scan, { tree: '6.1.192', source: 'a', sha256: 'b' }),
  );
  const { sites } = keptScan('6.1.192', dir);
  expect(sites).toMatchObject([
    { name: 'f', kinds: scan.sites[0]!.kinds, demands: [{ query: 'transfer', hooks: [] }] },
  ]);
  expect(() => keptScan('6.12', dir)).toThrow('no scan of 6.12 is kept; there are 6.1.192');
  expect(() => keptScan('', dir)).toThrow("no scan of '' is kept; there are 6.1.192");
  // a name is no way to another file
  const inner = mkdtempSync(join(dir, 'inner-'));
  expect(() => keptScan('../6.1.192', inner)).toThrow('no scan of ../6.1.192 is kept');
});

test('a port says which sites the card does not name', () => {
  const { sites } = keptScan('6.1.192');
  const rows = portOf(sites, { hooks: 4 }, ['adopt']); // Site.PSKB_COPY
  const named = (name: string) => rows.find((r) => r.site.name === name)?.named;
  expect(named('__pskb_copy_fclone')).toBe(true);
  expect(named('skb_shift')).toBe(false);
  expect(rows.some((r) => r.hooks.length === 0)).toBe(false);
});

test('labels are of every stratum, positive and negative, each with a reason', () => {
  const labels = readLabels(`${ROOT}results/sites-labels.json`);
  expect(labels.length).toBeGreaterThanOrEqual(100);
  for (const stratum of [
    'net/core',
    'net/ipv4',
    'net/ipv6',
    'net elsewhere',
    'drivers',
    'include',
  ]) {
    const own = labels.filter((l) => stratumOf(l.file) === stratum);
    expect(
      own.some((l) => l.kind === 'none'),
      stratum,
    ).toBe(true);
    expect(
      own.some((l) => l.kind !== 'none'),
      stratum,
    ).toBe(true);
  }
  for (const l of labels) expect(l.why.length, l.function).toBeGreaterThan(3);
});

/** By the kept scan: a function that is labelled as touching is in it, one that is labelled otherwise is not. */
test('the kept scans find at least 95 % of what was labelled', () => {
  const labels = readLabels(`${ROOT}results/sites-labels.json`);
  const found = new Set(
    keptTrees().flatMap((tree) => keptScan(tree).sites.map((s) => `${tree} ${s.file} ${s.name}`)),
  );
  const has = (l: (typeof labels)[number]) => found.has(`${l.tree} ${l.file} ${l.function}`);
  const positives = labels.filter((l) => l.kind !== 'none');
  expect(positives.filter(has).length / positives.length).toBeGreaterThanOrEqual(0.95);
  const negatives = labels.filter((l) => l.kind === 'none');
  expect(negatives.filter((l) => !has(l)).length / negatives.length).toBeGreaterThanOrEqual(0.9);
});

test('no kernel text is kept', () => {
  for (const tree of keptTrees())
    expect(readFileSync(join(KEPT, `${tree}.json`), 'utf8')).not.toMatch(/[;{]\\n|#include|GPL/);
});
