// Two answers to one script, side by side. Goal: the first step at which they part, and everything that parts there.
import type { Answer } from './play.ts';

export interface Disagreement {
  /** The operation after which they part; 'end': when all is let go. */
  readonly op: string;
  /** Which step, from 0. */
  readonly step: number;
  readonly model: readonly string[];
  readonly kernel: readonly string[];
}

export function firstDifference(model: Answer, kernel: Answer): Disagreement | null {
  for (let i = 0; i < kernel.steps.length; i++) {
    const theirs = kernel.steps[i]!;
    const ours = model.steps[i];
    if (ours === undefined || ours.result !== theirs.result || !same(ours.state, theirs.state)) {
      return {
        op: theirs.line.op,
        step: i,
        model: ours === undefined ? [] : [` = ${ours.result}`, ...ours.state],
        kernel: [` = ${theirs.result}`, ...theirs.state],
      };
    }
  }
  if (same(model.end, kernel.end)) return null;
  return { op: 'end', step: kernel.steps.length, model: model.end, kernel: kernel.end };
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, i) => line === b[i]);
}

/** The words of both that differ, line by line: for a reader. */
export function differingWords(d: Disagreement): string[] {
  const out: string[] = [];
  const lines = Math.max(d.model.length, d.kernel.length);
  for (let i = 0; i < lines; i++) {
    const ours = (d.model[i] ?? '').split(' ');
    const theirs = (d.kernel[i] ?? '').split(' ');
    const parts: string[] = [];
    for (let w = 0; w < Math.max(ours.length, theirs.length); w++)
      if (ours[w] !== theirs[w]) parts.push(`${ours[w] ?? '–'} | ${theirs[w] ?? '–'}`);
    if (parts.length > 0) out.push(`${theirs[1] ?? ours[1]}: ${parts.join(', ')}`);
  }
  return out;
}
