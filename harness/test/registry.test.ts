// What is listed is what is there: an operation or a design is added in one place.
import { readdirSync } from 'node:fs';
import { ERAS, eraOf, kfreeSkb, skbClone, Site } from '@lastref/kernel';
import {
  OPERATIONS,
  type Operation,
  matrixOperations,
  operationWorkloads,
  runMatrixCell,
  question,
} from '@lastref/operations';
import { matrixTable } from '@lastref/report';
import { afterEach, describe, expect, test } from 'vitest';
import { allDesigns, canaries, near, pose } from '@lastref/runner';
import { house } from '../src/house.ts';
import pc from 'picocolors';
import { LONG } from '../../scripts/tier.ts';

const strategies = new URL('../../strategies/', import.meta.url);

describe('designs', () => {
  test('every file of strategies/ is a design with the name of its file, and nothing else is', async () => {
    const files = readdirSync(strategies)
      .filter((f) => f.endsWith('.ts') && f !== 'index.ts' && !/\.(test|config)\.ts$/.test(f))
      .map((f) => f.replace(/\.ts$/, ''));
    const ids = (await allDesigns()).map((d) => d.design.id);
    expect([...ids].sort()).toEqual(files.sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('every card says where its design comes from and what it does', async () => {
    for (const { design } of [...(await allDesigns()), ...(await canaries())]) {
      expect(design.source.length, design.id).toBeGreaterThan(10);
      expect(design.summary.length, design.id).toBeGreaterThan(40);
      expect(design.year).toBeGreaterThan(2000);
      expect(design.claims.every((c) => /^[LCZFR]\d+$/.test(c))).toBe(true);
    }
  });
});

describe('an operation that is added to the registry', () => {
  const registry = OPERATIONS as Operation[];
  afterEach(() => {
    registry.splice(
      registry.findIndex((m) => m.id === 'skb_new_thing'),
      1,
    );
  });

  test('is in the matrix, and breaks the designs that its like breaks, with no other edit', async () => {
    registry.push({
      id: 'skb_new_thing',
      who: 'remote peer',
      file: 'net/core/new.c',
      since: '3.2',
      until: null,
      refs: 'a clone that is kept',
      carries: [{ what: 'page', since: null, until: null }],
      apply: (b) => b.hold(skbClone(b.k, b.packet(b.first), Site.TAP), 'somebody new'),
    });
    const mover = matrixOperations().find((m) => m.id === 'skb_new_thing')!;
    expect(operationWorkloads().map((w) => w.id)).toContain('operation-skb_new_thing-shared');
    const designs = (await allDesigns()).map((d) => d.design);
    const verdict = (id: string, era: string): string =>
      runMatrixCell(
        designs.find((d) => d.id === id)!,
        mover,
        eraOf(era)!,
      ).verdict;
    expect(verdict('ian-frag-destructor', '3.8')).toBe('proven');
    expect(verdict('skb-destructor', '3.8')).toBe('refuted');
    expect(verdict('no-clone', '3.8')).toBe('copied');
    expect(verdict('ian-frag-destructor', '2.6.24')).toBe('n/a');
  });

  test('has a row in the document and in the table that a reader sees', async () => {
    registry.push({
      id: 'skb_new_thing',
      who: 'remote peer',
      file: 'net/core/new.c',
      since: '3.2',
      until: null,
      refs: 'a clone that is kept',
      carries: [{ what: 'page', since: null, until: '3.4' }],
      apply: (b) => b.hold(skbClone(b.k, b.packet(b.first), Site.TAP), 'somebody new'),
    });
    const files = (await allDesigns()).filter((d) =>
      (LONG ? /^(skb|ian)-/ : /^skb-destructor$/).test(d.design.id),
    );
    const plan = { designs: files, eras: ['3.8'], head: false, faults: false, stopped: [] };
    const doc = await pose(house, question, plan, { here: true });
    const row = doc.rows.at(-2)!;
    expect([row.mover, row.file, row.carries]).toEqual(['skb_new_thing', 'net/core/new.c', []]);
    expect(Object.keys(row.cells)).toEqual(files.map((d) => d.design.id));
    expect(row.cells['skb-destructor']!.token).toMatch(/operation-skb_new_thing/);
    expect(matrixTable(doc, pc.createColors(false))).toContain('skb_new_thing');
  });

  test('that leaves a packet behind for nobody shows as a loan that is lost', async () => {
    registry.push({
      id: 'skb_new_thing',
      who: 'remote peer',
      file: 'net/core/new.c',
      since: '2.6.12',
      until: null,
      refs: 'a page reference too many',
      carries: [],
      apply: (b) => {
        const packet = b.packet(b.first);
        if (packet.shinfo.nrFrags > 0) b.k.lifetime.fragRef(packet.shinfo, packet.shinfo.frags[0]!);
        b.gone(packet);
        kfreeSkb(b.k, packet);
      },
    });
    const mover = matrixOperations().find((m) => m.id === 'skb_new_thing')!;
    const design = (await allDesigns()).find((d) => d.design.id === 'ian-frag-destructor')!.design;
    for (const era of ERAS) {
      const cell = runMatrixCell(design, mover, era);
      expect([cell.verdict, cell.property]).toEqual(['refuted', 'lost']);
    }
  });
});

test.each([
  ['iam-frag', 'ian-frag-destructor'],
  ['wfree', 'sock-wfree'],
  ['nfs', 'nfs-odirect'],
  ['something else', 'known: '],
])('a wrong name %s is answered with %s', (wrong, right) => {
  const known = ['ian-frag-destructor', 'sock-wfree', 'nfs-odirect', 'copy-always'];
  expect(near(wrong, known)).toContain(right);
});
