// A cipher that is done later: whoever asked for it goes on, and the bytes have to stay where they are. On the way in it writes
// where it reads; on the way out it reads what was lent, and its references came with the pages.
import { eraOf, type Design } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as perFrag } from '../../../strategies/ian-frag-destructor.ts';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { design as pool } from '../../../strategies/page-pool.ts';
import { OPERATIONS, operationWorkload, orders, runMatrixCell } from '../src/index.ts';

const operation = (id: string) => OPERATIONS.find((o) => o.id === id)!;
const cell = (design: Design, id: string, era: string, faults = false) =>
  runMatrixCell(design, operation(id), eraOf(era)!, { faults });

/** Orders of an operation whose packet nobody else has, by who lets go, one after the other. */
const told = (design: Design, id: string) => {
  const workload = operationWorkload(operation(id), 'sole owner');
  return [...orders({ design, workload, era: eraOf('7.2.13')!, seed: 1 })].map((o) => ({
    releases: o.name.split(', '),
    told: [...o.told.values()],
  }));
};

describe('on the way out', () => {
  test('a producer is told when the engine is done, and not before, by a design that follows the page', () => {
    for (const order of told(pool, 'esp_output_tail')) {
      const engine = order.releases.findIndex((name) => name.startsWith('crypto engine'));
      expect(order.told.at(-1)).toBeGreaterThan(engine);
    }
    expect(cell(pool, 'esp_output_tail', '7.2.13').verdict).toBe('proven');
  });

  test('and when the packet has left, by one that follows the packet', () => {
    for (const order of told(msgZerocopy, 'esp_output_tail')) {
      const sent = order.releases.findIndex((name) => name.startsWith('tx completion'));
      expect(order.told.at(-1)).toBeGreaterThan(sent);
    }
  });

  test('one that counts entries is never told: the scatterlist takes the page, and leaves the destructor', () => {
    const { verdict, property } = cell(perFrag, 'esp_output_tail', '7.2.13');
    expect([verdict, property]).toEqual(['refuted', 'lost']);
  });

  test('who was told at once has the engine read what he writes next', () => {
    const { property, harm } = cell(naive, 'esp_output_tail', '7.2.13');
    expect([property, harm]).toEqual(['corrupt', 'wire']);
  });

  test('an allocation that fails once the pages are taken leaves them to nobody, until 7.0.13', () => {
    const verdicts = ['5.10.223', '6.1.192', '7.2.13-espFailureUnrefs', '7.2.13'].map((era) =>
      [false, true].map((faults) =>
        cell(pool, 'esp_output_tail', era, faults).properties.includes('lost'),
      ),
    );
    expect(verdicts).toEqual([
      [true, true], // put_page alone loses a page of a pool as well
      [false, true],
      [false, true],
      [false, false],
    ]);
  });

  test('up to 6.8 a page of a pool goes to the free list, but not in 6.1.192, which has the mend', () => {
    const stray = (era: string) => cell(pool, 'esp_output_tail', era).properties.includes('stray');
    const kernels = ['5.10.223', '7.2.13-espUnrefsPool', '6.1.192', '7.2.13'];
    expect(kernels.map(stray)).toEqual([true, true, false, false]);
  });
});

describe('on the way in', () => {
  test('the same is asked before the engine starts, and the same is written in place', () => {
    for (const era of ['3.8', '6.1.192', '7.2.13']) {
      for (const design of [perFrag, msgZerocopy, pool]) {
        const [at, later] = ['esp_input', 'esp_input (async)'].map((id) => cell(design, id, era));
        expect([later!.verdict, later!.properties], `${design.id} ${era}`).toEqual([
          at!.verdict,
          at!.properties,
        ]);
        expect(later!.runs).toBeGreaterThan(at!.runs);
      }
    }
  });
});
