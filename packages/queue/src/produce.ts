// The campaign's side: puts on the queue what has no result, collects results, and looks again and again whether what
// is missing is still on the queue. So it makes no difference what Redis forgot, or which process was killed when.
import { setTimeout as pause } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { CampaignDocument } from '@lastref/report';
import { CouldNot, isForeign, pack, type Fault } from '@lastref/runner';
import {
  batchKey,
  impossible,
  question,
  type BatchRecord,
  type CampaignWork,
  type Versions,
} from '@lastref/runner/campaign';
import {
  KEPT_SECONDS,
  OPEN,
  PREFIX,
  headKey,
  headText,
  idOf,
  orderKey,
  pieceField,
  readResult,
  resultsKey,
  type Ended,
  type Piece,
} from './head.ts';
import { Link, type LinkOptions } from './link.ts';
import { piecesOf } from './pieces.ts';

const TRIES = 5;
const POLL_MS = 200;
/** Fields that are read in one go, jobs that are put in one go. */
const MANY = 500;
/** Workers that may try a piece which ends in an error. */
const ATTEMPTS = 3;
/** Times that a part may be said to be over and have something left. */
const ENDS_MAX = 10;
/** Without a worker for so long, somebody may have forgotten to start one. */
const LONELY_MS = 3_000;

export interface Producing extends LinkOptions {
  readonly queue: string;
  /** Told of each batch as it comes. */
  readonly onAnswer: (batch: BatchRecord) => void;
  /** Told of what candidates spoiled, in the order of the campaign, at its end. */
  readonly onFault: (fault: Fault) => void;
  /** The command that starts a worker. */
  readonly workers: string;
}

/**
 * Runs `work` by the workers of a queue. Throws UsageError and CouldNot as `Link.open` does, CouldNot where Redis stays
 * away or a piece fails on worker after worker. What is on the queue stays there then, with its results, and the same
 * call goes on.
 */
export async function produce(
  work: CampaignWork,
  versions: Versions,
  options: Producing,
): Promise<CampaignDocument> {
  const link = await Link.open(options.queue, options);
  const producer = new Producer(link, work, versions, options);
  try {
    return await producer.run();
  } finally {
    await producer.close();
  }
}

class Producer {
  private readonly link: Link;
  private readonly work: CampaignWork;
  private readonly options: Producing;
  private readonly id: string;
  private readonly head: string;
  private readonly queue: Queue;
  /** What is not over, by job. */
  private readonly missing: Map<string, Piece>;
  /** Batches that are asked for, and those that are known, by key. */
  private readonly wanted: ReadonlySet<string>;
  private readonly known: Set<string>;
  private readonly foreign: ReadonlySet<string>;
  private readonly answers: BatchRecord[] = [];
  private readonly faults = new Map<string, readonly Fault[]>();
  /** Of jobs that were said to be over, and are not. */
  private readonly tries = new Map<string, number>();
  /** Batches that came and cannot be. */
  private readonly wrong = new Set<string>();
  /** How much of the list of results was read. */
  private read = 0;
  private lonely: number | null = Date.now();

  constructor(link: Link, work: CampaignWork, versions: Versions, options: Producing) {
    this.link = link;
    this.work = work;
    this.options = options;
    const candidates = work.files.filter(isForeign).map(pack);
    this.foreign = new Set(work.files.filter(isForeign).map((f) => f.design.id));
    this.head = headText({ plan: work.plan, versions, candidates, corpus: work.corpus });
    this.id = idOf(this.head);
    this.queue = new Queue(this.id, { connection: link.redis, prefix: PREFIX });
    this.queue.on('error', () => {}); // of the connection, which says it itself
    this.missing = piecesOf(work);
    this.wanted = new Set(
      [...this.missing.values()].flatMap(({ round, design, workloads }) =>
        workloads.map((workload) => batchKey({ round, design, workload })),
      ),
    );
    this.known = new Set(work.kept.map(batchKey));
  }

  async run(): Promise<CampaignDocument> {
    const jobs = [...this.missing.keys()];
    await this.link.wait(this.queue.clean(0, 0, 'failed')); // the same command again is another try
    let returns = -1;
    while (this.missing.size > 0) {
      const again = returns >= 0;
      if (this.link.returns !== returns) {
        returns = this.link.returns;
        this.read = 0;
        await this.link.wait(this.announce());
      }
      await this.link.wait(this.look(again));
      if (this.missing.size > 0) await pause(POLL_MS);
    }
    for (const job of jobs) this.faults.get(job)?.forEach(this.options.onFault);
    const document = await question.merge(this.work, this.answers);
    await this.link.wait(this.forget());
    return document;
  }

  async close(): Promise<void> {
    if (!this.link.isAway) await this.queue.close();
    this.link.close();
  }

  /** Whoever looks for work finds the campaign. */
  private async announce(): Promise<void> {
    const { redis } = this.link;
    await redis.set(headKey(this.id), this.head, 'EX', KEPT_SECONDS);
    await redis.zadd(OPEN, 'NX', Date.now(), this.id);
  }

