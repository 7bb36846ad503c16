// Does a candidate answer in a search as it answers elsewhere? The machine of a search has closed to it what is no state, and
// gives it stand-ins (tape/closed.ts), so it can tell the two apart, on purpose or not (sk instanceof Sock). The same runs
// at random are played in both: where they differ, what was searched is another design than the one that is compared.
// Non-goal: certainty. Who looks for the runs of this file, and not for those of a comparison, finds the difference in size.
import { Swarm, type Bound, type CellInput, type Exploration } from '@lastref/search';
import type { Source } from '../candidates/source.ts';
import type { Isolate, Twins } from '../isolate.ts';
import { named } from '../replay/replay.ts';

const RUNS = 8;
const STEPS = 32;

/** All that came of the runs of `input`, as a text. */
function runsOf(input: CellInput, { failures, preemptions }: Bound): string {
  const processors = preemptions > 0 ? { processors: 2 as const } : {};
  const options = { runs: RUNS, steps: STEPS, failures: failures > 0, ...processors };
  const { steps, pairs, exercised, findings } = new Swarm(input, options).run();
  return JSON.stringify([
    steps,
    pairs,
    exercised,
    findings.map(({ cause, text }) => [cause, text]),
  ]);
}

/** Why the search of `input`, which is the one of `twins` to which something is closed, proves nothing of the other; or null. */
export function answersOtherwise(input: CellInput, twins: Twins, bound: Bound): string | null {
  const [closed, open] = [twins.closed, twins.open].map((design) =>
    runsOf({ ...input, design }, bound),
  );
  if (closed === open) return null;
  return 'it answers otherwise where nobody searches: the same runs at random come to something else there (a socket is a stand-in here, and frags has the entries in use)';
}

/** What the search of `input` came to; `twins`: of its design, if that is a candidate's. */
export function believed(
  found: Exploration,
  input: CellInput,
  twins: Twins | undefined,
  bound: Bound,
): Exploration {
  if (twins === undefined || found.result !== 'exhausted') return found;
  const reason = answersOtherwise(input, twins, bound);
  return reason === null ? found : { ...found, result: 'not-a-proof', reason };
}

/** Of a design that is asked about; undefined: it is one of the repository. */
export async function twinsOf(
  isolate: Isolate,
  { candidates, design }: { readonly candidates: readonly Source[]; readonly design: string },
): Promise<Twins | undefined> {
  const [own] = named(candidates, [design]);
  return own && (await isolate.subject(own)).twins;
}
