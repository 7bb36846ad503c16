// A design is judged first in the kernel that its patch was made for, and costs are compared within one kernel only.
import { ERAS, changesBetween, eraOf } from '@lastref/kernel';
import {
  compareSchema,
  erasSchema,
  headline,
  turnsOf,
  type CompareDocument,
} from '@lastref/report';
import { allDesigns, allWorkloads, bundledCapture, ownEra, pose } from '@lastref/runner';
import { question as compare } from '@lastref/runner/compare';
import { question as eras } from '@lastref/runner/eras';
import { beforeAll, describe, expect, test } from 'vitest';
import { made } from './house/reference.ts';
import { house } from '../src/house.ts';

const files = await allDesigns();
const capture = { file: bundledCapture().file, driverTicks: 1000, flows: null };
const named = (...ids: string[]) => ids.map((id) => files.find((f) => f.design.id === id)!);
const on = (...ids: string[]) => allWorkloads().filter((w) => ids.includes(w.id));

test('every card names its own kernel, one that is modelled, and says how one knows', () => {
  for (const { design } of files) {
    expect(eraOf(design.era?.id ?? ''), design.id).toBeDefined();
    expect(design.era!.source, design.id).toMatch(/\d/);
    expect(ownEra(design).id).toBe(eraOf(design.era!.id)!.id);
  }
});

describe('a comparison', () => {
  let doc: CompareDocument;
  beforeAll(async () => {
    const plan = {
      designs: named(
        'rpc-reply',
        'rusty-shinfo-orig-one-loan',
        'ian-frag-destructor',
        'msg-zerocopy',
      ),
      baselines: named('naive-sendpage', 'copy-always'),
      workloads: on('nfs-odirect', 'ordinary', 'splice-proxy'),
      capture,
      seed: 1,
      repeat: 1,
      faults: [],
      era: null,
    };
    const asked = () => pose(house, compare, plan, { here: true });
    const text = await made('a comparison of six designs', async () =>
      JSON.stringify(await asked()),
    );
    doc = compareSchema.parse(JSON.parse(text));
  });

  test('runs each design in its own kernel, and says which', () => {
    expect(doc.era).toBeNull();
    const era = new Map(doc.designs.map((d) => [d.id, d.era]));
    expect([...era]).toEqual([
      ['rpc-reply', '2.6.24'],
      ['rusty-shinfo-orig-one-loan', '2.6.24'],
      ['ian-frag-destructor', '3.8'],
      ['msg-zerocopy', '4.14'],
    ]);
    for (const row of doc.rows) expect(row.era, row.design).toBe(era.get(row.design));
  });

  test('says what a kernel cannot play, and why, and leaves the cell', () => {
    const row = doc.rows.find((r) => r.design === 'rpc-reply' && r.workload === 'splice-proxy')!;
    expect([row.state, headline(row)]).toEqual(['n/a', 'n/a']);
    expect(row.notJudged).toMatch(/tcp_splice_read.*2\.6\.25/);
    const later = doc.rows.find(
      (r) => r.design === 'msg-zerocopy' && r.workload === 'splice-proxy',
    );
    expect(later!.state).toBe('judged');
  });

  test('counts the costs of all in one kernel, and of each beside the baselines in its own', () => {
    const { common, own, workloads } = doc.costs;
    expect(workloads).toEqual(['nfs-odirect', 'ordinary']);
    expect(common.era).toBe('3.8');
    expect(common.rows.map((r) => r.design)).toEqual(doc.designs.map((d) => d.id));
    for (const row of common.rows) expect(row.lent.segments, row.design).toBeGreaterThan(100);
    expect(own.map((o) => o.era)).toEqual(doc.designs.map((d) => d.era));
    const of = (id: string) => own.find((o) => o.design === id)!;
    expect(of('rpc-reply').timesNaive).toBe(1); // it makes no reference of its own
    expect(of('rusty-shinfo-orig-one-loan').timesNaive).toBeGreaterThan(1.05);
    for (const o of own) expect(o.timesCopy, o.design).toBeLessThan(1);
  });
});

describe('verdicts by kernel release', () => {
  test('show where a design breaks and where it holds again, and which change of the kernel alone does it', async () => {
    const plan = {
      designs: named('no-clone'),
      workloads: on('loopback-slow-reader'),
      capture,
      seed: 1,
      faults: [],
    };
    const asked = () => pose(house, eras, plan, { here: true });
    const doc = erasSchema.parse(await made('eras over loopback', asked));
    expect(doc.rows.map((r) => r.era)).toEqual(ERAS.map((e) => e.id));
    const words = ['holds', ...Array(4).fill('delivered'), ...Array(7).fill('holds')];
    expect(doc.rows.map((r) => r.word)).toEqual(words);
    expect(turnsOf(doc)).toMatchObject([
      { from: '2.6.24', to: '2.6.28', changes: ['loopbackTso'] },
      { from: '3.2', to: '3.8', changes: ['loopback64k'] },
    ]);
    expect(doc.changes.map((c) => [c.id, c.since])).toEqual([
      ['loopbackTso', '2.6.27'],
      ['loopback64k', '3.7'],
    ]);
  });

  test('are there of what a capture drives, too', async () => {
    const plan = {
      designs: named('copy-always'),
      workloads: on('capture'),
      capture,
      seed: 1,
      faults: [],
    };
    const { rows, turns } = await pose(house, eras, plan, { here: true });
    expect(new Set(rows.map((r) => r.word))).toEqual(new Set(['copied']));
    expect(turns).toEqual([]);
  });

  test('rest on kernels that have one change ahead of their time, and nothing else', () => {
    const [before, after] = [eraOf('2.6.28')!, eraOf('2.6.32')!];
    expect(changesBetween(before, after)).toContain('skbShift');
    const ahead = eraOf('2.6.28+skbShift')!;
    expect([ahead.skbShift, before.skbShift]).toEqual([true, false]);
    expect(ahead.changes.size).toBe(before.changes.size + 1);
    expect(eraOf('2.6.28+noSuchChange')).toBeUndefined();
    expect(eraOf('2.6.28+constructor')).toBeUndefined();
    const back = eraOf('debian-6.12.117-markerCarried')!;
    expect(changesBetween(back, eraOf('debian-6.12.117')!)).toEqual(['markerCarried']);
    expect(eraOf('6.12-markerCarried')!.id).toBe(back.id);
  });
});
