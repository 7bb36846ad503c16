// Two sides and a Redis of their own. Batches are made up here, so that only the queue is on trial: nothing is lost,
// nothing is doubled, and what is not this worker's stays for others.
import { setTimeout as pause } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allDesigns, codeOf, machineVersion, type DesignFile } from '@lastref/runner';
import {
  Merged,
  batchKey,
  type BatchRecord,
  type CampaignPlan,
  type CampaignWork,
  type Versions,
} from '@lastref/runner/campaign';
import { REDIS, RedisServer } from '../../../scripts/redis.ts';
import { OPEN, headKey, idOf, orderKey, resultsKey } from '../src/head.ts';
import { piecesOf, produce, work, type Answerer, type Working } from '../src/index.ts';

const IDS = ['sock-wfree', 'rpc-reply'];
const plan: CampaignPlan = {
  era: '3.8',
  seed: 1,
  rounds: 4,
  designs: IDS,
  workloads: ['no-sg~2', 'bulk-loss~2', 'ordinary~2'],
  options: { runs: 400, steps: 5, failures: false },
};
const designs = (await allDesigns()).filter((d) => IDS.includes(d.design.id));
const versions: Versions = {
  machine: machineVersion(),
  designs: Object.fromEntries(designs.map((d) => [d.design.id, codeOf(d.design)])),
};
const work0: CampaignWork = {
  plan,
  files: designs,
  shard: { index: 1, of: 1 },
  kept: [],
  corpus: null,
  faults: [],
};

/** A batch as its key alone makes it. */
const batchOf = (round: number, design: string, workload: string): BatchRecord => ({
  round,
  design,
  workload,
  runs: 400,
  steps: workload.length * round,
  pairs: design.length,
  exercised: [],
  findings: [],
});
const all = plan.designs.flatMap((design) =>
  plan.workloads.flatMap((workload) =>
    [1, 2, 3, 4].map((round) => batchOf(round, design, workload)),
  ),
);

/** Answers after a moment, and counts how often each batch was made. */
function answerer(ms = 5): { answer: Answerer; made: Map<string, number> } {
  const made = new Map<string, number>();
  const answer: Answerer = async ({ source, round, workloads }, onAnswer) => {
    for (const workload of workloads) {
      await pause(ms);
      const batch = batchOf(round, source.name, workload);
      made.set(batchKey(batch), (made.get(batchKey(batch)) ?? 0) + 1);
      onAnswer(batch);
    }
  };
  return { answer, made };
}

