// Where does the queue become the limit? Real workers, a real Redis and a real campaign on this machine; only the batches
// are stubs: each takes the time that a real one took here, by a timer, and answers with what that one found. So 64
// machines need no 64 processors. Writes the figures into docs/scale.md.
//   npm run scale
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { house } from '../src/house.ts';
import { RUNS, piecesOf, produce, work, type Answerer } from '@lastref/queue';
import { allDesigns, codeOf, findEra, machineVersion } from '@lastref/runner';
import {
  runBatch,
  swarmWorkloads,
  type BatchRecord,
  type CampaignWork,
} from '@lastref/runner/campaign';
import { Prng, lacks } from '@lastref/workloads';
import { RedisServer } from '../../scripts/redis.ts';

const WORKERS = [1, 2, 4, 8, 16, 32, 64];
const DESIGNS = ['sock-wfree', 'ian-frag-destructor', 'rpc-reply', 'msg-zerocopy'];
const OPTIONS = { runs: 60, steps: 60, failures: false };
const ERA = '3.8';
const SAMPLES = 48;
/** A measurement takes so many pieces by each worker. */
const EACH = 2;

/** A batch that was run here. */
interface Sample {
  readonly ms: number;
  readonly batch: BatchRecord;
}

/** What a process of workers is told. */
interface Orders {
  readonly url: string;
  readonly workers: number;
  readonly samples: readonly Sample[];
  /** What a batch takes, of what it took; 0: nothing. */
  readonly pace: number;
}

async function measured(): Promise<Sample[]> {
  const designs = (await allDesigns()).filter((d) => DESIGNS.includes(d.design.id));
  const era = findEra(ERA);
  const workloads = (await swarmWorkloads(house)).filter((w) => lacks(w, era) === null);
  const prng = new Prng(1);
  const once = (): Sample => {
    const { design } = designs[prng.below(designs.length)]!;
    const workload = workloads[prng.below(workloads.length)]!;
    const before = process.cpuUsage();
    const batch = runBatch({ design, workload, era, seed: prng.below(1 << 30) }, 1, OPTIONS);
    const { user, system } = process.cpuUsage(before);
    return { ms: (user + system) / 1000, batch };
  };
  for (let n = 0; n < 8; n++) once(); // until the code is compiled
  return Array.from({ length: SAMPLES }, once);
}

/** Stubs: which sample stands for a batch follows from the batch alone. */
function stub(samples: readonly Sample[], pace: number): Answerer {
  return async ({ source, seed, round, workloads }, onAnswer) => {
    for (const [i, workload] of workloads.entries()) {
      const { ms, batch } = samples[(seed + i * 7) % samples.length]!;
      if (pace > 0) await pause(ms * pace);
      onAnswer({ ...batch, round, design: source.name, workload });
    }
  };
}

async function workers({ url, workers, samples, pace }: Orders): Promise<void> {
  const designs = await allDesigns();
  const stop = new AbortController();
  const hands = Array.from({ length: workers }, () =>
    work({
      queue: url,
      who: 'work',
      patience: 60,
      say: () => {},
      cores: 1,
      lease: 30,
      idle: null,
      candidates: false,
      designs,
      stop: stop.signal,
      answer: stub(samples, pace),
    }),
  );
  process.send!('ready');
  await once(process, 'message'); // it is over
  stop.abort();
  const { user, system } = process.cpuUsage();
  await Promise.all(hands);
  process.send!((user + system) / 1e6);
  process.disconnect();
}

interface Row {
  readonly workers: number;
  readonly pieces: number;
  readonly batches: number;
  /** From the first batch to the last. */
  readonly seconds: number;
  /** Work in the stubs, seconds. */
  readonly work: number;
  /** CPU seconds. */
  readonly redis: number;
  readonly campaign: number;
}

