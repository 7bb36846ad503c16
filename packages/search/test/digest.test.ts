// What a run left behind, as a token keeps it: a machine that differs in what happened has another digest, one that
// differs in names or in what is still possible has the same.
import {
  GetPutPage,
  SingleStep,
  TcpSock,
  allocSkb,
  eraOf,
  type Kernel,
  type Loan,
  type Services,
  type SkBuff,
} from '@lastref/kernel';
import { miniature, workloadCalled } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { Cell, MachineFingerprint, digestOf } from '../src/index.ts';

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

test('so it does to one who has never looked at a machine before', () => {
  const print = (change: (sk: TcpSock) => void): number[] => {
    const { cell, sk } = halfway();
    change(sk);
    const first = new MachineFingerprint(false);
    first.machine(cell.k);
    return [first.hi, first.lo];
  };
  const before = print(() => {});
  expect(print((sk) => (sk.sndWnd += 1))).not.toEqual(before);
  expect(print((sk) => (sk.retransmits += 1))).not.toEqual(before);
  expect(print((sk) => (sk.writeQueue.first!.gen += 1))).toEqual(before);
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

test('what a design puts where the machine keeps its own does not count, whatever is in it', () => {
  class Note {
    text = 'a';
    f = (): void => undefined;
  }
  const noted = (text: string) =>
    digest(({ sk }) => {
      const note = Object.assign(new Note(), { text }) as unknown as Loan;
      sk.writeQueue.first!.shinfo.loan = note;
      sk.writeQueue.last!.shinfo.loan = note;
    });
  expect(noted('a')).toBe(noted('b'));
});

test('nor does what a design adds to packets with a field of its own, or leaves in them where none was said to be', () => {
  class Adds extends GetPutPage {
    readonly notes = this.k.sideField<SkBuff, unknown>();
  }
  const noted = (note: unknown, mine: object) => {
    const input = {
      ...halfway().cell.input,
      design: { ...ian, create: (k: Services) => new Adds(k) },
    };
    const { k } = new Cell(input);
    const skb = allocSkb(k, 100, false);
    (k.holders as unknown[]).push(skb);
    (k.lifetime as Adds).notes.set(skb, note);
    Object.assign(skb, mine);
    return digestOf(k, 1);
  };
  const none = noted(null, {});
  expect([noted(1, {}), noted([2], {}), noted(null, { mine: 3 })]).toEqual([none, none, none]);
});

test('the same things give the same number on any machine, as a token keeps it', () => {
  const mem = Uint8Array.from({ length: 8192 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 13);
  const list: unknown[] = [1, -1, 0.5, -0, 2 ** 40, 'text', 7n, true, false, null, undefined];
  const values = [
    ...list,
    list,
    [list, [list]],
    new Map<unknown, unknown>([['a', list]]),
    new Set([3]),
    { a: 1, b: [2] },
    Int32Array.of(5, -6),
    Array(2),
  ];
  const print = new MachineFingerprint(false);
  const rest = { agenda: { now: 9 }, releases: 8, allocations: 7, producers: null, sideFields: [] };
  const sums = [
    [0, 4096],
    [4096, 4096],
    [4096, 4096],
    [3, 30],
    [1, 2],
    [8, 7],
    [8, 8],
    [0, 0],
  ].map(([at, size]) => {
    print.machine({ ...rest, mem, holders: values } as unknown as Kernel);
    print.bytes(at!, size!);
    return print.lo ^ print.hi;
  });
  expect(sums).toEqual([
    473351003, 646407176, 646407176, -213965639, 893088311, -87401510, 1472406367, 761158599,
  ]);
});
