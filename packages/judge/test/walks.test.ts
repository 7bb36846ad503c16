// How often the judge walks from every root: once for what was told in a step, and else only where a witness is gone. A short
// cut that is not taken changes no verdict, and makes a run many times as long: so what it saves is said here, walk by walk.
import { WORKLOADS } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { Judge } from '../src/index.ts';
import { allDesigns, runByClock } from './machine.ts';

const designs = await allDesigns();

/** A run: its steps and walks, ranges that were let go of and those that wait for it, ticks that loans were held too long. */
function figures(design: string, workload: string, judge: Judge): string {
  const { holdSamples } = runByClock(
    designs.find(({ id }) => id === design)!,
    WORKLOADS.find(({ id }) => id === workload)!,
    judge,
  );
  const { walk, ranges } = judge.evidence;
  const held = holdSamples.reduce((sum, ticks) => sum + ticks, 0);
  return `${walk.number} walks, ${ranges.spent} spent, held ${held}`;
}

test('a loan that is lost keeps its own ranges, and none of those behind them', () => {
  expect(figures('rusty-shinfo-orig', 'bulk-loss', new Judge())).toBe(
    '949 walks, 4 spent, held 5302',
  );
});

test.each([
  [
    'ian-frag-destructor',
    'nfs-odirect',
    '292 walks, 16 spent, held 0',
    '217 walks, 16 spent, held 0',
  ],
  [
    'own-acks',
    'nfs-odirect',
    '300 walks, 16 spent, held 4313191',
    '234 walks, 16 spent, held 4239479',
  ],
  ['rpc-reply', 'bulk-loss', '182 walks, 0 spent, held 0', '133 walks, 0 spent, held 0'],
  [
    'ian-frag-destructor',
    'loopback-slow-reader',
    '382 walks, 0 spent, held 303000',
    '122 walks, 0 spent, held 303000',
  ],
  [
    'ian-frag-destructor',
    'tap-slow-reader',
    '136 walks, 16 spent, held 0',
    '122 walks, 16 spent, held 0',
  ],
  [
    'ian-frag-destructor',
    'splice-proxy',
    '130 walks, 960 spent, held 0',
    '31 walks, 960 spent, held 0',
  ],
  [
    'ian-frag-destructor',
    'nfs-reconnect',
    '1244 walks, 60 spent, held 8457',
    '840 walks, 60 spent, held 8065',
  ],
  [
    'ian-frag-destructor',
    'netback-bridge',
    '306 walks, 156 spent, held 776',
    '279 walks, 156 spent, held 0',
  ],
])(
  '%s on %s: looks after every step, and with many loans under way',
  (design, workload, all, few) => {
    expect(figures(design, workload, new Judge())).toBe(all);
    const sparse = new Judge();
    sparse.watchAll = 0;
    expect(figures(design, workload, sparse)).toBe(few);
  },
);
