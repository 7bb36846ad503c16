// The answers of a comparison as a document.
import { threatOf } from '../threat.ts';
import { createHash } from 'node:crypto';
import { PROPERTIES, quantiles, type HoldTimes } from '@lastref/judge';
import { COST_NAMES, inDomain, isOfAnotherTime, type Design } from '@lastref/kernel';
import {
  COPYING,
  NAIVE,
  costsOf,
  nanoseconds,
  sumOf,
  summarise,
  thousandths,
  type CompareDocument,
  type CompareRow,
  type CostRow,
  type Costs,
} from '@lastref/report';
import { lacks, type Workload } from '@lastref/workloads';
import { isCapture } from '../captures.ts';
import { digestOfDocument } from '../digest.ts';
import { trustedIn } from '../candidates/source.ts';
import { findEra, type DesignFile } from '../registry.ts';
import { stateOf, type CellAnswer } from './clock.ts';
import { MESSAGE_SIZES, messagesOf, sizeId } from './sizes.ts';
import { commonEra, costWorkloads, eraIn, type ComparePlan } from './question.ts';

/** By design, workload and era, a blank between. */
type Answers = ReadonlyMap<string, CellAnswer>;

export function compareDocument(plan: ComparePlan, got: readonly CellAnswer[]): CompareDocument {
  const { workloads, faults } = plan;
  const answers: Answers = new Map(got.map((a) => [`${a.design} ${a.workload} ${a.era}`, a]));
  const rowsOf = (file: DesignFile): CompareRow[] =>
    workloads.flatMap((w) => {
      const { design } = file;
      const era = eraIn(plan, file);
      return rowIn(design, w, era, answers.get(`${design.id} ${w.id} ${era}`)) ?? [];
    });
  const designs = plan.designs.filter((d) => {
    const rows = rowsOf(d);
    const answered = rows.filter((r) => r.state !== 'n/a').length;
    return plan.whole === true ? rows.length === workloads.length : answered > 0;
  });
  const rows = designs.flatMap(rowsOf);
  const capture = workloads.find((w) => isCapture(w.id));
  const doc = {
    schema: 'lastref.compare/2' as const,
    era: plan.era === null ? null : findEra(plan.era).id,
    seed: plan.seed,
    repeat: plan.repeat,
    capture: capture === undefined ? null : plan.capture.file.split('/').at(-1)!,
    designs: designs.map((file) => {
      const { id, title, year, era, domain } = file.design;
      return {
        id,
        title,
        year,
        era: eraIn(plan, file),
        ...(plan.era !== null || era === undefined ? {} : { eraSource: era.source }),
        ...(domain === undefined ? {} : { domain: domain.source }),
      };
    }),
    workloads: workloads.map(({ id, title, story }) => ({ id, title, story })),
    rows,
    ...(faults.length === 0 ? {} : { faults: [...faults] }),
    ...trustedIn(designs),
    summary: summarise(
      designs.map((d) => d.design.id),
      rows,
    ),
    costs: costsIn(plan, designs, answers),
  };
  return { ...doc, digest: digestOfDocument(doc) };
}

/** All designs in one kernel, and each in its own beside the baselines there. */
function costsIn(
  plan: ComparePlan,
  designs: readonly DesignFile[],
  answers: Answers,
): CompareDocument['costs'] {
  const workloads = costWorkloads(plan).map((w) => w.id);
  const costed = (design: string, era: string): CostRow => {
    const of = workloads
      .map((w) => answers.get(`${design} ${w} ${era}`))
      .filter((a) => a !== undefined)
      .map(({ judgement, costs }) => ({
        loans: judgement.loans,
        costs: { lent: counted(costs.lent), ordinary: counted(costs.ordinary) },
      }));
    return { design, lent: sumOf(of, 'lent'), ordinary: sumOf(of, 'ordinary') };
  };
  const commonRow = (design: Design, common: string): CostRow => ({
    ...costed(design.id, common),
    ...(isOfAnotherTime(design.domain, findEra(common)) ? { outside: true as const } : {}),
  });
  const lent = (design: string, era: string): Costs => costed(design, era).lent;
  const era = commonEra(plan);
  return {
    workloads,
    ...(plan.sizes === true ? { bySize: bySize(designs, era, answers) } : {}),
    common: { era, rows: designs.map(({ design }) => commonRow(design, era)) },
    own: designs.map((file) => {
      const { id } = file.design;
      const there = eraIn(plan, file);
      const [own, naive, copying] = [lent(id, there), lent(NAIVE, there), lent(COPYING, there)];
      const low = own.nsPerSegment;
      const high = own.nsPerSegmentHigh ?? null;
      return {
        design: id,
        era: there,
        lentNs: low,
        timesNaive: over(low, naive.nsPerSegment),
        timesCopy: over(low, copying.nsPerSegment),
        timesNaiveHigh: over(high, naive.nsPerSegmentHigh ?? null),
        timesCopyHigh: over(high, copying.nsPerSegmentHigh ?? null),
      };
    }),
  };
}