describe.skipIf(REDIS === null)('a queue (with redis-server)', () => {
  let redis: RedisServer;
  let lines: string[];
  let stop: AbortController;
  beforeEach(async () => {
    redis = await RedisServer.start({ durable: false });
    lines = [];
    stop = new AbortController();
  });
  afterEach(async () => redis.remove());

  const say = (line: string): void => void lines.push(line);
  const working = (answer: Answerer, more: Partial<Working> = {}): ReturnType<typeof work> =>
    work({
      queue: redis.url,
      who: 'work',
      patience: 20,
      say,
      cores: 2,
      lease: 1,
      idle: null,
      candidates: false,
      designs,
      stop: stop.signal,
      answer,
      ...more,
    });
  const producing = (
    more: Partial<CampaignWork> = {},
    other = versions,
    got: string[] = [],
    faults: unknown[] = [],
  ) =>
    produce({ ...work0, ...more }, other, {
      queue: redis.url,
      who: 'campaign',
      patience: 20,
      say,
      onAnswer: (batch) => got.push(batchKey(batch)),
      onFault: (fault) => faults.push(fault),
      workers: 'lastref work',
    });
  const whole = () => {
    const merged = new Merged(plan);
    for (const batch of all) merged.add(batch);
    return merged.document();
  };

  test('brings every batch once, and leaves nothing in Redis', async () => {
    const { answer, made } = answerer();
    const hands = [working(answer), working(answer)];
    const got: string[] = [];
    expect(await producing({}, versions, got)).toEqual(whole());
    expect(got.sort()).toEqual(all.map(batchKey).sort());
    expect([...made.values()]).toEqual(all.map(() => 1));
    stop.abort();
    await Promise.all(hands);
    const client = new Redis(redis.url);
    const keys = await client.keys('*');
    const lasting = await Promise.all(keys.map(async (key) => (await client.ttl(key)) < 0));
    client.disconnect();
    expect(keys.filter((_, i) => lasting[i])).toEqual([]);
  });

  test('that was forgotten by Redis is filled again with what has no result', async () => {
    const { answer, made } = answerer(40);
    const hand = working(answer);
    const document = producing();
    while (made.size < 6) await pause(10);
    await redis.kill();
    await pause(300);
    await redis.start();
    expect(await document).toEqual(whole());
    stop.abort();
    await hand;
    expect(lines.filter((line) => line.startsWith('campaign: ')).slice(0, 3)).toEqual([
      `campaign: ${redis.url} went away; waiting up to 20 s for it`,
      `campaign: ${redis.url} is back`,
      expect.stringMatching(/: \d+ of its jobs were gone and are put again$/),
    ]);
  });

  test('that stays away ends both sides with a line', async () => {
    const { answer, made } = answerer(40);
    const hand = working(answer, { patience: 1 });
    const document = produce(work0, versions, {
      queue: redis.url,
      who: 'campaign',
      patience: 1,
      say,
      onAnswer: () => {},
      onFault: () => {},
      workers: '',
    });
    const ends = Promise.allSettled([document, hand]);
    while (made.size < 3) await pause(10);
    await redis.kill();
    for (const end of await ends) {
      expect(end.status).toBe('rejected');
      const { reason } = end as PromiseRejectedResult;
      expect(String(reason)).toMatch(/^CouldNot: redis:.* did not come back within 1 s$/);
    }
  });

  test('is left to others by a worker of another version, which says so once', async () => {
    const other = {
      machine: '00000001',
      designs: { ...versions.designs, 'rpc-reply': '00000002' },
    };
    const got: string[] = [];
    const document = producing({}, other, got);
    document.catch(() => {});
    await working(answerer().answer, { idle: 2 });
    const said = lines.filter((line) => line.startsWith('work: '));
    expect(said).toEqual([
      expect.stringMatching(
        /^work: campaign [0-9a-f]{16} is left to others: it is of another version of the machine \(00000001, now [0-9a-f]{8}\) and rpc-reply \(00000002, now [0-9a-f]{8}\)$/,
      ),
    ]);
    expect(got).toEqual([]);
    await redis.kill();
  });

  test('with code of its own is taken by a worker that was told to', async () => {
    const foreign: DesignFile[] = designs.map((d) =>
      d.design.id === 'rpc-reply' ? { ...d, code: 'export {}', version: '00000003' } : d,
    );
    const mine = { ...versions, designs: { ...versions.designs, 'rpc-reply': '00000003' } };
    const document = producing({ files: foreign }, mine);
    await working(answerer().answer, { idle: 1 });
    expect(lines.join('\n')).toContain(
      'it brings code of its own (rpc-reply), which this worker runs only with --candidates',
    );
    const { answer, made } = answerer();
    const hand = working(answer, { candidates: true });
    expect(await document).toEqual(whole());
    expect(made.size).toBe(all.length);
    stop.abort();
    await hand;
  });

  test('gets back what a stopped worker did not finish', async () => {
    const first = answerer(60);
    const hand = working(first.answer, { cores: 1 });
    const document = producing();
    while (first.made.size < 1) await pause(5);
    stop.abort();
    await hand;
    expect(first.made.size).toBeLessThan(4);
    stop = new AbortController();
    const second = answerer();
    const other = working(second.answer);
    expect(await document).toEqual(whole());
    for (const [key, times] of second.made) expect(times + (first.made.get(key) ?? 0)).toBe(1);
    stop.abort();
    await other;
  });

  test('is not over where workers say so and have left something out', async () => {
    const hand = working(async () => {});
    await expect(producing()).rejects.toThrow(
      /^workers say that they are through with round \d of (sock-wfree|rpc-reply), and no-sg~2 has no batch and no reason; /,
    );
    stop.abort();
    await hand;
  });

  test('takes no batch that nobody asked for, and no blame of a design that brings no code', async () => {
    const { answer } = answerer();
    let forged = false;
    const forging: Answerer = async (ask, onAnswer, onFault) => {
      if (!forged) for (const round of [1, 99]) onAnswer(batchOf(round, 'nobody', 'no-sg~2'));
      forged = true;
      const blame = { where: null, hook: null, rule: 'r', text: 'it broke a rule' };
      onFault({ design: 'sock-wfree', ...blame });
      await answer(ask, onAnswer, onFault);
    };
    const hand = working(forging);
    const faults: unknown[] = [];
    expect(await producing({}, versions, [], faults)).toEqual(whole());
    expect(faults).toEqual([]);
    stop.abort();
    await hand;
  });

  test('believes no batch that cannot be, says so once, and has it made again', async () => {
    const { answer } = answerer();
    const lies = new Map<string, number>();
    const lying: Answerer = async (ask, onAnswer, onFault) => {
      const told = (batch: BatchRecord): void => {
        const key = batchKey(batch);
        const times = lies.get(key) ?? 0;
        const lie = batch.round === 1 && batch.workload === 'no-sg~2' && times < 2;
        if (lie) lies.set(key, times + 1);
        onAnswer(lie ? { ...batch, runs: 0 } : batch);
      };
      await answer(ask, told, onFault);
    };
    const hand = working(lying);
    expect(await producing()).toEqual(whole());
    const said = lines.filter((one) => one.includes('a batch of a worker is left out'));
    expect(said.map((one) => one.replace(/^.*left out: /, '')).sort()).toEqual([
      '1 rpc-reply no-sg~2: 0 runs, where 400 were asked for',
      '1 sock-wfree no-sg~2: 0 runs, where 400 were asked for',
    ]);
    stop.abort();
    await hand;
  });

  test('makes anew what somebody wrote in the place of a result', async () => {
    const document = producing();
    const client = new Redis(redis.url);
    let ids: string[] = [];
    while (ids.length === 0) ids = await client.zrange(OPEN, '0', '-1');
    const key = batchKey(all[0]!);
    for (const text of ['{', '{"batch":7}']) {
      await client.hset(resultsKey(ids[0]!), key, text);
      await client.rpush(orderKey(ids[0]!), key);
    }
    const other = '{';
    await client.set(headKey(idOf(other)), other);
    await client.zadd(OPEN, 'NX', '1', idOf(other));
    await client.set(headKey('\u001b[2J'), 'x');
    await client.zadd(OPEN, 'NX', '1', '\u001b[2J');
    client.disconnect();
    const hand = working(answerer().answer);
    expect(await document).toEqual(whole());
    expect(lines.filter((one) => one.includes('is left to others'))).toEqual([
      expect.stringContaining('its description is not the one'),
      expect.stringContaining('it is not of this lastref'),
    ]);
    expect(lines.join('')).not.toContain('\u001b');
    stop.abort();
    await hand;
  });

  test('takes no failure for its own of work that somebody else put there', async () => {
    const document = producing();
    const client = new Redis(redis.url);
    let ids: string[] = [];
    while (ids.length === 0) ids = await client.zrange(OPEN, '0', '-1');
    const other = new Queue(ids[0]!, { connection: client, prefix: 'lastref' });
    const jobs = [{ round: 1, design: '__proto__', workloads: ['no-sg~2'] }, 'x', { round: 0.5 }];
    for (const [i, job] of jobs.entries())
      await other.add('piece', job, { jobId: `no-${i}`, lifo: true });
    const hand = working(answerer().answer);
    expect(await document).toEqual(whole());
    stop.abort();
    await hand;
    await other.close();
    client.disconnect();
  });

  test('says what Redis refuses, and does not take it for a bug of ours', async () => {
    const said = producing().then(String, (error: Error) => error.message);
    const client = new Redis(redis.url);
    let ids: string[] = [];
    while (ids.length === 0) ids = await client.zrange(OPEN, '0', '-1');
    await client.set(orderKey(ids[0]!), 'x');
    expect(await said).toMatch(/^redis:\S*: it refuses .*: WRONGTYPE/);
    client.disconnect();
  });

  test('says which part fails on worker after worker, and why', async () => {
    const hand = working(async () => {
      throw new Error('no space left on device');
    });
    await expect(producing()).rejects.toThrow(
      /^the workers could not do a part of round \d of (sock-wfree|rpc-reply): no space left on device; /,
    );
    stop.abort();
    await hand;
  });
});

test('a campaign is cut into the same jobs however much of it is done', () => {
  const kept = [batchOf(1, 'sock-wfree', 'no-sg~2'), batchOf(2, 'rpc-reply', 'ordinary~2')];
  const [whole, rest] = [piecesOf(work0), piecesOf({ ...work0, kept })];
  expect(whole.size).toBe(8); // 3 workloads of 400 runs are 1 job
  for (const [job, piece] of rest)
    for (const workload of piece.workloads) expect(whole.get(job)!.workloads).toContain(workload);
  const cells = [...rest.values()].reduce((n, piece) => n + piece.workloads.length, 0);
  expect(cells).toBe(all.length - kept.length);
});
