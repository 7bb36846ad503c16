// The battery that every design goes through on every workload. It says nothing about who is right: it says that
// the machine is deterministic and leaks nothing, that traces are what they claim to be, and that canaries sing.
import fc from 'fast-check';
import type { Finding, Property } from '@lastref/judge';
import { eraOf, type Design } from '@lastref/kernel';
import { WORKLOADS, traceLength, type Trace, type Workload } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { allDesigns, canaries } from '@lastref/runner';
import { pagesInUse } from './owners.ts';
import { Cell, type CellInput, type CellResult } from '@lastref/search';
import { LONG, sample } from '../../scripts/tier.ts';

const designs = (await allDesigns()).map((file) => file.design);
const wrong = (await canaries()).map((file) => file.design);
const all = [...designs, ...wrong];

const SEED = 11;

/** What a finding is, apart from how often it showed by the end of a longer run. */
function essence(findings: readonly Finding[]): object[] {
  return findings.map(({ count: _, ...finding }) => finding);
}

/** A run by the clock with its whole trace. */
function record(input: CellInput): { cell: Cell; result: CellResult; trace: Trace } {
  const cell = new Cell(input);
  const result = cell.runByClock();
  return { cell, result, trace: cell.recorder.upTo(result.steps) };
}

function battery(input: CellInput): CellResult {
  const { cell, result, trace } = record(input);
  const at = `${input.design.id} on ${input.workload.id}`;

  // The trace of a run gives the same run. (That a seed does so shows in the committed comparison.)
  expect(traceLength(trace)).toBe(result.steps);
  const replayed = new Cell(input).play(trace);
  expect(replayed.digest, `${at}: replayed`).toBe(result.digest);
  expect(replayed.judgement, `${at}: replayed`).toEqual(result.judgement);

  // Nothing is left: no packet, and no reference to a page but its owner's.
  const { k } = cell;
  const used = { skbs: k.skbs.used, fclones: k.fclones.used, shinfos: k.shinfos.used };
  expect(used, `${at}: packets left`).toEqual({ skbs: 0, fclones: 0, shinfos: 0 });
  const held = pagesInUse(k);
  expect(
    held.map((page) => `page#${page.slot}: ${page.count}`),
    at,
  ).toEqual([]);

  // The first finding of each property is there at the end of the trace up to the step that it names.
  const seen = new Set<Property>();
  result.judgement.findings.forEach((finding, i) => {
    if (seen.has(finding.property)) return;
    seen.add(finding.property);
    const upTo = result.traces[i]!;
    const there = new Cell(input).play(upTo).judgement.findings;
    expect(essence(there), `${at}: ${finding.text}`).toContainEqual(essence([finding])[0]);
  });
  return result;
}

describe.each(sample(designs, 2))('$id', (design) => {
  const nth = designs.indexOf(design);

  test.each(sample(WORKLOADS, 40, nth))('$id', (workload) => {
    const { drained } = battery({ design, workload, era: eraOf('3.8')!, seed: SEED });
    expect(drained, 'nothing is pending at the horizon').toBe(true);
  });

  // The oldest kernel merges nothing and splices by clone; the newest holds retransmissions back.
  test.each(sample(['2.6.24', '3.18'], 2, nth))('Linux %s', (era) => {
    for (const id of sample(['nfs-odirect', 'bulk-loss', 'tap-slow-reader'], 3, nth >> 1)) {
      const workload = WORKLOADS.find((w) => w.id === id)!;
      const { drained } = battery({ design, workload, era: eraOf(era)!, seed: SEED });
      expect(drained, `${id}: nothing is pending at the horizon`).toBe(true);
    }
  });
});

/** Some of the deviations of `trace`, the clock steps between them changed, and an end of its own. */
function partOf(trace: Trace): fc.Arbitrary<Trace> {
  const { deviations, tail } = trace;
  const longest = Math.min(3000, traceLength(trace));
  return fc
    .record({
      kept: fc.subarray([...deviations], { maxLength: Math.min(60, deviations.length) }),
      shorten: fc.array(fc.nat(40), { minLength: 1, maxLength: 8 }),
      tail: fc.nat(Math.min(longest, Math.max(tail, 400))),
    })
    .map(({ kept, shorten, tail: end }) => ({
      deviations: kept.map((d, i) => ({
        ...d,
        after: Math.max(0, Math.min(d.after, 400) - shorten[i % shorten.length]!),
      })),
      tail: end,
    }));
}

