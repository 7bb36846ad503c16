// One cell by the clock: a design on a workload, over some seeds, with a token for every finding.
import { Judge, type Finding, type HoldTimes, type Judgement, quantiles } from '@lastref/judge';
import type { End } from '@lastref/kernel';
import type { Cell, CellInput, CellResult } from '@lastref/search';
import { traceLength, type Trace, type Workload } from '@lastref/workloads';
import { Broken } from '../candidates/rules.ts';
import { JudgeOfTheEnd } from '../deaf.ts';
import { RunError } from '../errors.ts';
import { cellInMemory, leave } from '../memory.ts';
import { captureToken, isCapture, type CaptureSource } from '../captures.ts';
import { tokenOf } from '../token.ts';
import { PinningJudge } from './pinned.ts';

export interface FoundAt extends Finding {
  readonly seed: number;
  readonly token: string;
}

/** One design on one workload over all seeds. */
export interface CellAnswer {
  readonly design: string;
  readonly workload: string;
  readonly era: string;
  readonly judgement: Judgement;
  /** Why verdicts are `not-judged`; '': none is. */
  readonly notJudged: string;
  readonly findings: readonly FoundAt[];
  readonly hold: HoldTimes;
  readonly lent: HoldTimes;
  /** The most pages that were away at once, of all runs. */
  readonly peakPages: number;
  readonly costs: CellResult['costs'];
  readonly progress: CellResult['progress'];
  readonly steps: number;
  readonly ticks: number;
  readonly drained: boolean;
  readonly digests: readonly string[];
}

/**
 * Runs one cell; what it throws gets the place and the way back. Of what `run` returns nothing looks at the machine: the
 * next one lives in the same memory.
 */