/** What a message costs by its size, all designs in one kernel. */
function bySize(
  designs: readonly DesignFile[],
  era: string,
  answers: Answers,
): CompareDocument['costs']['bySize'] {
  const rows = designs.flatMap(({ design: { id } }) =>
    MESSAGE_SIZES.flatMap((bytes) => {
      const answer = answers.get(`${id} ${sizeId(bytes)} ${era}`);
      if (answer === undefined) return [];
      const messages = messagesOf(bytes);
      const each = (end: 'low' | 'high'): number =>
        thousandths(nanoseconds(counted(answer.costs.lent).total, end) / messages);
      return {
        design: id,
        bytes,
        ns: each('low'),
        nsHigh: each('high'),
        copiedBytes: thousandths((answer.costs.lent['copiedPayloadBytes'] ?? 0) / messages),
      };
    }),
  );
  return { era, sizes: [...MESSAGE_SIZES], rows };
}

function over(ns: number | null, base: number | null): number | null {
  return ns === null || base === null || base === 0 ? null : thousandths(ns / base);
}

/** The row of a cell whose answer this is; undefined: a candidate spoiled it. */
export function rowIn(
  design: Design,
  workload: Workload,
  era: string,
  answer: CellAnswer | undefined,
): CompareRow | undefined {
  const domain = inDomain(design.domain, workload.lends, findEra(era));
  const lack = lacks(workload, findEra(era), design.over);
  if (lack !== null) return absent(design.id, workload.id, era, domain, lack);
  return answer === undefined ? undefined : rowOf(answer, domain, workload, design);
}

function rowOf(
  answer: CellAnswer,
  domain: boolean,
  workload: Workload,
  design: Design,
): CompareRow {
  const { judgement } = answer;
  return {
    design: answer.design,
    workload: answer.workload,
    era: answer.era,
    state: stateOf(judgement),
    domain,
    verdicts: judgement.verdicts,
    ...(answer.notJudged === '' ? {} : { notJudged: answer.notJudged }),
    findings: answer.findings.map((f) => ({
      property: f.property,
      ...threatOf(f.property, workload, design),
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
    pinnedPageSeconds: thousandths(judgement.pinnedPageTicks / 1e6),
    peakPages: answer.peakPages,
    pagesPerSecond:
      judgement.pagesTold === 0 || judgement.lastToldTick === 0
        ? null
        : thousandths((1e6 * judgement.pagesTold) / judgement.lastToldTick),
    loans: judgement.loans,
    completions: judgement.completions,
    contexts: judgement.contexts,
    stretchedBy: judgement.stretchedBy,
    reads: judgement.reads,
    costs: {
      lent: counted(answer.costs.lent),
      ordinary: counted(answer.costs.ordinary),
      peer: counted(answer.costs.peer),
    },
    progress: [...answer.progress],
    steps: answer.steps,
    ticks: answer.ticks,
    drained: answer.drained,
    digest: createHash('sha256').update(answer.digests.join()).digest('hex').slice(0, 16),
  };
}

/** The row of what that kernel cannot play, and why. */
function absent(
  design: string,
  workload: string,
  era: string,
  domain: boolean,
  lack: string,
): CompareRow {
  const none = costsOf({}, 0);
  return {
    design,
    workload,
    era,
    state: 'n/a',
    domain,
    verdicts: Object.fromEntries(
      PROPERTIES.map((p) => [p, 'not-exercised']),
    ) as CompareRow['verdicts'],
    notJudged: lack,
    findings: [],
    holdTicks: timesOf(quantiles([])),
    lentTicks: timesOf(quantiles([])),
    loans: 0,
    completions: 0,
    contexts: { process: 0, softirq: 0, hardirq: 0, irqsOff: 0 },
    stretchedBy: { nobody: 0, device: 0, peer: 0, 'slow reader': 0, guest: 0 },
    reads: {},
    costs: { lent: none, ordinary: none, peer: none },
    progress: [],
    steps: 0,
    ticks: 0,
    drained: true,
    digest: '',
  };
}

function timesOf(times: HoldTimes): CompareRow['holdTicks'] {
  return { ...times, histogram: times.histogram.map(([from, count]) => [from, count]) };
}

/** Counters of one kind of traffic, those that are zero left out. */
function counted(counts: Readonly<Record<string, number>>): Costs {
  const total: Record<string, number> = {};
  for (const name of COST_NAMES)
    if (name !== 'segments' && counts[name] !== 0) total[name] = counts[name]!;
  return costsOf(total, counts['segments'] ?? 0);
}
