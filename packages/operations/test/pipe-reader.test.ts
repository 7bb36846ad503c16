// Pages that were spliced from a socket to a pipe are read there by a program, when it likes: what kernels show in every run.
import { eraOf, type Design } from '@lastref/kernel';
import { expect, test } from 'vitest';
import { design as counted } from '../../../strategies/ian-frag-destructor.ts';
import { design as zerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as foreign } from '../../../strategies/page-foreign.ts';
import { design as acked } from '../../../strategies/tcp-ack-callback.ts';
import { OPERATIONS, runMatrixCell, type MatrixCell } from '../src/index.ts';

const cell = (design: Design, id: string, era: string): MatrixCell =>
  runMatrixCell(
    design,
    OPERATIONS.find((o) => o.id === id)!,
    eraOf(era)!,
  );

test('told at the ACK, or by a count that splice does not take: the program reads changed bytes', () => {
  for (const id of ['tcp_splice_read', 'skb_splice_bits (page)'])
    for (const [design, era] of [
      [acked, '5.10.223'],
      [acked, '7.2.13'],
      [counted, '3.8'],
    ] as const)
      expect(cell(design, id, era)).toMatchObject({ property: 'corrupt', harm: 'delivered' });
});

test('what was copied on its way up is of the reader itself', () => {
  expect(cell(zerocopy, 'tcp_splice_read', '7.2.13').verdict).toBe('copied');
});

test('pages that a driver keeps by itself have no reader: early, and nobody is hurt', () => {
  expect(cell(counted, 'driver frag', '3.8')).toMatchObject({ property: 'early', harm: 'hazard' });
});

test('the one driver of the kernel that does so has a reader: a backend of Xen sends what it has mapped, though the packet is gone', () => {
  const of = (design: Design, era: string) => cell(design, 'xennet_release_tx_bufs', era);
  expect(of(counted, '3.8').verdict).toBe('n/a'); // up to 3.13 it keeps no page
  for (const design of [counted, zerocopy, acked])
    expect(of(design, '7.2.13')).toMatchObject({ property: 'corrupt', harm: 'wire' });
  expect(of(foreign, '7.2.13')).toMatchObject({ verdict: 'proven' }); // who counts pages waits for it
  expect(of(foreign, '7.2.13').heldBy).toContain('backend');
});
