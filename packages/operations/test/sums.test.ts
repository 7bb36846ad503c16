// A program behind NFQUEUE that wants sums gets copies of what is lent since 3.9; one that takes packets as they are does not.
import { eraOf, type Design } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { design as naive } from '../../../strategies/naive-sendpage.ts';
import { design as zerocopy } from '../../../strategies/msg-zerocopy.ts';
import { OPERATIONS, existsIn, runMatrixCell } from '../src/index.ts';

const says = (design: Design, id: string, era: string): string => {
  const { verdict, properties } = runMatrixCell(
    design,
    OPERATIONS.find((o) => o.id === id)!,
    eraOf(era)!,
  );
  return verdict === 'refuted' ? properties.join(', ') : verdict;
};

test('sendfile is told at its return, and the packet that waits for a verdict is a copy, or is not', () => {
  for (const era of ['5.10.223', '6.1.192', 'debian-6.12.117', '7.2.13']) {
    expect(says(naive, 'nf_queue', era)).toBe('corrupt, early');
    expect(says(naive, 'nf_queue (sums)', era)).toBe('early'); // the write queue alone has the pages: nobody reads them
    expect(says(zerocopy, 'nf_queue (sums)', era)).toBe('copied');
  }
});

test('before 3.9 nobody asked, and before 3.10 every program got sums: pages waited', () => {
  expect(says(naive, 'nf_queue', '3.8')).toBe('corrupt, early');
  const sums = OPERATIONS.find((o) => o.id === 'nf_queue (sums)')!;
  expect(['3.8', '3.18'].map((era) => existsIn(sums, era))).toEqual([false, true]);
});
