// Every workload can be had small: the same world with one to eight operations of one page, and little else on its
// agenda. An exhaustive search needs that; here the clock alone drives them.
import { MINIATURE_MAX, WORKLOADS, miniature, workloadCalled } from '@lastref/workloads';
import { eraOf, type Design } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { allDesigns, decodeToken, tokenOf, Isolate } from '@lastref/runner';
import { replay } from '@lastref/runner/replay';
import { Cell } from '@lastref/search';
import { house } from '../src/house.ts';
import { sample } from '../../scripts/tier.ts';

const designs = (await allDesigns()).map((file) => file.design);
const era = eraOf('3.8')!;
const named = (id: string): Design => designs.find((d) => d.id === id)!;
const copies = named('copy-always');
const replies = named('rpc-reply');

describe.each(WORKLOADS)('$id in miniature', (workload) => {
  test.each(designs)('runs to its end under $id', (design: Design) => {
    const turn = designs.indexOf(design);
    for (const operations of sample([1, 2, MINIATURE_MAX], 3, turn)) {
      const cell = new Cell({ design, workload: miniature(workload, operations), era, seed: 1 });
      const result = cell.runByClock();
      expect(result.drained, `${operations} operations`).toBe(true);
      // a design that loses a completion starves its producer of pages
      expect(result.judgement.loans).toBeLessThanOrEqual(operations);
    }
  });

  test.each([1, 2, 5])('lends %i times', (operations) => {
    const input = { design: copies, workload: miniature(workload, operations), era, seed: 1 };
    const { judgement } = new Cell(input).runByClock();
    expect(judgement.loans).toBe(workload.id === 'ordinary' ? 0 : operations);
  });

  test('has few sources of steps', () => {
    const count = (operations: number): number =>
      new Cell({ design: replies, workload: miniature(workload, operations), era, seed: 1 }).k
        .agenda.sources.length;
    expect(count(1)).toBeLessThanOrEqual(20);
  });
});

describe('the name of a miniature', () => {
  test('is the name of its workload and the number of its operations', () => {
    expect(workloadCalled('nfs-odirect~2')?.id).toBe('nfs-odirect~2');
    expect(workloadCalled('nfs-odirect')?.id).toBe('nfs-odirect');
    for (const id of ['nfs-odirect~0', 'nfs-odirect~9', 'nfs-odirect~', 'nothing~1', 'capture~1'])
      expect(workloadCalled(id), id).toBeUndefined();
    for (const operations of [0, 9, 1.5, Number.NaN])
      expect(() => miniature(WORKLOADS[0]!, operations)).toThrow(RangeError);
  });

  test('stands in a token, and the token replays', async () => {
    const workload = miniature(
      WORKLOADS.find((w) => w.id === 'tap-slow-reader')!,
      1,
    );
    const input = { design: replies, workload, era, seed: 1 };
    const found = new Cell(input).runByClock();
    const trace = found.traces[0]!;
    const text = tokenOf(input, trace);
    const { played } = await replay(new Isolate(house), decodeToken(text), {
      until: undefined,
      capture: undefined,
      candidates: [],
    });
    const { doc } = played;
    expect(doc.same).toBe(true);
    expect(doc.findings.map((f) => f.property)).toContain(found.judgement.findings[0]!.property);
  });
});
