// Six wrong designs to repair, and what a repair has to do: tell when the last reader is gone, always and once, without
// copying everything. A repair is searched as the wrong design was.
import { eraOf, type Design } from '@lastref/kernel';
import { Cell, DEFAULT_BOUND, type Bound, type CellInput, type Exploration } from '@lastref/search';
import { searching } from '@lastref/runner';
import type { Trace } from '@lastref/workloads';
import { design as abort } from './exercises/repair-abort.ts';
import { design as acked } from './exercises/repair-acked.ts';
import { design as controlBlock } from './exercises/repair-control-block.ts';
import { design as copies } from './exercises/repair-copies.ts';
import { design as everySegment } from './exercises/repair-every-segment.ts';
import { design as ownCount } from './exercises/repair-own-count.ts';
import { flow } from './flow.ts';
import { workloadsOf, type Ground } from './ground.ts';

export interface Exercise {
  /** What is wrong: the file of that name in `exercises/`. */
  readonly wrong: Design;
  readonly title: string;
  readonly hint: string;
  readonly on: readonly Ground[];
  readonly bound?: Partial<Bound>;
}

const request = (pages: number, sndbuf = 65_536) => ({
  program: flow({
    id: `exercise-${pages}-${sndbuf}`,
    title: `a request of ${pages} pages through a socket that takes ${sndbuf} bytes`,
    operations: 1,
    pagesPerOperation: pages,
    sndbuf,
  }),
});

export const EXERCISES: readonly Exercise[] = [
  {
    wrong: copies,
    title: 'A count that misses copies of an entry',
    hint: 'Which operations make a second entry for the same bytes, and which hook hears of it?',
    on: [{ workload: 'bulk-loss' }, { operation: 'skb_split' }],
    bound: { drops: 0 },
  },
  {
    wrong: ownCount,
    title: 'A count that reaches 0 while more is still to come',
    hint: 'Who counts for what is not handed over yet? There is a hook for the moment when all of it is.',
    on: [request(4, 8192), request(2)],
    bound: { drops: 0, retransmissions: 0 },
  },
  {
    wrong: everySegment,
    title: 'Of a packet the first entry alone counts',
    hint: 'What is cut apart later has to be counted in its parts from the start.',
    on: [request(3), { operation: 'tcp_fragment' }],
    bound: { drops: 0, retransmissions: 0 },
  },
  {
    wrong: controlBlock,
    title: 'A pointer where the next layer writes',
    hint: 'Which part of a packet belongs to whoever lends, on every layer, and is copied with the data?',
    on: [{ operation: 'tpacket_snd' }, { operation: 'dev_hard_start_xmit' }],
  },
  {
    wrong: acked,
    title: 'The peer has it, so the pages are free',
    hint: 'An acknowledgement says what has arrived, and nothing of what is still on its way.',
    on: [{ workload: 'bulk-loss' }],
    bound: { drops: 0 },
  },
  {
    wrong: abort,
    title: 'A connection that goes takes its requests along',
    hint: 'Aborting a request ends the interest in its answer. Who may still read?',
    on: [{ workload: 'listener-stop' }],
    bound: { drops: 0 },
  },
];

/** One thing that a repair has to do, and whether it does. */
export interface Mark {
  readonly what: string;
  readonly passed: boolean;
  readonly why: string;
  /** The shortest run that shows what is wrong; null: there is none. */
  readonly shown: {
    readonly input: CellInput;
    readonly trace: Trace;
    readonly steps: number;
  } | null;
}

const KERNEL = '3.8';

export function grade(exercise: Exercise, design: Design): readonly Mark[] {
  const bound = { ...DEFAULT_BOUND, ...exercise.bound };
  const workloads = workloadsOf(exercise.on, bound.operations);
  const era = eraOf(KERNEL)!;
  const marks: Mark[] = workloads.map((workload) => {
    const input: CellInput = { design, foreign: true, workload, era, seed: 1 }; // somebody else's repair
    const found = searching(input, { bound });
    const { result, trace, steps } = found;
    const shown = trace === null ? null : { input, trace, steps };
    return { what: workload.id, passed: result === 'exhausted', why: whyOf(found), shown };
  });
  const copied = copiedBy(design);
  const before = copiedBy(exercise.wrong);
  marks.push({
    what: 'zero-copy',
    passed: copied <= before,
    why: `${copied} bytes of payload are copied, ${before} before the repair`,
    shown: null,
  });
  return marks;
}

function whyOf({ result, reason, finding, steps, states }: Exploration): string {
  if (finding !== null) {
    const { property, harm, text } = finding;
    return `${property} (${harm}) in ${steps} ${steps === 1 ? 'step' : 'steps'}: ${text}`;
  }
  if (result === 'exhausted') return `nothing found in ${states} states`;
  return reason ?? 'the search did not come to its end';
}

/** Bytes of payload that a request of two pages makes the processor copy. */
function copiedBy(design: Design): number {
  const { program } = request(2);
  const cell = new Cell({ design, workload: program, era: eraOf(KERNEL)!, seed: 1 });
  return cell.runByClock().costs.lent['copiedPayloadBytes']!;
}
