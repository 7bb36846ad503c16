// One cell by the clock: a design on a workload, over some seeds, with a token for every finding.
import { type Finding, type HoldTimes, type Judgement, quantiles } from '@lastref/judge';
import { Cell, type CellInput, type CellResult } from '@lastref/search';
import type { Workload } from '@lastref/workloads';
import { Broken } from '../candidates/rules.ts';
import { RunError } from '../errors.ts';
import { captureToken, isCapture, type CaptureSource } from '../captures.ts';
import { tokenOf } from '../token.ts';

export interface FoundAt extends Finding {
  readonly seed: number;
  readonly token: string;
}

/** One design on one workload over all seeds. */
export interface CellAnswer {
  readonly design: string;
  readonly workload: string;
  readonly judgement: Judgement;
  /** Why verdicts are `not-judged`; '': none is. */
  readonly notJudged: string;
  readonly findings: readonly FoundAt[];
  readonly hold: HoldTimes;
  readonly lent: HoldTimes;
  readonly costs: CellResult['costs'];
  readonly progress: CellResult['progress'];
  readonly steps: number;
  readonly ticks: number;
  readonly drained: boolean;
  readonly digests: readonly string[];
}

/** Runs one cell; what it throws gets the place and the way back. */
function runCell(input: CellInput): CellResult {
  const cell = new Cell(input);
  try {
    return cell.runByClock();
  } catch (error) {
    const { design, workload, era, seed } = input;
    if (error instanceof Broken) {
      error.when ??= `era ${era.id}, seed ${seed}, step ${cell.judge.step}`;
      throw error;
    }
    const { name, message } = error as Error;
    throw new RunError(
      `${name}: ${message} (${design.id} on ${workload.id}, era ${era.id}, seed ${seed}, step ${cell.judge.step})`,
      { cause: error },
    );
  }
}

/** How a token names a workload. */
export function tokenWorkload(workload: Workload, capture: CaptureSource): string {
  return isCapture(workload.id) ? captureToken(workload.id, capture) : workload.id;
}

/** Runs `input` with its seed and the `repeat - 1` that follow; a token names `capture` where the workload is one. */
export function runClock(input: CellInput, repeat: number, capture: CaptureSource): CellAnswer {
  const { design, workload } = input;
  const results: CellResult[] = [];
  const findings = new Map<string, FoundAt>();
  for (let i = 0; i < repeat; i++) {
    const seed = input.seed + i;
    const at = { ...input, seed };
    const result = runCell(at);
    results.push(result);
    result.judgement.findings.forEach((finding, n) => {
      const key = `${finding.property}/${finding.harm}/${finding.where}`;
      const known = findings.get(key);
      if (known !== undefined) {
        known.count += finding.count;
        return;
      }
      const token = tokenOf(at, result.traces[n]!, tokenWorkload(workload, capture));
      findings.set(key, { ...finding, seed, token });
    });
  }
  return merge(design.id, workload.id, results, [...findings.values()]);
}

/** Adds up the runs of all seeds. */
function merge(
  design: string,
  workload: string,
  results: readonly CellResult[],
  findings: readonly FoundAt[],
): CellAnswer {
  const first = results[0]!;
  const verdicts = { ...first.judgement.verdicts };
  for (const { judgement } of results) {
    for (const property of Object.keys(verdicts) as (keyof typeof verdicts)[]) {
      const verdict = judgement.verdicts[property];
      if (verdict === 'refuted' || verdicts[property] === 'not-exercised')
        verdicts[property] = verdict;
    }
  }
  const sum = (
    pick: (r: CellResult) => Readonly<Record<string, number>>,
  ): Record<string, number> => {
    const total: Record<string, number> = {};
    for (const r of results)
      for (const [k, n] of Object.entries(pick(r))) total[k] = (total[k] ?? 0) + n;
    return total;
  };
  return {
    design,
    workload,
    judgement: {
      ...first.judgement,
      verdicts,
      loans: results.reduce((n, r) => n + r.judgement.loans, 0),
      completions: results.reduce((n, r) => n + r.judgement.completions, 0),
      pinnedPageTicks: results.reduce((n, r) => n + r.judgement.pinnedPageTicks, 0),
      pagesTold: results.reduce((n, r) => n + r.judgement.pagesTold, 0),
      lastToldTick: results.reduce((n, r) => n + r.judgement.lastToldTick, 0),
      contexts: sum((r) => r.judgement.contexts) as Judgement['contexts'],
      stretchedBy: sum((r) => r.judgement.stretchedBy) as Judgement['stretchedBy'],
      reads: sum((r) => r.judgement.reads),
    },
    notJudged: first.notJudged,
    findings,
    hold: quantiles(results.flatMap((r) => [...r.judgement.holdSamples])),
    lent: quantiles(results.flatMap((r) => [...r.judgement.lentSamples])),
    costs: {
      lent: sum((r) => r.costs.lent),
      ordinary: sum((r) => r.costs.ordinary),
      peer: sum((r) => r.costs.peer),
    },
    progress: first.progress.map((p, i) => ({
      name: p.name,
      done: results.reduce((n, r) => n + r.progress[i]!.done, 0),
      of: results.reduce((n, r) => n + r.progress[i]!.of, 0),
    })),
    steps: results.reduce((n, r) => n + r.steps, 0),
    ticks: results.reduce((n, r) => n + r.ticks, 0),
    drained: results.every((r) => r.drained),
    digests: results.map((r) => r.digest),
  };
}
