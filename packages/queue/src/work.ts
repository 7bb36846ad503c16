// A worker's side: takes pieces of one campaign after the other, as many at a time as there are processors, and keeps
// each batch as it is over. A worker that is killed is noticed by the others: its lease on a piece runs out.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker, type Job } from 'bullmq';
import { isForeign, pose, type DesignFile, type Fault, type House } from '@lastref/runner';
import { batchKey, type BatchRecord, type SwarmAsk } from '@lastref/runner/campaign';
import { Campaigns, jobsOf, type Campaign } from './campaigns.ts';
import { PREFIX, headKey, keepResult, pieceField, pieceSchema, resultsKey } from './head.ts';
import { Link, type LinkOptions } from './link.ts';
import { askFor, batches } from './pieces.ts';

const POLL_MS = 500;
/** Times that a piece may lose its worker before it is held to be the reason. */
const DEATHS = 25;
/** What closing may take, if Redis is away. */
const CLOSE_MS = 2_000;

export interface Working extends LinkOptions {
  readonly queue: string;
  /** Pieces at a time. */
  readonly cores: number;
  /** Seconds without a sign of life after which a worker's piece is another's. */
  readonly lease: number;
  /** Ends after so many seconds without work; null: never. */
  readonly idle: number | null;
  /** May campaigns bring code? */
  readonly candidates: boolean;
  /** The repository's designs. */
  readonly designs: readonly DesignFile[];
  /** Ends it: what is in hand is finished or given back. */
  readonly stop: AbortSignal;
  readonly answer: Answerer;
}

/** Answers an ask, telling each batch and fault as it comes. */
export type Answerer = (
  ask: SwarmAsk,
  onAnswer: (batch: BatchRecord) => void,
  onFault: (fault: Fault) => void,
) => Promise<unknown>;

/** In isolates of this machine. */
export function inIsolates(house: House): Answerer {
  return (ask, onAnswer, onFault) => pose(house, batches, [ask], { onAnswer, onFault });
}

/** What a worker did. */
export interface Done {
  readonly pieces: number;
  readonly batches: number;
}

/** A worker was told to stop in the middle of a piece. */
class GivenBack extends Error {}

/** Works until it is stopped or idle. Throws as `Link.open` does, and CouldNot where Redis stays away. */
export async function work(options: Working): Promise<Done> {
  const link = await Link.open(options.queue, options);
  try {
    return await new Labourer(link, options).run();
  } finally {
    link.close();
  }
}

class Labourer {
  private readonly link: Link;
  private readonly options: Working;
  private readonly campaigns: Campaigns;
  /** Leases by job. */
  private readonly held = new Map<string, string>();
  private pieces = 0;
  private batches = 0;
  /** Candidates take turns: what the process grows by is one's doing. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(link: Link, options: Working) {
    this.link = link;
    this.options = options;
    const refuse = (line: string): void => options.say(`${options.who}: ${line}`);
    this.campaigns = new Campaigns(link, options.designs, options.candidates, refuse);
  }

  async run(): Promise<Done> {
    const { stop, idle, who, say } = this.options;
    let since = Date.now();
    while (!stop.aborted) {
      const campaign = await this.link.wait(this.campaigns.next());
      if (campaign !== null) {
        say(`${who}: campaign ${campaign.id}`);
        await this.workOn(campaign);
        since = Date.now();
      } else if (idle !== null && Date.now() - since >= idle * 1000) break;
      else await pause(POLL_MS);
    }
    return { pieces: this.pieces, batches: this.batches };
  }

  /** Until nothing of it is left to do, or to wait for. Asks for pieces itself, so that none is taken after a stop. */
  private async workOn(campaign: Campaign): Promise<void> {
    const { cores, lease } = this.options;
    const worker = new Worker(campaign.id, null, {
      connection: this.link.redis,
      prefix: PREFIX,
      lockDuration: lease * 1000,
      stalledInterval: lease * 500,
      maxStalledCount: DEATHS,
    });
    worker.on('error', () => {}); // of the connection, which says it itself
    const renew = setInterval(() => {
      const [jobs, tokens] = [[...this.held.keys()], [...this.held.values()]];
      if (jobs.length > 0) worker.extendJobLocks(jobs, tokens, lease * 1000).catch(() => {});
    }, lease * 300);
    try {
      await this.link.wait(worker.startStalledCheckTimer());
      await Promise.all(Array.from({ length: cores }, () => this.lane(worker, campaign)));
    } finally {
      clearInterval(renew);
      const closed = worker.close(true).then(() => this.tidy(campaign)); // nothing is in hand
      await Promise.race([closed, pause(CLOSE_MS)]);
    }
  }

