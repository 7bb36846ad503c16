// The answers of a comparison as a document.
import { createHash } from 'node:crypto';
import type { HoldTimes } from '@lastref/judge';
import { COST_NAMES, inDomain } from '@lastref/kernel';
import {
  nanoseconds,
  summarise,
  type CompareDocument,
  type CompareRow,
  type Costs,
} from '@lastref/report';
import { isCapture } from '../captures.ts';
import { digestOfDocument } from '../digest.ts';
import type { DesignFile } from '../registry.ts';
import type { CellAnswer } from './clock.ts';
import type { ComparePlan } from './question.ts';

export function compareDocument(plan: ComparePlan, got: readonly CellAnswer[]): CompareDocument {
  const { workloads, faults } = plan;
  const answers = new Map(got.map((answer) => [`${answer.design} ${answer.workload}`, answer]));
  const cellsOf = ({ design }: DesignFile): CellAnswer[] =>
    workloads
      .map((w) => answers.get(`${design.id} ${w.id}`))
      .filter((answer) => answer !== undefined);
  const least = plan.whole === true ? workloads.length : 1;
  const designs = plan.designs.filter((d) => cellsOf(d).length >= least);
  const lends = new Map(workloads.map((w) => [w.id, w.lends]));
  const rows = designs.flatMap((d) =>
    cellsOf(d).map((answer) =>
      rowOf(answer, plan.era, inDomain(d.design.domain, lends.get(answer.workload))),
    ),
  );
  const capture = workloads.find((w) => isCapture(w.id));
  const doc = {
    schema: 'lastref.compare/1' as const,
    era: plan.era,
    seed: plan.seed,
    repeat: plan.repeat,
    capture: capture === undefined ? null : plan.capture.file.split('/').at(-1)!,
    designs: designs.map(({ design }) => ({
      id: design.id,
      title: design.title,
      year: design.year,
      ...(design.domain === undefined ? {} : { domain: design.domain.source }),
    })),
    workloads: workloads.map(({ id, title, story }) => ({ id, title, story })),
    rows,
    ...(faults.length === 0 ? {} : { faults: [...faults] }),
    summary: summarise(
      designs.map((d) => d.design.id),
      rows,
    ),
  };
  return { ...doc, digest: digestOfDocument(doc) };
}

function rowOf(answer: CellAnswer, era: string, domain: boolean): CompareRow {
  const { judgement } = answer;
  return {
    design: answer.design,
    workload: answer.workload,
    era,
    domain,
    verdicts: judgement.verdicts,
    ...(answer.notJudged === '' ? {} : { notJudged: answer.notJudged }),
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