export function runCell<R>(input: CellInput, run: (cell: Cell) => R, judge = new Judge()): R {
  const cell = cellInMemory(input, judge);
  try {
    const result = run(cell);
    leave(cell);
    return result;
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

/** Had the stack a lent page, or private copies alone? */
export function stateOf({ loans, reached }: Judgement): 'judged' | 'copied' {
  return loans > 0 && reached === 0 ? 'copied' : 'judged';
}

/** How a token names a workload. */
export function tokenWorkload(workload: Workload, capture: CaptureSource): string {
  return isCapture(workload.id) ? captureToken(workload.id, capture) : workload.id;
}

/**
 * Runs `input` with its seed and the `repeat - 1` that follow; a token names `capture` where the workload is one. With
 * an end of the prices for `how` the processors take time, by that end, and nobody withholds anything; nor with `words`,
 * where who could put a completion off is not asked.
 */
export function runClock(
  input: CellInput,
  repeat: number,
  capture: CaptureSource,
  how?: End | 'words',
): CellAnswer {
  const byProcessors = how !== undefined && how !== 'words';
  const results: CellResult[] = [];
  const findings = new Map<string, FoundAt>();
  let peakPages = 0;
  for (let i = 0; i < repeat; i++) {
    const at = { ...input, seed: input.seed + i };
    const named = tokenWorkload(input.workload, capture);
    const keep = (finding: Finding, trace: Trace, digest: string | undefined): void => {
      const key = `${finding.property}/${finding.harm}/${finding.where}`;
      const known = findings.get(key);
      if (known !== undefined) known.count += finding.count;
      else
        findings.set(key, { ...finding, seed: at.seed, token: tokenOf(at, trace, named, digest) });
    };
    const judge = new PinningJudge();
    const result = runCell(
      at,
      (cell) => (byProcessors ? cell.runByProcessors(how) : cell.runByClock()),
      judge,
    );
    peakPages = Math.max(peakPages, judge.peakPages);
    const { judgement, traces, besideTraces } = result;
    const digestOf = ({ step }: Finding, trace: Trace): string | undefined =>
      byProcessors // a trace says nothing of the time that they took
        ? undefined
        : (judge.digests.get(step) ?? digestAtEnd(result, trace));
    judgement.findings.forEach((f, n) => keep(f, traces[n]!, digestOf(f, traces[n]!)));
    judgement.beside.forEach((f, n) => keep(f, besideTraces[n]!, digestOf(f, besideTraces[n]!)));
    const withheld = how === undefined ? putOff(at, result) : null;
    withheld?.judgement.beside.forEach((finding, n) => {
      const trace = withheld.besideTraces[n]!;
      if (finding.property === 'unbounded') keep(finding, trace, digestAtEnd(withheld, trace));
    });
    results.push(withheld === null ? result : withUnbounded(result, withheld));
  }
  return merge(input, results, [...findings.values()], peakPages);
}

/** The digest of the run's end, if `trace` leads there: more of it than there were steps has nothing left to do. */
function digestAtEnd({ steps, drained, digest }: CellResult, trace: Trace): string | undefined {
  const more = traceLength(trace) - steps;
  return more === 0 || (more > 0 && drained) ? digest : undefined;
}

/** What programs and guests can put off; null: they have nothing to say here, or what is lost anyway says nothing of them. */
function putOff(input: CellInput, { judgement }: CellResult): CellResult | null {
  if (
    judgement.loans === 0 ||
    judgement.verdicts.lost === 'refuted' ||
    isCapture(input.workload.id)
  )
    return null;
  return runCell(input, (cell) => cell.runWithheld(), new JudgeOfTheEnd());
}

function withUnbounded(result: CellResult, { judgement }: CellResult): CellResult {
  const { unbounded } = judgement.verdicts;
  const verdicts = { ...result.judgement.verdicts, unbounded };
  return { ...result, judgement: { ...result.judgement, verdicts } };
}

const UNENDED =
  'when the time of the run was over something was still to come, so nothing says who would never be told';

/** Something was lent, and the end, where it shows who is never told, never came. */
function isUnended({ drained, judgement }: CellResult): boolean {
  return !drained && judgement.loans > 0;
}

/** Adds up the runs of all seeds. */
function merge(
  { design, workload, era }: CellInput,
  results: readonly CellResult[],
  findings: readonly FoundAt[],
  peakPages: number,
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
  // of who keeps a run going for as long as anybody looks nobody knows whether he would have told
  const unended = verdicts.lost !== 'refuted' && results.some(isUnended);
  if (unended) verdicts.lost = 'not-judged';
  const sum = (
    pick: (r: CellResult) => Readonly<Record<string, number>>,
  ): Record<string, number> => {
    const total: Record<string, number> = {};
    for (const r of results)
      for (const [k, n] of Object.entries(pick(r))) total[k] = (total[k] ?? 0) + n;
    return total;
  };
  return {
    design: design.id,
    workload: workload.id,
    era: era.id,
    judgement: {
      ...first.judgement,
      verdicts,
      loans: results.reduce((n, r) => n + r.judgement.loans, 0),
      reached: results.reduce((n, r) => n + r.judgement.reached, 0),
      completions: results.reduce((n, r) => n + r.judgement.completions, 0),
      pinnedPageTicks: results.reduce((n, r) => n + r.judgement.pinnedPageTicks, 0),
      pagesTold: results.reduce((n, r) => n + r.judgement.pagesTold, 0),
      lastToldTick: results.reduce((n, r) => n + r.judgement.lastToldTick, 0),
      contexts: sum((r) => r.judgement.contexts) as Judgement['contexts'],
      stretchedBy: sum((r) => r.judgement.stretchedBy) as Judgement['stretchedBy'],
      reads: sum((r) => r.judgement.reads),
    },
    notJudged: first.notJudged === '' && unended ? UNENDED : first.notJudged,
    findings,
    hold: quantiles(results.flatMap((r) => [...r.judgement.holdSamples])),
    lent: quantiles(results.flatMap((r) => [...r.judgement.lentSamples])),
    peakPages,
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