  /** Counts jobs before it reads results: a job goes only after its result came, so what is in neither is nowhere. */
  private async look(again: boolean): Promise<void> {
    const counts = await this.queue.getJobCounts('wait', 'active', 'delayed', 'failed');
    await this.collect();
    if ((counts['failed'] ?? 0) > 0) await this.failed();
    const there = Object.values(counts).reduce((sum, n) => sum + n, 0);
    if (there < this.missing.size) {
      await this.put();
      if (again) this.say(`${this.missing.size - there} of its jobs were gone and are put again`);
    }
    await this.lookForWorkers(counts['active'] ?? 0);
  }

  private async collect(): Promise<void> {
    const { redis } = this.link;
    for (;;) {
      const fields = await redis.lrange(orderKey(this.id), this.read, this.read + MANY - 1);
      if (fields.length === 0) return;
      const results = await redis.hmget(resultsKey(this.id), ...fields);
      for (const [i, field] of fields.entries()) {
        const result = readResult(results[i] ?? null);
        if (result !== null && 'ended' in result) await this.end(field, result.ended);
        else if (result !== null && this.isBatch(field, result.batch)) this.take(result.batch);
        else await redis.hdel(resultsKey(this.id), field); // no result stands in the place of one
      }
      this.read += fields.length;
    }
  }

  /** What cannot be is said once, and asked for again. */
  private isBatch(field: string, batch: BatchRecord): boolean {
    if (batchKey(batch) !== field) return false;
    const wrong = impossible(batch, this.work.plan);
    if (wrong === null) return true;
    if (!this.wrong.has(field)) this.say(`a batch of a worker is left out: ${field}: ${wrong}`);
    this.wrong.add(field);
    return false;
  }

  private take(batch: BatchRecord): void {
    const key = batchKey(batch);
    if (this.known.has(key) || !this.wanted.has(key)) return;
    this.known.add(key);
    this.answers.push(batch);
    this.options.onAnswer(batch);
  }

  /** A piece is over when all its batches are here: of those that came, Redis may have forgotten some. */
  private async end(field: string, { answered, faults }: Ended): Promise<void> {
    const job = field.slice(pieceField('').length);
    const piece = this.missing.get(job);
    if (piece === undefined) return;
    const { round, design } = piece;
    const keyOf = (workload: string): string => batchKey({ round, design, workload });
    const left = piece.workloads.filter((w) => !this.known.has(keyOf(w)));
    const told = this.foreign.has(design) && faults.length > 0; // a candidate was stopped, and why is said
    if (left.length === 0 || (told && !left.some((w) => answered.includes(w)))) {
      this.missing.delete(job);
      if (told) this.faults.set(job, faults);
      return;
    }
    await this.link.redis.hdel(resultsKey(this.id), field);
    this.again(job, piece, left[0]!);
  }

  /** Redis forgot a part, or whoever had it was given less, or is no worker. Throws CouldNot. */
  private again(job: string, { round, design }: Piece, workload: string): void {
    const tries = (this.tries.get(job) ?? 0) + 1;
    this.tries.set(job, tries);
    if (tries === ENDS_MAX)
      throw new CouldNot(
        `workers say that they are through with round ${round} of ${design}, and ${workload} has no batch and no reason; what was over is kept, and the same command tries again`,
      );
  }

  /** Puts what is missing on the queue; a job that is there is left as it is. */
  private async put(): Promise<void> {
    const jobs = [...this.missing].map(([jobId, piece]) => ({
      name: 'piece',
      data: this.foreign.has(piece.design) ? piece : this.unknownOf(piece),
      opts: { jobId, attempts: ATTEMPTS, removeOnComplete: true },
    }));
    for (let i = 0; i < jobs.length; i += MANY) await this.queue.addBulk(jobs.slice(i, i + MANY));
  }

  private unknownOf({ round, design, workloads }: Piece): Piece {
    const left = workloads.filter(
      (workload) => !this.known.has(batchKey({ round, design, workload })),
    );
    return { round, design, workloads: left };
  }

  /** Throws CouldNot. */
  private async failed(): Promise<void> {
    const [job] = await this.queue.getFailed(0, 0);
    if (job === undefined) return;
    const piece = this.missing.get(job.id ?? '');
    if (piece === undefined) return job.remove(); // that of somebody else, who can write there
    const { round, design } = piece;
    throw new CouldNot(
      `the workers could not do a part of round ${round} of ${design}: ${job.failedReason}; what was over is kept, and the same command tries again`,
    );
  }

  private async lookForWorkers(active: number): Promise<void> {
    if (this.lonely === null || Date.now() - this.lonely < LONELY_MS) return;
    this.lonely = null;
    const workers = await this.queue.getWorkersCount().catch(() => 1); // some services do not tell
    if (active === 0 && workers === 0)
      this.say(`no worker is there yet; one starts with: ${this.options.workers}`);
  }

  private say(what: string): void {
    this.options.say(`${this.options.who}: ${this.link.address.shown}: ${what}`);
  }

  /** Whoever runs the same campaign may do so at the same time, and then this one finds the queue no longer paused. */
  private async obliterate(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.queue.obliterate({ force: true });
        return;
      } catch (error) {
        if (tries === TRIES || !String(error).includes('non-paused')) throw error;
      }
    }
  }

  /** It is over: nothing of it stays in Redis. */
  private async forget(): Promise<void> {
    const { redis } = this.link;
    await redis.zrem(OPEN, this.id);
    await redis.del(headKey(this.id));
    await this.obliterate();
    await redis.del(resultsKey(this.id), orderKey(this.id));
  }
}
