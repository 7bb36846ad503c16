// Processors that take their time: a step begins when it falls due and its processor is free.
import {
  Cost,
  GetPutPage,
  Kernel,
  NoProbe,
  Side,
  SingleStep,
  eraOf,
  type Design,
  type End,
} from '@lastref/kernel';
import { expect, test } from 'vitest';
import { ProcessorPicker, Recorder } from '../src/index.ts';

const plain: Design = {
  id: 'plain',
  title: 'bare page references',
  year: 2007,
  source: 'net/core/skbuff.c (2.6.24)',
  status: 'practice',
  summary: 'Nobody is told anything.',
  adds: [],
  hooks: 0,
  claims: [],
  create: (k) => new GetPutPage(k),
};

/** Copies `bytes` for one side, and says when it began. */
class Work extends SingleStep {
  readonly k: Kernel;
  readonly side: Side;
  readonly bytes: number;
  readonly byDevice: boolean;
  began = -1;

  constructor(k: Kernel, name: string, side: Side, bytes: number, due: number, byDevice = false) {
    super(name, 'works');
    this.k = k;
    this.side = side;
    this.bytes = bytes;
    this.byDevice = byDevice;
    k.agenda.add(this);
    k.agenda.arm(this.place, due);
  }

  override get lendsNothing(): boolean {
    return this.side === Side.PEER;
  }

  take(): boolean {
    this.began = this.k.agenda.now;
    this.k.agenda.disarm(this.place);
    this.k.cost[this.side + Cost.COPIED_BYTES]! += this.bytes;
    return true;
  }
}

/** When each of `works` begins. */
function run(end: End, works: (k: Kernel) => Work[]): number[] {
  const k = new Kernel(plain, eraOf('3.8')!, new NoProbe(), 16);
  const all = works(k);
  const picker = new ProcessorPicker(k, end, 1, new Map(), new Recorder(k.agenda));
  while (picker.step(k.agenda));
  return all.map((w) => w.began);
}

// 0.1 ns a byte at the low end, 0.25 at the high one
const COPY = 100_000;

test.each([
  ['low', 10],
  ['high', 25],
] as const)('%s: what falls due while the processor is busy waits for it', (end, µs) => {
  const began = run(end, (k) => [
    new Work(k, 'first', Side.LENT, COPY, 5),
    new Work(k, 'second', Side.ORDINARY, 0, 6),
    new Work(k, 'third', Side.LENT, 0, 100),
  ]);
  expect(began).toEqual([5, 5 + µs, 100]);
});

test('the other host has a processor of its own, and a device needs none', () => {
  const began = run('high', (k) => [
    new Work(k, 'first', Side.LENT, COPY, 5),
    new Work(k, 'device', Side.LENT, 0, 6, true),
    new Work(k, 'peer', Side.PEER, 0, 7),
  ]);
  expect(began).toEqual([5, 6, 7]);
});

test('less than a microsecond adds up', () => {
  const began = run('high', (k) =>
    Array.from({ length: 9 }, (_, i) => new Work(k, `${i}`, Side.LENT, 1000, 0)),
  );
  expect(began).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2]); // a quarter each
});
