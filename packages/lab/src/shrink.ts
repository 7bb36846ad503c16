// Shorter scripts that still part in the same way: lines are deleted, model and kernel are asked again. A boot costs
// seconds and a script microseconds, so every round asks for all deletions of all scripts at once.
import type { Era } from '@lastref/kernel';
import { firstDifference, type Disagreement } from './compare.ts';
import { play, type Answer } from './play.ts';
import type { Line, Script } from './script.ts';

export interface Parted {
  readonly script: Script;
  readonly difference: Disagreement;
}

const ROUNDS = 12;

/** The same list, each as short as deleting lines makes it. */
export async function shrink(
  starts: readonly Parted[],
  ask: (scripts: readonly Script[]) => Promise<Answer[]>,
  era: Era,
  kindOf: (p: Parted) => string,
): Promise<Parted[]> {
  const best = starts.map(cutBehind);
  let open = best.map((_, i) => i);
  for (let round = 0; round < ROUNDS && open.length > 0; round++) {
    const scripts = open.flatMap((i) => variants(best[i]!.script, i));
    const answers = await ask(scripts);
    const better = new Map<number, Parted>();
    answers.forEach((answer, n) => {
      const script = scripts[n]!;
      const i = Number(script.id.split('.')[0]);
      const difference = firstDifference(play(script, era), answer);
      if (difference === null) return;
      const found = cutBehind({ script, difference });
      const now = better.get(i) ?? best[i]!;
      if (kindOf(found) === kindOf(best[i]!) && found.script.lines.length < now.script.lines.length)
        better.set(i, found);
    });
    for (const [i, found] of better) best[i] = found;
    open = [...better.keys()];
  }
  return best;
}

/** What stands behind the step at which they part does not matter. */
function cutBehind({ script, difference }: Parted): Parted {
  return { script: { ...script, lines: script.lines.slice(0, difference.step + 1) }, difference };
}

/** Without each run of lines of length 1, 2, 4, …; the last line stays. */
function variants({ seam, lines }: Script, i: number): Script[] {
  const out: Script[] = [];
  for (let size = 1; size < lines.length; size *= 2)
    for (let from = 0; from + size < lines.length; from += Math.max(1, size >> 1)) {
      const rest: Line[] = [...lines.slice(0, from), ...lines.slice(from + size)];
      out.push({ id: `${i}.${size}.${from}`, seam, lines: rest });
    }
  return out;
}
