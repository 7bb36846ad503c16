// What an experiment counts as a fault, and what its instruments see: each of these was wrong once, and the ledger
// with it.
import { beforeAll, expect, test } from 'vitest';
import {
  broken,
  experimentsCalled,
  keyOf,
  lab,
  type AnyFacts,
  type ClaimVerdict,
  type Run,
} from '@lastref/claims';
import { IN_THE_WORD } from '@lastref/judge';
import { execute } from '../src/execute.ts';
import { clock } from '../src/run.ts';
import { interval } from '../src/words.ts';
import { allDesigns } from '@lastref/runner';
import type { Design } from '@lastref/kernel';

let designs: readonly Design[] = [];
beforeAll(async () => {
  designs = (await allDesigns()).map((d) => d.design);
});
const called = (id: string): Design => designs.find((d) => d.id === id)!;

test('a slow reader makes a right design late, which is no fault of its', () => {
  const run = clock('ian-frag-destructor', 'loopback-slow-reader', '3.8');
  const facts = execute(run, called('ian-frag-destructor')) as Extract<
    AnyFacts,
    { beside: unknown }
  >;
  expect(facts.beside.map((f) => f.property)).toContain('late');
  expect(facts.findings.filter((f) => !IN_THE_WORD.includes(f.property))).toEqual([]);
  expect(broken(facts)).toBe(false);
});

test('a reference that an operation takes past the helpers is seen', () => {
  const seen = execute(
    lab('helpers', 'naive-sendpage', '3.8'),
    called('naive-sendpage'),
  ) as unknown as {
    bare: string[];
    take: string[];
  };
  expect(seen.bare).toContain('skb_splice_bits (page)');
  expect(seen.bare).not.toContain('pskb_copy');
  expect(seen.take).toContain('pskb_copy');
});

test('GRO fills an entry in for a head, and the destructor that stood there before stays', () => {
  const seen = execute(lab('carried', 'ian-frag-destructor', '3.8'), called('ian-frag-destructor'));
  expect(seen).toMatchObject({ stale: ['skb_gro_receive (head_frag)'] });
});

test('an interval over seeds gets narrower with more of them', () => {
  const few = interval([0, 0.1, 0, 0.1]);
  const many = interval(Array.from({ length: 40 }, (_, i) => (i % 2) / 10));
  expect(few.mean).toBeCloseTo(many.mean);
  expect(many.high - many.low).toBeLessThan(few.high - few.low);
});

/** The verdict of a claim where one kind of fact was another one. */
function verdictIf(id: string, other: (run: Run) => object): ClaimVerdict {
  const [e] = experimentsCalled([id]);
  const facts = new Map(
    e!.runs.map((run) => {
      const design = called(run.design.split('~')[0]!);
      return [keyOf(run), Object.assign({}, execute(run, design), other(run))];
    }),
  );
  return e!.settle((run) => facts.get(keyOf(run)) as AnyFacts).verdict;
}

test('C7: pages that a pull-up leaves out and does not put were not eaten and freed', () => {
  const [e] = experimentsCalled(['C7']);
  const seen = execute(e!.runs[0]!, called('skb-destructor')) as unknown as { freed: number }[];
  const verdict = (facts: unknown): ClaimVerdict => e!.settle(() => facts as AnyFacts).verdict;
  expect(verdict(seen)).toBe('confirmed');
  expect(verdict(seen.map((p) => ({ ...p, freed: 0 })))).toBe('qualified');
});

test('R4: without a field for it the way back would not be what the patch adds', () => {
  const without = (run: Run): object =>
    run.kind === 'layout'
      ? { structs: [{ struct: 'skb_shared_info', adds: ['orig'], bytes: 1, growth: 1 }] }
      : {};
  expect(verdictIf('R4', () => ({}))).toBe('confirmed');
  expect(verdictIf('R4', without)).toBe('qualified');
  expect(verdictIf('R4', () => ({ parents: 0 }))).toBe('refuted');
});