describe('any part of a trace is a trace', () => {
  const DEVIATING = ['nfs-tcp-retransmit', 'bulk-loss', 'no-sg'];
  const workloads = WORKLOADS.filter((w) => DEVIATING.includes(w.id));

  test.each(sample(all, 12))('$id', (design: Design) => {
    for (const workload of sample(workloads, 3, all.indexOf(design))) {
      const input = { design, workload, era: eraOf('3.8')!, seed: SEED };
      const { trace } = record(input);
      fc.assert(
        fc.property(partOf(trace), (part) => {
          const cell = new Cell(input);
          const { digest, steps } = cell.play(part);
          expect(steps).toBeLessThanOrEqual(traceLength(part));
          expect(new Cell(input).play(part).digest).toBe(digest);
        }),
        { numRuns: LONG ? 6 : 2, seed: SEED },
      );
    }
  });

  test('of any design, on any other', () => {
    for (const workload of workloads.filter((w) => w.id !== 'nfs-tcp-retransmit')) {
      const { trace } = record({ design: designs[0]!, workload, era: eraOf('3.8')!, seed: SEED });
      expect(trace.deviations.length, workload.id).toBeGreaterThan(0);
      for (const design of sample(all, 12, workloads.indexOf(workload))) {
        const input = { design, workload, era: eraOf('3.18')!, seed: SEED + 1 };
        expect(new Cell(input).play(trace).steps, design.id).toBeGreaterThan(0);
      }
    }
  });

  test('a prefix is the beginning of the run', () => {
    const design = designs.find((d) => d.id === 'ian-frag-destructor')!;
    const workload = WORKLOADS.find((w) => w.id === 'bulk-loss')!;
    const input = { design, workload, era: eraOf('3.8')!, seed: SEED };
    const { cell, result } = record(input);
    const cut = Math.floor(result.steps / 2);
    const half = new Cell(input).play(cell.recorder.upTo(cut));
    expect(half.steps).toBe(cut);
    expect(half.ticks).toBeLessThan(result.ticks);
    expect(half.drained).toBe(false);
  });
});

/** Workloads that lend nothing, or whose producer knows by itself when it has its pages back. */
const UNASKED: readonly string[] = ['ordinary', 'netback-grant-copy'];

describe('the canaries are caught', () => {
  const EXPECTED: Readonly<Record<string, readonly Property[]>> = {
    'canary-forgets-ref': ['early', 'double'],
    'canary-never-tells': ['lost'],
  };

  const refuted = (design: Design, workload: Workload): Property[] => {
    const cell = new Cell({ design, workload, era: eraOf('3.8')!, seed: SEED });
    const { verdicts } = cell.runByClock().judgement;
    return (Object.keys(verdicts) as Property[]).filter((p) => verdicts[p] === 'refuted');
  };

  test.each(wrong)('$id', (design) => {
    battery({ design, workload: WORKLOADS[0]!, era: eraOf('3.8')!, seed: SEED });
    const expected = EXPECTED[design.id] ?? [];
    const caught = new Set<Property>();
    const enough = () => !LONG && caught.size > 0 && expected.every((p) => caught.has(p));
    for (const workload of WORKLOADS) {
      if (enough()) break;
      for (const property of refuted(design, workload)) caught.add(property);
    }
    for (const property of expected) expect(caught).toContain(property);
    expect(caught.size).toBeGreaterThan(0);
  });

  test('each of them is known here', () => {
    const ids = wrong.map((design) => design.id);
    for (const id of Object.keys(EXPECTED)) expect(ids).toContain(id);
  });

  test('the silent one loses every loan that it takes', () => {
    const design = wrong.find((d) => d.id === 'canary-never-tells')!;
    for (const workload of WORKLOADS) {
      if (UNASKED.includes(workload.id)) continue;
      expect(refuted(design, workload), workload.id).toContain('lost');
    }
  });
});
