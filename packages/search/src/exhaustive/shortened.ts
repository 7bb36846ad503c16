// A run that was found by depth or by chance has steps in it that nothing depends on.
import { playList, traceOf } from '../run-list.ts';
import { shrink } from '../swarm/shrink.ts';
import type { Run } from './found.ts';
import type { Start } from './start.ts';

/** The same finding by fewer steps, each of which it needs; null: leaving steps out came to no shorter run. */
export function shortened(start: Start, { finding, list, steps }: Run): Run | null {
  const shrunk = shrink(start, list, finding);
  if (shrunk === null) return null;
  const played = playList({ machine: () => start.newMachine() }, shrunk.list, finding);
  if (played === null || played.steps >= steps) return null;
  const { findings, taken } = played;
  return { finding: findings[0]!, trace: traceOf(played), steps: played.steps, list: taken };
}
