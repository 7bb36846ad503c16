// Every design on every workload.
import { createHash } from 'node:crypto';
import type { HoldTimes } from '@lastref/judge';
import { COST_NAMES } from '@lastref/kernel';
import {
  nanoseconds,
  summarise,
  type CompareDocument,
  type CompareRow,
  type Costs,
} from '@lastref/report';
import type { Workload } from '@lastref/workloads';
import type { Fault } from './candidate/rules.ts';
import { sourceOf } from './candidate/source.ts';
import type { CellAnswer } from './clock.ts';
import type { CompareJob } from './job.ts';
import { runJobs } from './pool.ts';
import { Progress } from './progress.ts';
import type { CaptureSource, DesignFile } from './registry.ts';

export interface CompareInput {
  readonly designs: readonly DesignFile[];
  readonly workloads: readonly Workload[];
  readonly capture: CaptureSource;
  readonly era: string;
  readonly seed: number;
  readonly repeat: number;
  /** Told of each cell that a candidate spoiled. */
  readonly onFault: (fault: Fault) => void;
  /** Leave a design out that has not every row. */
  readonly whole?: boolean;
}

export async function compare(input: CompareInput): Promise<CompareDocument> {
  const { workloads } = input;
  const progress = new Progress('compare', input.designs.length * workloads.length);
  const faults: Fault[] = [];
  const collect = (fault: Fault): void => {
    faults.push(fault);
    input.onFault(fault);
  };
  const jobs: CompareJob[] = input.designs.map((d) => ({
    kind: 'compare',
    source: sourceOf(d),
    workloads: workloads.map((w) => w.id),
    capture: input.capture,
    era: input.era,
    seed: input.seed,
    repeat: input.repeat,
  }));
  const answers = new Map<string, CellAnswer>();
  await runJobs(
    jobs,
    (answer) => {
      answers.set(`${answer.design} ${answer.workload}`, answer);
      progress.step(`${answer.design} on ${answer.workload}`);
    },
    collect,
  );
  progress.end();
  const cellsOf = ({ design }: DesignFile): CellAnswer[] =>
    workloads
      .map((w) => answers.get(`${design.id} ${w.id}`))
      .filter((answer) => answer !== undefined);
  const least = input.whole === true ? workloads.length : 1;
  const designs = input.designs.filter((d) => cellsOf(d).length >= least);
  const rows = designs.flatMap((d) => cellsOf(d).map((answer) => rowOf(answer, input.era)));
  const capture = workloads.find((w) => w.id === 'capture');
  const doc = {
    schema: 'lastref.compare/1' as const,
    era: input.era,
    seed: input.seed,
    repeat: input.repeat,
    capture: capture === undefined ? null : input.capture.file.split('/').at(-1)!,
    designs: designs.map(({ design }) => ({
      id: design.id,
      title: design.title,
      year: design.year,
    })),
    workloads: workloads.map(({ id, title, story }) => ({ id, title, story })),
    rows,
    ...(faults.length === 0 ? {} : { faults }),
    summary: summarise(
      designs.map((d) => d.design.id),
      rows,
    ),
  };
  return { ...doc, digest: digestOfDocument(doc) };
}

/** Digest of a document without its digest field. */
export function digestOfDocument(doc: object): string {
  return createHash('sha256').update(JSON.stringify(doc)).digest('hex').slice(0, 16);
}

function rowOf(answer: CellAnswer, era: string): CompareRow {
  const { judgement } = answer;
  return {
    design: answer.design,
    workload: answer.workload,
    era,
    verdicts: judgement.verdicts,
    findings: answer.findings.map((f) => ({
      property: f.property,
      harm: f.harm,
      where: f.where,
      count: f.count,
      step: f.step,
      seed: f.seed,
      tick: f.tick,
      text: f.text,
      token: f.token,
    })),
    holdTicks: timesOf(answer.hold),
    lentTicks: timesOf(answer.lent),
    pinnedPageSeconds: round(judgement.pinnedPageTicks / 1e6),
    pagesPerSecond:
      judgement.pagesTold === 0 || judgement.lastToldTick === 0
        ? null
        : round((1e6 * judgement.pagesTold) / judgement.lastToldTick),
    loans: judgement.loans,
    completions: judgement.completions,
    contexts: judgement.contexts,
    stretchedBy: judgement.stretchedBy,
    reads: judgement.reads,
    costs: {
      lent: costsOf(answer.costs.lent),
      ordinary: costsOf(answer.costs.ordinary),
      peer: costsOf(answer.costs.peer),
    },
    progress: [...answer.progress],
    steps: answer.steps,
    ticks: answer.ticks,
    drained: answer.drained,
    digest: createHash('sha256').update(answer.digests.join()).digest('hex').slice(0, 16),
  };
}

function timesOf(times: HoldTimes): CompareRow['holdTicks'] {
  return { ...times, histogram: times.histogram.map(([from, count]) => [from, count]) };
}

function costsOf(counts: Readonly<Record<string, number>>): Costs {
  const segments = counts['segments'] ?? 0;
  const total: Record<string, number> = {};
  for (const name of COST_NAMES)
    if (name !== 'segments' && counts[name] !== 0) total[name] = counts[name]!;
  if (segments === 0) return { segments, total, perSegment: null, nsPerSegment: null };
  const perSegment: Record<string, number> = {};
  for (const [name, n] of Object.entries(total)) perSegment[name] = round(n / segments);
  return { segments, total, perSegment, nsPerSegment: round(nanoseconds(total) / segments) };
}

function round(n: number): number {
  return Math.round(n * 1000) / 1000;
}
