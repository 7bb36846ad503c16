// Which campaigns a worker takes: those whose batches come out here as anywhere else. Why it leaves another one is said
// once.
import { Queue } from 'bullmq';
import { printable } from '@lastref/report/words';
import { codeOf, machineVersion, sourceOf, unpack } from '@lastref/runner';
import type { DesignFile, Source } from '@lastref/runner';
import { changed, type Versions } from '@lastref/runner/campaign';
import { OPEN, PREFIX, headKey, readHead, type Head } from './head.ts';
import type { Link } from './link.ts';

/** One that is taken. */
export interface Campaign extends Head {
  readonly id: string;
  /** By the design's id. */
  readonly sources: ReadonlyMap<string, Source>;
}

/** Jobs that somebody has to do, or is doing. */
export async function jobsOf(link: Link, id: string): Promise<number> {
  const queue = new Queue(id, { connection: link.redis, prefix: PREFIX, skipMetasUpdate: true });
  queue.on('error', () => {});
  try {
    const counts = await queue.getJobCounts('wait', 'active', 'delayed');
    return Object.values(counts).reduce((sum, n) => sum + n, 0);
  } finally {
    await queue.close();
  }
}

export class Campaigns {
  private readonly link: Link;
  private readonly own: ReadonlyMap<string, DesignFile>;
  private readonly candidates: boolean;
  private readonly refuse: (line: string) => void;
  private readonly known = new Map<string, Campaign | null>();

  /** `own`: the repository's designs; `candidates`: may code come from the queue? */
  constructor(
    link: Link,
    own: readonly DesignFile[],
    candidates: boolean,
    refuse: (line: string) => void,
  ) {
    this.link = link;
    this.own = new Map(own.map((file) => [file.design.id, file]));
    this.candidates = candidates;
    this.refuse = (line) => refuse(printable(line)); // names are whoever's who wrote to the queue
  }

  /** The oldest one with something to do. */
  async next(): Promise<Campaign | null> {
    for (const id of await this.link.redis.zrange(OPEN, '0', '-1')) {
      const campaign = await this.look(id);
      if (campaign !== null && (await jobsOf(this.link, id)) > 0) return campaign;
    }
    return null;
  }

  private async look(id: string): Promise<Campaign | null> {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const text = await this.link.redis.get(headKey(id));
    if (text === null) {
      await this.link.redis.zrem(OPEN, id); // nobody asked for it in a week
      return null;
    }
    const head = readHead(id, text);
    const why = typeof head === 'string' ? head : this.unfit(head);
    if (why !== null) this.refuse(`campaign ${id} is left to others: ${why}`);
    const taken =
      why !== null || typeof head === 'string'
        ? null
        : { ...head, id, sources: this.sources(head) };
    this.known.set(id, taken);
    return taken;
  }

  /** Why its batches cannot be run here; null: they can. */
  private unfit({ plan, versions, candidates }: Head): string | null {
    const names = candidates.map((c) => c.name);
    if (names.length > 0 && !this.candidates)
      return `it brings code of its own (${names.join(', ')}), which this worker runs only with --candidates`;
    const designs: Record<string, string> = {};
    for (const id of plan.designs) {
      const file = this.own.get(id);
      if (names.includes(id)) designs[id] = versions.designs[id]!;
      else if (file !== undefined) designs[id] = codeOf(file.design);
    }
    const here: Versions = { machine: machineVersion(), designs };
    const other = changed(versions, here);
    return other === null ? null : `it is of another version of ${other}`;
  }

  private sources({ candidates }: Head): ReadonlyMap<string, Source> {
    const own = [...this.own.values()].map(sourceOf);
    return new Map([...own, ...candidates.map(unpack)].map((source) => [source.name, source]));
  }
}
