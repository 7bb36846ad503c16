// A campaign: batches of random runs over designs and workloads, kept as they come, merged in a fixed order.
import type { CampaignDocument } from '@lastref/report';
import type { BatchOptions } from '@lastref/search';
import type { BatchRecord } from './batch.ts';
import { cellName, cellOf } from './corpus.ts';
import type { Fault } from '../candidates/rules.ts';
import { sourceOf, trustedIn, type Source } from '../candidates/source.ts';
import { digestOfDocument } from '../digest.ts';
import type { Progress } from '../progress.ts';
import type { DesignFile } from '../registry.ts';
import type { SwarmAsk } from './question.ts';

/** What makes two campaigns one: their batches can be merged. */
export interface CampaignPlan {
  readonly era: string;
  readonly seed: number;
  readonly rounds: number;
  readonly designs: readonly string[];
  readonly workloads: readonly string[];
  readonly options: BatchOptions;
  /** Digest of the corpus that it begins with. */
  readonly corpus?: string;
}

/** Which of the batches are this machine's: number `index` of `of`, from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export function batchKey(b: { round: number; design: string; workload: string }): string {
  return `${b.round} ${b.design} ${b.workload}`;
}

/** The seed of a round: rounds are far apart, and round 1 of seed n is not round 2 of seed n - 1. */
function seedOf(plan: CampaignPlan, round: number): number {
  return (Math.imul(plan.seed, 0x9e3779b1) + Math.imul(round, 0x85ebca6b)) >>> 1;
}

/** What is left to do of a campaign. */
export interface CampaignWork {
  readonly plan: CampaignPlan;
  readonly files: readonly DesignFile[];
  readonly shard: Shard;
  /** Batches that were run before, each once. */
  readonly kept: readonly BatchRecord[];
  /** Tokens of runs that earlier campaigns kept; null: none are played, and none are to be kept. */
  readonly corpus: readonly string[] | null;
  /** Of candidates: those that did not load, and by the end those that a batch stopped. */
  readonly faults: readonly Fault[];
}

/** One round of `plan` for one design. */
export function askOf(
  plan: CampaignPlan,
  source: Source,
  round: number,
  workloads: readonly string[],
  corpus: readonly string[] | null,
): SwarmAsk {
  const { era, options } = plan;
  const cells = new Set(workloads.map((workload) => cellName(era, source.name, workload)));
  const known = corpus?.filter((token) => cells.has(cellOf(token))) ?? null;
  return { source, era, round, seed: seedOf(plan, round), workloads, options, corpus: known };
}

/** Everything of this shard that is not kept already. */
export function asksOf({ plan, files, shard, kept, corpus }: CampaignWork): SwarmAsk[] {
  const done = new Set(kept.map(batchKey));
  const asks: SwarmAsk[] = [];
  let number = 0;
  for (let round = 1; round <= plan.rounds; round++) {
    for (const file of files) {
      const mine = plan.workloads.filter(() => number++ % shard.of === shard.index - 1);
      const design = file.design.id;
      const workloads = mine.filter((id) => !done.has(batchKey({ round, design, workload: id })));
      if (workloads.length === 0) continue;
      asks.push(askOf(plan, sourceOf(file), round, workloads, corpus));
    }
  }
  return asks;
}

/** Tells on stderr how far a campaign is and how long it takes. */
export function campaignProgress(work: CampaignWork, progress: Progress): (b: BatchRecord) => void {
  const total = asksOf(work).reduce((sum, ask) => sum + ask.workloads.length, 0);
  const began = process.hrtime.bigint();
  let over = 0;
  let runs = 0;
  return (batch) => {
    over++;
    runs += batch.runs;
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    const left = Math.round((seconds / over) * (total - over));
    progress.note(
      `${over}/${total} batches, ${Math.round(runs / seconds)} runs/s, ${left} s left; ${batch.design} on ${batch.workload}`,
    );
  };
}

/** Of several records of one batch the first. */
export function eachOnce(batches: readonly BatchRecord[]): BatchRecord[] {
  const seen = new Set<string>();
  return batches.filter((batch) => {
    const key = batchKey(batch);
    return !seen.has(key) && seen.add(key);
  });
}

interface Cell {
  readonly design: string;
  readonly workload: string;
  readonly properties: Set<string>;
  pairs: number;
  runs: number;
  starved: number;
}

/** One document of all batches, the same in whatever order they came. */
export class Merged {
  private readonly plan: CampaignPlan;
  private readonly best = new Map<string, CampaignDocument['findings'][number]>();
  private readonly cells = new Map<string, Cell>();
  private runs = 0;
  private steps = 0;

  constructor(plan: CampaignPlan) {
    this.plan = plan;
  }

  add(batch: BatchRecord): void {
    this.runs += batch.runs;
    this.steps += batch.steps;
    const { design, workload } = batch;
    const key = `${design} ${workload}`;
    const cell = this.cells.get(key) ?? {
      design,
      workload,
      properties: new Set(),
      pairs: 0,
      runs: 0,
      starved: 0,
    };
    cell.runs += batch.runs;
    cell.starved += batch.starved ?? 0;
    cell.pairs = Math.max(cell.pairs, batch.pairs);
    for (const property of batch.exercised) cell.properties.add(property);
    this.cells.set(key, cell);
    for (const f of batch.findings) {
      const cause = `${key} ${f.cause}`;
      const known = this.best.get(cause);
      const shorter = known === undefined || f.steps < known.steps;
      if (shorter || (f.steps === known.steps && f.token < known.token))
        this.best.set(cause, { design, workload, ...f });
    }
  }

  document(faults: readonly Fault[] = [], files: readonly DesignFile[] = []): CampaignDocument {
    const { plan } = this;
    const cells = [...this.cells.values()];
    const findings = [...this.best.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, f]) => f);
    const starved = [...this.cells.entries()]
      .filter(([, cell]) => cell.starved > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, c]) => ({ design: c.design, workload: c.workload, runs: c.starved, of: c.runs }));
    const content = {
      schema: 'lastref.campaign/1' as const,
      era: plan.era,
      seed: plan.seed,
      rounds: plan.rounds,
      failures: plan.options.failures,
      ...(plan.options.processors === 2 ? { processors: 2 as const } : {}),
      runs: this.runs,
      steps: this.steps,
      coverage: {
        cells: cells.length,
        of: plan.designs.length * plan.workloads.length,
        exercised: cells.reduce((sum, c) => sum + c.properties.size, 0),
        pairs: cells.reduce((sum, c) => sum + c.pairs, 0),
      },
      findings,
      ...(starved.length === 0 ? {} : { starved }),
      ...(faults.length === 0 ? {} : { faults: [...faults] }),
      ...trustedIn(files),
    };
    return { ...content, digest: digestOfDocument(content) };
  }
}
