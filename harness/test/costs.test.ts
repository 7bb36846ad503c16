// What a design costs, by what it is: larger structs, lists that it looks through, counts that two processors share.
import { beforeAll, expect, test, vi } from 'vitest';
import { eraOf, type Design } from '@lastref/kernel';
import { costsOf, figures } from '@lastref/report';
import { allDesigns, bundledCapture } from '@lastref/runner';
import { runClock } from '@lastref/runner/compare';
import { workloadCalled } from '@lastref/workloads';

type Lent = Readonly<Record<string, number>>;
/** Who calls a pointer of its own, once for a packet, a page or a range. */
const CALLS_BACK = [
  'evgeniy-partial',
  'page-foreign',
  'page-net-priv',
  'rusty-page-shinfo',
  'rusty-shinfo-orig',
  'skb-cb',
  'sock-wfree-asks-pages',
  'splice-pipe-release',
];
/** Who calls nobody before the last holder has gone. */
const CALLS_AT_THE_END = ['naive-sendpage', 'ian-frag-destructor', 'tx-count'];
const RUN = [...CALLS_BACK, ...CALLS_AT_THE_END];
const lent = new Map<string, Lent>();
const calls = new Map<string, number>();

beforeAll(async () => {
  const workload = workloadCalled('bulk-loss')!;
  const era = eraOf('3.8')!;
  for (const { design } of await allDesigns())
    if (RUN.includes(design.id)) {
      let called: { mock: { calls: readonly unknown[] } } | undefined;
      const counted: Design = {
        ...design,
        create: (k) => {
          called = vi.spyOn(k, 'called');
          return design.create(k);
        },
      };
      const { costs } = runClock({ design: counted, workload, era, seed: 1 }, 1, bundledCapture());
      lent.set(design.id, costs.lent);
      calls.set(design.id, called!.mock.calls.length);
    }
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

test.each(CALLS_BACK)('%s pays for the calls of its callback, not for the last alone', (id) => {
  expect(calls.get(id)).toBeGreaterThan(0);
});

test.each(CALLS_AT_THE_END)('%s calls nobody before the end', (id) => {
  expect(calls.get(id)).toBe(0);
});

test('a count of transmissions pays for its ranges, as whoever waits for an ACK does', () => {
  const { looked, allocDesign, completions } = lent.get('tx-count')!;
  expect(looked).toBeGreaterThan(completions!);
  expect(allocDesign).toBeGreaterThan(0);
});

test('a request is queued without a look at all that wait', () => {
  const { looked, segments } = lent.get('sock-wfree-asks-pages')!;
  expect(looked).toBeLessThan(500 * segments!);
});
