// kill -9 of workers, of Redis and of the campaign itself at random moments, twenty times: the bytes of an undisturbed run.
import { setTimeout as pause } from 'node:timers/promises';
import { Prng } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { REDIS } from '../../scripts/redis.ts';
import { Disturbed, type Victim, foundIn } from './house/disturbed.ts';
import { lastref } from './run-cli.ts';

const KILLS = 20;
const WORKERS = 2;
const ROUNDS = 12;
const DESIGNS = ['sock-wfree', 'rpc-reply'];
const WORKLOADS = ['sendfile-locked~2', 'operation-skb_clone-shared', 'operation-skb_shift-shared'];
const BATCHES = ROUNDS * DESIGNS.length * WORKLOADS.length;
const CAMPAIGN = [
  'campaign',
  '--designs',
  DESIGNS.join(),
  '--workloads',
  WORKLOADS.join(),
  '--runs',
  '8',
  '--rounds',
  String(ROUNDS),
  '--json',
];

describe.skipIf(REDIS === null)('killed twenty times (with redis-server)', () => {
  test.each([
    ['that keeps what it answered (appendfsync always)', true, 1],
    ['that forgets everything', false, 2],
  ] as const)(
    'a campaign with a Redis %s finds the same bytes',
    async (_, durable, seed) => {
      const prng = new Prng(seed);
      // At so many batches, and some moments after; before the last ones, so that each kill disturbs something.
      const moments = Array.from({ length: KILLS }, () => prng.below(BATCHES - 10));
      const run = await Disturbed.begin(CAMPAIGN, { workers: WORKERS, durable });
      const killed = { worker: 0, redis: 0, campaign: 0 };
      for (const moment of moments.sort((a, b) => a - b)) {
        await run.reach(moment);
        await pause(prng.below(300));
        expect(run.campaign.isOver, run.campaign.stderr).toBe(false);
        const drawn = prng.below(8);
        const victim: Victim = drawn < 4 ? 'worker' : drawn < 7 ? 'redis' : 'campaign';
        await run.kill(victim, prng.below(WORKERS));
        killed[victim]++;
      }
      const { stdout, stderr } = await run.end();
      expect(foundIn(stdout), stderr).toBe(foundIn(lastref(...CAMPAIGN).stdout));
      expect(killed.worker + killed.redis + killed.campaign).toBe(KILLS);
      expect(Math.min(killed.worker, killed.redis)).toBeGreaterThan(4);
    },
    1_200_000,
  );
});
