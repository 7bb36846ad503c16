// Kept answers beside the model: what a test, and what a mutant of the model, is held to. Asks the system for nothing.
import { eraOf } from '@lastref/kernel';
import { firstDifference, type Disagreement } from './compare.ts';
import { play, type Answer } from './play.ts';
import { ScriptError, type Script } from './script.ts';

/** What a file of answers says of the kernel that gave them. */
export interface KeptKernel {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  readonly era: string;
}

export interface KeptAnswers extends KeptKernel {
  readonly answers: readonly Answer[];
}

export interface KeptFailure {
  readonly kernel: string;
  readonly difference: Disagreement;
  /** Up to the step at which they part. */
  readonly script: Script;
}

/** Plays what is kept on the model: where they part, the shortest script first. `limit`: no more than so many. */
export function checkKept(kept: readonly KeptAnswers[], limit = Infinity): KeptFailure[] {
  const failures: KeptFailure[] = [];
  for (const { id, era: name, answers } of kept) {
    const era = eraOf(name);
    if (era === undefined)
      throw new ScriptError(`answers of ${id} name era ${name}, which is not known`);
    for (const answer of answers) {
      const lines = answer.steps.map((s) => s.line);
      const difference = firstDifference(
        play({ id: answer.id, seam: answer.seam, lines }, era),
        answer,
      );
      if (difference === null) continue;
      const script = {
        id: answer.id,
        seam: answer.seam,
        lines: lines.slice(0, difference.step + 1),
      };
      failures.push({ kernel: id, difference, script });
      if (failures.length >= limit) return failures;
    }
  }
  return failures.sort((a, b) => a.script.lines.length - b.script.lines.length);
}
