// What happened to one loan in the run of a token, and the same with nothing in it that can be left out.
import type { Design } from '@lastref/kernel';
import type { StorySide } from '@lastref/report';
import { UsageError, decodeToken, mustPlay, mustSuit, tokenOf, type Token } from '@lastref/runner';
import { play, recordSide } from '@lastref/runner/story';
import { Cell, RunStart, shrink as shrunkBy, traceOf, type CellInput } from '@lastref/search';
import { traceLength } from '@lastref/workloads';
import { eraOf, workloadOf } from './cell.ts';
import { designIn, mustBeText } from './given.ts';

/** The run of `token` under `design`, which may be another than the token names. Captures' tokens are not for here. */
function inputOf(given: Design, token: Token): CellInput {
  const design = designIn(given);
  const workload = workloadOf(token.workload);
  const era = eraOf(design, token.era);
  mustSuit(design, workload);
  mustPlay(workload, era, design.over);
  return { design, workload, era, seed: token.seed };
}

/** Step by step, who could reach the pages of the loan that was found at last. Throws UsageError where nothing is found. */
export function story(design: Design, token: string): StorySide {
  mustBeText('token', 'a token', token);
  const read = decodeToken(token);
  const input = inputOf(design, read);
  const last = play(input, read.trace).findings.at(-1);
  if (last === undefined)
    throw new UsageError(`${design.id} has no finding in the steps of ${token}`);
  const { loan, step: until } = last;
  return recordSide(input, read.trace, { loan, until, beyond: false, keep: [], whole: false });
}

/** A token of the finding that `token` ends with, in as few steps as can be; `token`, where none is shorter. */
export function shrink(design: Design, token: string): string {
  mustBeText('token', 'a token', token);
  const { trace, workload, ...read } = decodeToken(token);
  const input = inputOf(design, { trace, workload, ...read });
  const finding = new Cell(input).play(trace).judgement.findings.at(-1);
  if (finding === undefined) return token;
  const start = new RunStart(input, trace);
  const short = shrunkBy(start, start.list, finding);
  if (short === null) return token;
  const found = traceOf(short.played);
  return traceLength(found) < traceLength(trace) ? tokenOf(input, found, workload) : token;
}
