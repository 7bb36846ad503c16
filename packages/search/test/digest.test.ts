// What a run left behind, as a token keeps it: a machine that differs in what happened has another digest, one that
// differs in names or in what is still possible has the same.
import { SingleStep, TcpSock, eraOf } from '@lastref/kernel';
import { miniature, workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { Cell, digestOf } from '../src/index.ts';

/** A write is under way: pages are in the write queue. */
function halfway(): { cell: Cell; sk: TcpSock } {
  const workload = miniature(workloadCalled('nfs-odirect')!, 1);
  const cell = new Cell({ design: ian, workload, era: eraOf('3.8')!, seed: 1 });
  const sending = (): TcpSock | undefined =>
    cell.k.holders.find(
      (h): h is TcpSock => h instanceof TcpSock && (h.writeQueue.last?.shinfo.nrFrags ?? 0) > 0,
    );
  while (sending() === undefined) cell.clock();
  return { cell, sk: sending()! };
}

const digest = (change: (at: { cell: Cell; sk: TcpSock }) => void): string => {
  const at = halfway();
  change(at);
  return digestOf(at.cell.k, 1);
};
const plain = digest(() => {});

test.each<[string, (at: { cell: Cell; sk: TcpSock }) => void]>([
  ['a state', ({ sk }) => (sk.sndWnd += 1)],
  ['a time', ({ sk }) => (sk.writeQueue.first!.when += 1)],
  ['a count', ({ sk }) => (sk.retransmits += 1)],
  ['the clock', ({ cell }) => (cell.k.agenda.now += 1)],
  [
    'a byte that waits',
    ({ cell, sk }) => (cell.k.mem[sk.writeQueue.last!.shinfo.frags[0]!.page.address]! ^= 1),
  ],
  ['a cost', ({ cell }) => (cell.k.cost[0]! += 1)],
])('%s that differs shows', (_, change) => {
  expect(digest(change)).not.toBe(plain);
});

test('a name does not, nor an idle timer, nor a design', () => {
  expect(digest(({ sk }) => (sk.writeQueue.first!.gen += 1))).toBe(plain);
  expect(
    digest(({ cell }) => {
      class Idle extends SingleStep {
        take(): boolean {
          return false;
        }
      }
      cell.k.agenda.add(new Idle('nobody', 'waits'));
    }),
  ).toBe(plain);
  expect(digest(({ cell }) => Reflect.set(cell.k.lifetime, 'thought', () => 1))).toBe(plain);
});
