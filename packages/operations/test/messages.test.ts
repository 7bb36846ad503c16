// Messages above a stream, sums of AH, programs of XDP: who keeps the packet as it is, and who makes it the stack's own first.
import { eraOf, type Design } from '@lastref/kernel';
import { describe, expect, test } from 'vitest';
import { design as perFrag } from '../../../strategies/ian-frag-destructor.ts';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { design as foreign } from '../../../strategies/page-foreign.ts';
import { design as perShinfo } from '../../../strategies/rusty-shinfo-orig.ts';
import { OPERATIONS, runMatrixCell } from '../src/index.ts';

const operation = (id: string) => OPERATIONS.find((o) => o.id === id)!;
const cell = (design: Design, id: string, era = '7.2.13', joins = false) =>
  runMatrixCell(design, operation(id), eraOf(era)!, { joins });

describe('a message of clones', () => {
  test('keeps what is counted in the entry, or beside it in the shared info, until its reader has it', () => {
    for (const design of [perFrag, perShinfo]) {
      const { verdict, heldBy } = cell(design, '__strp_recv');
      expect([verdict, heldBy.includes('kcm reader')]).toEqual(['proven', true]);
    }
  });

  test('is a reader of changed bytes for whoever was told at the return', () => {
    const { property, harm } = cell(naive, '__strp_recv');
    expect([property, harm]).toEqual(['corrupt', 'delivered']);
  });
});

test('a message that is sent goes by pages alone: the destructor of an entry stays behind', () => {
  const { property, harm } = cell(perFrag, 'kcm_write_msgs');
  expect([property, harm]).toEqual(['corrupt', 'wire']);
  expect(cell(foreign, 'kcm_write_msgs').verdict).toBe('proven');
});

describe.each(['ah_input', 'ah_output'])('%s', (id) => {
  test('sums what skb_cow_data has made the stack’s own, with the verdicts of that, at once or later', () => {
    for (const era of ['2.6.38', '7.2.13']) {
      for (const design of [naive, perFrag, foreign, msgZerocopy]) {
        const cow = cell(design, 'skb_cow_data', era);
        for (const way of [id, `${id} (async)`]) {
          const { verdict, properties } = cell(design, way, era);
          expect([verdict, properties], `${way} ${design.id} ${era}`).toEqual([
            cow.verdict,
            cow.properties,
          ]);
        }
      }
    }
  });

  test('has more orders where an engine takes the sum', () => {
    expect(cell(perFrag, `${id} (async)`).runs).toBeGreaterThan(cell(perFrag, id).runs);
  });

  test('is another function before 2.6.33', () => {
    expect(cell(perFrag, id, '2.6.32').verdict).toBe('n/a');
  });
});

test('a program of XDP on any device writes into no page that was lent', () => {
  for (const id of ['netif_receive_generic_xdp', 'skb_pp_cow_data']) {
    for (const design of [perFrag, foreign, msgZerocopy])
      expect(cell(design, id).verdict, `${id} ${design.id}`).toBe('copied');
    expect(cell(naive, id).properties).toEqual(['early']);
  }
});

test('Multipath TCP lends pages of its own to its connections, and nothing of what it is given', () => {
  for (const design of [perFrag, foreign, msgZerocopy])
    expect(cell(design, 'mptcp_sendmsg_frag', '7.2.13', true).verdict, design.id).toBe('copied');
});
