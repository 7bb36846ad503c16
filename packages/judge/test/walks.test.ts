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
  expect(figures('rusty-shinfo-orig', 'bulk-loss', new Judge())).toBe('885 walks, 4 spent, held 0');
});

test.each([
  [
    'ian-frag-destructor',
    'nfs-odirect',
    '266 walks, 16 spent, held 0',
    '208 walks, 16 spent, held 0',
  ],
  [
    'own-acks',
    'nfs-odirect',
    '275 walks, 16 spent, held 4312872',
    '224 walks, 16 spent, held 4238790',
  ],
  ['rpc-reply', 'bulk-loss', '131 walks, 0 spent, held 0', '102 walks, 0 spent, held 0'],
  [
    'ian-frag-destructor',
    'loopback-slow-reader',
    '130 walks, 0 spent, held 420000',
    '79 walks, 0 spent, held 420000',
  ],
  [
    'ian-frag-destructor',
    'tap-slow-reader',
    '126 walks, 20 spent, held 0',
    '122 walks, 20 spent, held 0',
  ],
  [
    'ian-frag-destructor',
    'splice-proxy',
    '170 walks, 966 spent, held 0',
    '30 walks, 966 spent, held 0',
  ],
  [
    'ian-frag-destructor',
    'nfs-reconnect',
    '1182 walks, 0 spent, held 0',
    '817 walks, 24 spent, held 0',
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
