// Where a producer is told, and who could have put it off: found from the step that the completion ran in.
import { DEFAULT_ERA, PARTY_NAMES, eraOf, type PartyName } from '@lastref/kernel';
import { Cell } from '@lastref/search';
import { miniature, workloadCalled } from '@lastref/workloads';
import { share, signed, stretchers } from '@lastref/report';
import { describe, expect, test } from 'vitest';
import { allDesigns } from '@lastref/runner';

const designs = (await allDesigns()).map((file) => file.design);

/** Who completed the one loan of a small run, and in which context. */
function told(design: string, workload: string): { by: PartyName[]; in: string[] } {
  const { contexts, stretchedBy } = new Cell({
    design: designs.find((d) => d.id === design)!,
    workload: miniature(workloadCalled(workload)!, 1),
    era: eraOf(DEFAULT_ERA)!,
    seed: 1,
  }).runByClock().judgement;
  return {
    by: PARTY_NAMES.filter((name) => stretchedBy[name] > 0),
    in: Object.entries(contexts).flatMap(([name, n]) => (n > 0 ? [name] : [])),
  };
}

describe('a design whose completion', () => {
  test.each([
    ['is the return of sendpage', 'naive-sendpage', 'bulk-loss', 'nobody', 'process'],
    ['is the ACK', 'tcp-ack-callback', 'bulk-loss', 'peer', 'softirq'],
    ['is the ACK, over loopback', 'tcp-ack-callback', 'loopback-slow-reader', 'peer', 'softirq'],
    [
      'is the last reference',
      'ian-frag-destructor',
      'loopback-slow-reader',
      'slow reader',
      'process',
    ],
    [
      'is the last reference, with a tap',
      'ian-frag-destructor',
      'tap-slow-reader',
      'slow reader',
      'process',
    ],
    ['copies for a tap', 'msg-zerocopy', 'tap-slow-reader', 'peer', 'process'],
    ['is the answer', 'rpc-reply', 'nfs-odirect', 'peer', 'softirq'],
    ['is the end of the socket', 'tcp-ack-callback', 'listener-stop', 'nobody', 'process'],
  ])('%s (%s on %s): %s, in %s', (_, design, workload, by, context) => {
    expect(told(design, workload)).toEqual({ by: [by], in: [context] });
  });
});

test('in words', () => {
  const none = { nobody: 0, device: 0, peer: 0, 'slow reader': 0, guest: 0 };
  expect(stretchers(none)).toBe('-');
  expect(stretchers({ ...none, nobody: 3 })).toBe('nobody');
  expect(stretchers({ ...none, nobody: 3, 'slow reader': 1, peer: 2 })).toBe('peer, slow reader');
  expect([share(0, 7), share(1, 1000), share(1, 3), share(3, 3)]).toEqual([
    '-',
    '<1 %',
    '33 %',
    '100 %',
  ]);
  expect([signed(null, 1), signed(0.01, 1), signed(-0.01, 1), signed(2, 1), signed(-2, 0)]).toEqual(
    ['-', '0.0', '0.0', '+2.0', '-2'],
  );
});
