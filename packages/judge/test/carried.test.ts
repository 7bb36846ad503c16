// What one stream brings and another takes on: a proxy splices what it received to a second socket, and the bytes
// are still those that a producer lent on the first one.
import { Kernel, NoProbe, Reader, eraOf, type Probe } from '@lastref/kernel';
import { ClockPicker, Recorder, WORKLOADS, wholePages } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { Judge, Oracle } from '../src/index.ts';
import { allDesigns, byHand, complete, readersOf, runByClock, sceneOf } from './machine.ts';

test('told while the second connection has the pages, the producer changes what its client gets', () => {
  const scene = sceneOf(byHand, { proxy: true });
  const { k, judge, writer, cast } = scene;
  cast.nic.stalls();
  cast.writer.lends();
  expect(readersOf(k, writer.pages[0]!).sort()).toEqual(['tx ring', 'write queue']);
  complete(scene);
  cast.nic.resumes();
  cast.stage.end();
  judge.finish(true);
  const found = judge.findings.map((f) => `${f.property} ${f.where} ${f.loan}`);
  expect(found).toEqual(['early write queue 1', 'corrupt nic 1', 'corrupt application 1']);
});

test('told when the second connection is done with them, it changes nothing', () => {
  const scene = sceneOf(byHand, { proxy: true });
  const { k, judge, writer, cast } = scene;
  cast.writer.lends();
  expect(readersOf(k, writer.pages[0]!)).toEqual([]);
  complete(scene);
  cast.stage.end();
  judge.finish(true);
  expect(judge.findings).toEqual([]);
  expect(judge.judgement().reads['application']).toBeGreaterThan(0);
});

const proxy = WORKLOADS.find((w) => w.id === 'splice-proxy')!;

test.each(['ian-frag-destructor', 'rusty-shinfo-orig', 'rpc-reply', 'page-foreign'])(
  'the second opinion sees the same changed reads under %s',
  async (id) => {
    const design = (await allDesigns()).find((d) => d.id === id)!;
    const { findings } = runByClock(design, proxy, new Judge());
    const oracle = new Oracle();
    const k = new Kernel(design, eraOf('3.8')!, oracle, proxy.frames);
    oracle.attach(k);
    const { chances } = proxy.build(k, 1);
    const picker = new ClockPicker(1, chances, new Recorder(k.agenda));
    while (picker.step(k.agenda)) oracle.afterStep();
    const changed = new Set(oracle.changed.map((c) => c.reader as string));
    const corrupt = findings.filter((f) => f.property === 'corrupt').map((f) => f.where);
    expect([...changed].sort()).toEqual(corrupt.sort());
  },
);

/** Stream bytes that no machine uses: the flow that a proxy would send on. */
const ONWARD = 40;

test.each<[string, number, number, number[]]>([
  ['all of both pages', 0, 8192, [0, 4095, 4096, 8191]],
  ['all but the last byte', 0, 8191, [0, 8190]],
  ['the first page alone', 0, 4096, [0, 4095]],
  ['one byte more than the first page', 0, 4097, [4095, 4096]],
  ['one byte on each side of the seam', 4095, 2, [0, 1]],
  ['one byte, the last', 8191, 1, [0]],
])('carried on: %s', (_, from, size, changed) => {
  const lendings: { flow: number; seq: number }[] = [];
  class Notes extends NoProbe {
    override lent(...[, , , , flow, seq]: Parameters<Probe['lent']>): void {
      lendings.push({ flow, seq });
    }
  }
  const judgedAfter = (at: number): string[] => {
    const operations = [[...wholePages(2)]];
    const { k, judge, writer, cast } = sceneOf(byHand, { operations }, new Judge(), new Notes());
    cast.writer.lends();
    const { flow, seq } = lendings.at(-2)!;
    judge.carried(ONWARD, 7, size, flow, (seq + from) | 0);
    // one byte of what goes on is another one when the client reads it
    const place = from + at;
    const page = writer.pages[place >> 12]!;
    const address = page.address + (place & 4095);
    k.mem[address]! ^= 0x80;
    judge.read(Reader.APPLICATION, ONWARD, (7 + at) | 0, 1, address, null);
    k.mem[address]! ^= 0x80;
    return judge.everything.map((f) => f.property);
  };
  const expected = new Map(changed.map((at) => [at, ['written']]));
  // what was not carried is nobody's there
  if (from + size < 8192) expected.set(size, []);
  if (from > 0) expected.set(-1, []);
  const found = new Map([...expected.keys()].map((at) => [at, judgedAfter(at)]));
  expect(found).toEqual(expected);
});
