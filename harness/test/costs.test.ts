// What a design costs, by what it is: larger structs, lists that it looks through, counts that two processors share.
import { beforeAll, expect, test } from 'vitest';
import { eraOf } from '@lastref/kernel';
import { costsOf, figures } from '@lastref/report';
import { allDesigns, bundledCapture } from '@lastref/runner';
import { runClock } from '@lastref/runner/compare';
import { workloadCalled } from '@lastref/workloads';

type Lent = Readonly<Record<string, number>>;
const lent = new Map<string, Lent>();

beforeAll(async () => {
  const workload = workloadCalled('bulk-loss')!;
  const era = eraOf('3.8')!;
  for (const { design } of await allDesigns())
    if (['naive-sendpage', 'ian-frag-destructor', 'sock-wfree-asks-pages'].includes(design.id))
      lent.set(
        design.id,
        runClock({ design, workload, era, seed: 1 }, 1, bundledCapture()).costs.lent,
      );
});

const of = (id: string) => figures(costsOf(lent.get(id)!, lent.get(id)!['segments']!))!;

/** Of each packet that was made: who is told late has other packets, and not as many for a segment. */
function eachPacket(id: string): { readonly headBytes: number; readonly ns: number } {
  const packets = lent.get(id)!['allocSkb']! / lent.get(id)!['segments']!;
  return { headBytes: of(id).headBytes / packets, ns: of(id).ns / packets };
}

test('a pointer in each fragment is more lines, in heads of the class that they were of: 304 bytes for headers leave that much room', () => {
  const [own, plain] = [eachPacket('ian-frag-destructor'), eachPacket('naive-sendpage')];
  expect(own.headBytes).toBeLessThan(1.1 * plain.headBytes);
  expect(own.ns).toBeGreaterThan(plain.ns);
});

test('a callback that looks through a queue pays for every request that it looks at', () => {
  expect(lent.get('naive-sendpage')!['looked']).toBe(0);
  const { looked, completions } = lent.get('sock-wfree-asks-pages')!;
  expect(looked).toBeGreaterThan(5 * completions!);
});

test('a page that a system call lends and an ACK lets go is counted on two processors', () => {
  expect(of('naive-sendpage').away).toBeGreaterThan(0.1);
  expect(of('naive-sendpage').nsHigh).toBeGreaterThan(of('naive-sendpage').ns);
});