  /** Of a campaign that is over, asking for work has left a key of BullMQ's. */
  private async tidy({ id }: Campaign): Promise<void> {
    const { redis } = this.link;
    if ((await redis.exists(headKey(id))) === 0) await redis.del(`${PREFIX}:${id}:meta`);
  }

  private async lane(worker: Worker, campaign: Campaign): Promise<void> {
    while (!this.options.stop.aborted) {
      const token = randomUUID();
      const job = await this.link.wait(worker.getNextJob(token, { block: false }));
      if (job === undefined) {
        if ((await this.link.wait(jobsOf(this.link, campaign.id))) === 0) return;
        await pause(POLL_MS);
        continue;
      }
      this.held.set(job.id!, token);
      const ending: Promise<unknown> = this.piece(campaign, job).then<unknown, unknown>(
        () => job.moveToCompleted(null, token, false),
        (error: Error): Promise<unknown> =>
          error instanceof GivenBack
            ? job.moveToWait(token)
            : job.moveToFailed(error, token, false),
      );
      // A lost lease, or a Redis that forgot the job: its results are kept or made again all the same.
      await this.link.wait(ending.catch(() => {}));
      this.held.delete(job.id!);
    }
  }

  /** Throws GivenBack if it is told to stop, and what `answer` does. */
  private async piece(campaign: Campaign, job: Job): Promise<void> {
    const { id, sources } = campaign;
    const { redis } = this.link;
    const { stop } = this.options;
    const { success, data: piece } = pieceSchema.safeParse(job.data);
    if (!success) throw new Error('what stands there is no piece of a campaign');
    const { round, design } = piece;
    const source = sources.get(design);
    if (source === undefined) throw new Error(`it has no design ${design}`);
    const foreign = isForeign(source);
    const keyOf = (workload: string): string => batchKey({ round, design, workload });
    // A candidate's cells are all run again: what it spoils, it spoils in their order.
    const done = foreign ? new Set<string>() : await this.doneOf(id, piece.workloads, keyOf);
    const workloads = piece.workloads.filter((workload) => !done.has(workload));
    const answered = [...done];
    const faults: Fault[] = [];
    const kept: Promise<void>[] = [];
    const onAnswer = (batch: BatchRecord): void => {
      answered.push(batch.workload);
      this.batches++;
      const keeping = keepResult(redis, id, keyOf(batch.workload), { batch });
      keeping.catch(() => {}); // waited for below
      kept.push(keeping);
      if (stop.aborted && answered.length < piece.workloads.length) throw new GivenBack();
    };
    const ask = askFor(campaign, source, { ...piece, workloads });
    const answer = (): Promise<unknown> =>
      this.options.answer(ask, onAnswer, (fault) => faults.push(fault));
    try {
      if (workloads.length > 0) await (foreign ? this.inTurn(answer) : answer());
    } finally {
      await Promise.all(kept);
    }
    await keepResult(redis, id, pieceField(job.id!), { ended: { answered, faults } });
    this.pieces++;
  }

  private async doneOf(
    id: string,
    workloads: readonly string[],
    keyOf: (workload: string) => string,
  ): Promise<Set<string>> {
    if (workloads.length === 0) return new Set();
    const there = await this.link.redis.hmget(resultsKey(id), ...workloads.map(keyOf));
    return new Set(workloads.filter((_, i) => there[i] !== null));
  }

  private async inTurn(answer: () => Promise<unknown>): Promise<void> {
    const mine = this.turn.then(answer);
    this.turn = mine.catch(() => {});
    await mine;
  }
}