async function row(count: number, samples: readonly Sample[], pace: number): Promise<Row> {
  const redis = await RedisServer.start({ durable: true });
  const files = (await allDesigns()).filter((d) => DESIGNS.includes(d.design.id));
  const job = Math.ceil(RUNS / OPTIONS.runs);
  const plan = {
    era: ERA,
    seed: 1,
    rounds: Math.ceil((count * EACH) / DESIGNS.length),
    designs: files.map((d) => d.design.id),
    workloads: Array.from({ length: job }, (_, i) => `w${i}`),
    options: OPTIONS,
  };
  const whole: CampaignWork = {
    plan,
    files,
    shard: { index: 1, of: 1 },
    kept: [],
    corpus: null,
    faults: [],
  };
  const versions = {
    machine: machineVersion(),
    designs: Object.fromEntries(files.map((d) => [d.design.id, codeOf(d.design)])),
  };
  const child = fork(new URL(import.meta.url), ['workers'], { execArgv: process.execArgv });
  child.send({ url: redis.url, workers: count, samples, pace } satisfies Orders);
  await once(child, 'message');
  const [redisBefore, before] = [await redis.cpuSeconds(), process.cpuUsage()];
  let first = 0;
  let last = 0;
  let batches = 0;
  await produce(whole, versions, {
    queue: redis.url,
    who: 'campaign',
    patience: 60,
    say: () => {},
    onAnswer: () => {
      last = performance.now();
      if (batches++ === 0) first = last;
    },
    onFault: () => {},
    workers: '',
  });
  const { user, system } = process.cpuUsage(before);
  const redisCpu = (await redis.cpuSeconds()) - redisBefore;
  child.send('over');
  await once(child, 'exit');
  await redis.remove();
  const mean = samples.reduce((sum, s) => sum + s.ms, 0) / samples.length / 1000;
  return {
    workers: count,
    pieces: piecesOf(whole).size,
    batches,
    seconds: (last - first) / 1000,
    work: mean * pace * batches,
    redis: redisCpu,
    campaign: (user + system) / 1e6,
  };
}

/** Two digits: it is an estimate. */
const round = (n: number): number => Number(n.toPrecision(2));

function table(samples: readonly Sample[], rows: readonly Row[], bare: Row): string {
  const mean = samples.reduce((sum, s) => sum + s.ms, 0) / samples.length;
  const ms = (seconds: number, of: number): string => ((seconds / of) * 1000).toFixed(2);
  const lines = rows.map((r) => {
    const busy = (100 * r.work) / (r.workers * r.seconds);
    return `| ${r.workers} | ${r.pieces} | ${(r.batches / r.seconds).toFixed(1)} | ${((r.workers * 1000) / mean).toFixed(1)} | ${Math.min(100, busy).toFixed(0)} % | ${((100 * r.redis) / r.seconds).toFixed(1)} % | ${((100 * r.campaign) / r.seconds).toFixed(1)} % |`;
  });
  const most = rows.at(-1)!;
  const [redis, campaign] = [most.redis, most.campaign].map(
    (cpu) => (most.workers * most.seconds) / cpu,
  );
  return [
    `A batch (60 runs of 60 steps) took ${mean.toFixed(0)} ms of CPU here, the mean of ${samples.length}; a piece has ${Math.round(bare.batches / bare.pieces)}.`,
    '',
    '| workers | pieces | batches/s | of at most | workers busy | Redis, of a processor | campaign, of a processor |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    `By the last row one processor is used up by Redis at about ${round(redis!)} workers and by the campaign's process at`,
    `about ${round(campaign!)}: until there the queue is no limit, and nothing beyond ${most.workers} was tried. Of batches that take no time at all`,
    `64 workers brought ${round(bare.batches / bare.seconds)} a second (${ms(bare.redis, bare.pieces)} ms of Redis and ${ms(bare.campaign, bare.pieces)} ms of the campaign's process for a piece).`,
  ].join('\n');
}

if (process.argv[2] === 'workers') {
  const [orders] = (await once(process, 'message')) as [Orders];
  await workers(orders);
} else {
  const samples = await measured();
  const rows: Row[] = [];
  for (const count of WORKERS) {
    rows.push(await row(count, samples, 1));
    process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
  }
  const text = table(samples, rows, await row(64, samples, 0));
  const file = new URL('../../docs/scale.md', import.meta.url);
  const doc = readFileSync(file, 'utf8');
  const [begin, end] = ['<!-- scale -->', '<!-- /scale -->'];
  const [before] = doc.split(begin);
  const [, after] = doc.split(end);
  writeFileSync(file, `${before}${begin}\n\n${text}\n\n${end}${after}`);
  process.stdout.write(`${text}\n`);
}
