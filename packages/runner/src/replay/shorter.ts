// replay --shrink: the same finding in as few steps as leaving steps out comes to.
import { Cell, RunStart, shrink, traceOf } from '@lastref/search';
import { traceLength } from '@lastref/workloads';
import type { Isolate } from '../isolate.ts';
import { decodeToken, tokenOf } from '../token.ts';
import { inputOf, type ReplayOptions } from './replay.ts';

/** Runs that are longer are left as they are: to play one of them takes as long as shrinking one may. */
const STEPS_MAX = 30_000;

/** A token of the finding that `token` ends with, with as few steps as can be; `token` itself where none is shorter. */
export async function shorter(
  isolate: Isolate,
  { token: text, ...options }: ReplayOptions & { readonly token: string },
): Promise<string> {
  const token = decodeToken(text);
  if (traceLength(token.trace) > STEPS_MAX) return text;
  const input = await inputOf(isolate, token, options);
  const finding = new Cell(input).play(token.trace).judgement.findings.at(-1);
  if (finding === undefined) return text;
  const start = new RunStart(input, token.trace);
  const shrunk = shrink(start, start.list, finding);
  if (shrunk === null) return text;
  const trace = traceOf(shrunk.played);
  return traceLength(trace) < traceLength(token.trace)
    ? tokenOf(input, trace, token.workload)
    : text;
}