test('R3: what a later kernel does to an unported patch is not held against its author', () => {
  const [e] = experimentsCalled(['R3']);
  const verdict = (failsIn: string): ClaimVerdict =>
    e!.settle((run) => {
      const fails =
        run.kind === 'operation' && run.operation === 'skb_split' && run.era === failsIn;
      return { verdict: fails ? 'refuted' : 'proven', token: null } as unknown as AnyFacts;
    }).verdict;
  expect(verdict('3.8')).toBe('qualified');
  expect(verdict('2.6.24')).toBe('refuted');
  expect(verdict('')).toBe('confirmed');
});

test('C9: a design is held to what it was made for, and what it was not made for proves nothing of it', () => {
  const [e] = experimentsCalled(['C9']);
  const failing = { findings: [{ property: 'early', harm: 'hazard' }] };
  const told = (domain: (design: string) => boolean) =>
    e!.settle((run) => {
      if (run.kind !== 'clock') return { atRelease: [] } as unknown as AnyFacts;
      const copies = {
        lent: { copiedPayloadBytes: run.design === 'copy-always' ? 1e6 : 0, segments: 1 },
      };
      const inside = run.design === 'copy-always' || domain(run.design);
      const found = run.design === 'own-acks' && inside ? { findings: [] } : failing;
      const facts = run.design === 'copy-always' ? { findings: [] } : found;
      return { ...facts, costs: copies, domain: inside } as unknown as AnyFacts;
    });
  expect(told((d) => d === 'own-acks').verdict).toBe('refuted'); // right wherever it was made for, and by reference
  const none = told(() => false);
  expect(none.verdict).toBe('qualified');
  expect(none.saw).toContain('own-acks was made for none of these workloads');
});

test('Z18: whom reviewers let into sk_buff is not read off its size', () => {
  expect(verdictOf('Z18', (r) => r)).toBe('not-settled');
  expect(verdictOf('Z18', (r) => ({ ...r, pairWith: (r['pair'] as number) + 64 }))).toBe(
    'qualified',
  );
});

test('a pointer more fits an sk_buff of every kernel, and not the pair that TCP takes in 3.8', () => {
  const run = lab('room', 'naive-sendpage', '2.6.24');
  const rows = execute(run, called('naive-sendpage')) as unknown as Record<string, unknown>[];
  expect(rows.filter((r) => r['objectWith'] !== r['object'])).toEqual([]);
  expect(rows.filter((r) => r['pairWith'] !== r['pair'])).toMatchObject([
    { kernel: '3.8', pair: 512, pairWith: 576 },
  ]);
});

test('Z18, L11 and R7 are read off structs, and would be otherwise with other structs', () => {
  expect(verdictOf('Z18', (r) => ({ ...r, objectWith: (r['object'] as number) + 64 }))).toBe(
    'confirmed',
  );
  expect(verdictOf('L11', (r) => ({ ...r, fields: ['page.p', 'page.destructor'] }))).toBe(
    'confirmed',
  );
  expect(verdictOf('L11', (r) => r)).toBe('refuted');
});

/** The verdict where each row of its only instrument was changed. */
function verdictOf(id: string, change: (row: Record<string, unknown>) => object): ClaimVerdict {
  const [e] = experimentsCalled([id]);
  const run = e!.runs[0]!;
  const rows = execute(run, called(run.design)) as unknown as Record<string, unknown>[];
  return e!.settle(() => rows.map(change) as unknown as AnyFacts).verdict;
}

test('Z10 says nothing where no pointer lasts in one layer either', () => {
  const [z10] = experimentsCalled(['Z10']);
  const settled = (inQueue: number) => {
    const facts = { lab: [{ sent: 9, kept: 0, inQueue }], clock: { findings: [], verdicts: {} } };
    return z10!.settle((run) => facts[run.kind as 'lab' | 'clock'] as unknown as AnyFacts).verdict;
  };
  expect([settled(0), settled(9)]).toEqual(['not-settled', 'confirmed']);
});
