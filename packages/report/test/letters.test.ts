// What stands beside the word in the matrix: of an operation, only what a packet in flight has not got by itself.
import { PROPERTIES, type Property } from '@lastref/judge';
import { expect, test } from 'vitest';
import { addedLetters, type MoversDocument } from '../src/index.ts';

type Row = MoversDocument['rows'][number];

const row = (mover: string, era: string, ...refuted: Property[]): Row =>
  ({
    mover,
    era,
    cells: {
      mine: {
        verdicts: Object.fromEntries(
          PROPERTIES.map((p) => [p, refuted.includes(p) ? 'refuted' : 'holds']),
        ),
      },
    },
  }) as unknown as Row;

test('letters of an operation are those that its control has not', () => {
  const rows = [
    row('control', '7.2.13', 'late', 'early'),
    row('control', '6.1.192'),
    row('packet_rcv', '7.2.13', 'late', 'unbounded', 'early'),
    row('packet_rcv', '6.1.192', 'late'),
  ];
  const doc = { rows } as unknown as MoversDocument;
  expect(rows.map((r) => addedLetters(doc, r, 'mine'))).toEqual(['', '', 'u', 'l']);
});
