// What one stream brings and another takes on: a proxy splices what it received to a second socket, and the bytes
// are still those that a producer lent on the first one.
import { Kernel, eraOf } from '@lastref/kernel';
import { ClockPicker, Recorder, WORKLOADS } from '@lastref/workloads';
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
