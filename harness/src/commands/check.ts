import { availableParallelism } from 'node:os';
import { Command } from '@commander-js/extra-typings';
import { IN_THE_WORD, PROPERTIES, type Property } from '@lastref/judge';
import type { CheckDocument } from '@lastref/report';
import { many, threatText } from '@lastref/report/words';
import { DEFAULT_BOUND, boundText, collisionChance, type Bound, SPEND_MAX } from '@lastref/search';
import { MINIATURE_MAX } from '@lastref/workloads';
import { type CheckAnswer, question } from '@lastref/runner/check';
import { knownDesigns } from '@lastref/runner/known';
import {
  sized,
  sourceOf,
  UsageError,
  canaries,
  find,
  findEra,
  ownEra,
  mustPlay,
  near,
  pose,
  workloadFor,
} from '@lastref/runner';
import { replayHint } from './hint.ts';
import { bounded, trustOption, withOption, eraOption } from './flags.ts';
import { cellsOfCheck } from '@lastref/report/ci';
import { Outcome, judging, type OutcomeFlags } from './outcome.ts';
import { house } from '../house.ts';
import { sayDocument, sayText } from './say.ts';
import { storyLines } from './story.ts';
import pc from 'picocolors';

type BoundFlags = { readonly [key in keyof Bound]?: number | undefined };

export interface CheckFlags extends BoundFlags, OutcomeFlags {
  readonly cpus?: number | undefined;
  readonly seconds?: number | undefined;
  readonly threads?: number | undefined;
  readonly era?: string | undefined;
  readonly property?: string | undefined;
  readonly reduction: boolean;
  readonly all?: true | undefined;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly json?: true | undefined;
}

async function checkCommand(
  designId: string,
  workloadId: string,
  flags: CheckFlags,
): Promise<void> {
  const known = await knownDesigns(house, flags.with, undefined, flags.trust, 'both');
  const { all, runtimes, candidates } = known;
  const designs = [...all, ...(await canaries()), ...runtimes];
  const { design } = find('design', designs, (d) => d.design.id, designId);
  const { id, operations } = sized(workloadId);
  const workload = workloadFor(design, id);
  const era = flags.era === undefined ? ownEra(design) : findEra(flags.era);
  mustPlay(workload, era, design.over);
  const bound = boundOf(flags, operations);
  const outcome = new Outcome(flags);
  const checked = await pose(house, question, {
    candidates: candidates.map(sourceOf),
    design: design.id,
    workload: workload.id,
    era: era.id,
    bound,
    reduction: flags.reduction,
    property: propertyOf(flags.property),
    threads: flags.threads ?? Math.min(2, availableParallelism()),
    limit: flags.seconds,
  });
  const { doc } = checked;
  if (flags.json === true) sayDocument(doc);
  else sayText(text(checked, flags.all === true, flags.with).join('\n'));
  outcome.tell(cellsOfCheck(doc));
}

function boundOf(flags: CheckFlags, operations: number | undefined): Bound {
  const bound: Record<string, number> = { ...DEFAULT_BOUND };
  if (operations !== undefined) bound['operations'] = operations;
  if (flags.cpus === 2) bound['preemptions'] = 1;
  else if (flags.preemptions !== undefined && flags.preemptions > 0)
    throw new UsageError('a step inside a step takes two processors: add --cpus 2');
  for (const key of Object.keys(DEFAULT_BOUND) as (keyof Bound)[]) {
    const set = flags[key];
    if (set !== undefined) bound[key] = set;
  }
  return bound as unknown as Bound;
}

function propertyOf(text: string | undefined): Property | undefined {
  if (text === undefined) return undefined;
  const known = PROPERTIES.find((p) => p === text);
  if (known === undefined)
    throw new UsageError(`unknown property '${text}'; ${near(text, PROPERTIES)}`);
  return known;
}

function text({ doc, played }: CheckAnswer, all: boolean, candidates: readonly string[]): string[] {
  const scope = `Scope: every order of the steps of ${doc.workload}, era ${doc.era}, from the first page lent on: ${boundText(doc.bound)}${doc.reduction ? '; orders that cannot matter left out' : ''}.`;
  const work = workText(doc);
  const out = [pc.bold(`${doc.design} on ${doc.workload}: ${headline(doc)}`)];
  if (doc.token !== null)
    out.push(...storyLines(played!, all), `  ${replayHint(doc.token, candidates)}`);
  out.push(work);
  if (doc.result === 'exhausted') {
    const holds = PROPERTIES.filter((p) => doc.verdicts[p] === 'holds');
    const not = IN_THE_WORD.filter((p) => doc.verdicts[p] !== 'holds');
    if (holds.length > 0) out.push(`Holds in every state: ${holds.join(', ')}.`);
    if (not.length > 0) out.push(`Nothing here could have refuted: ${not.join(', ')}.`);
    out.push(
      `${many(doc.ends, 'state')} with nothing left to do.`,
      `Chance that two of the states had one fingerprint: ${collisionChance(doc.states).toExponential(0)}.`,
    );
  }
  if (doc.cut > 0)
    out.push(
      `${many(doc.cut, 'state')} where only the bound kept a timer from firing or a wire from taking more: what comes after is not claimed.`,
    );
  out.push(scope);
  return out;
}

/** What was searched, and how long that took: figures and seconds of one pass, and beside it what the others took. */
function workText(doc: CheckDocument): string {
  const { states, executions, depth, bytes, shortest, passes = [] } = doc;
  const seconds = passes.find((p) => p.counted)?.seconds ?? doc.seconds;
  const text = `${many(states, 'state')}, ${many(executions, 'step')} executed, depth ${depth}, ${seconds.toFixed(1)} s (${Math.round(executions / seconds)} steps/s), ${(bytes / 1e6).toFixed(1)} MB of tables`;
  const others = passes.filter((p) => !p.counted);
  if (others.length === 0) return text;
  const visited = others.reduce((n, p) => n + p.states, 0);
  const spent = others.reduce((n, p) => n + p.seconds, 0);
  const which =
    shortest === true ? 'in the pass for the shortest run' : 'in the pass that found it';
  const size = visited < REPORTED ? '' : `, ${visited} states or more`;
  const rest = `${others.length} other ${others.length === 1 ? 'pass' : 'passes'}`;
  return `${text}, ${which}; ${spent.toFixed(1)} s in ${rest}${size}`;
}

/** A search says how many states it has each time that there are so many more. */
const REPORTED = 256;

function headline(doc: CheckAnswer['doc']): string {
  if (doc.result === 'exhausted') return 'exhausted, nothing found';
  if (doc.result === 'bound-reached')
    return 'nothing found so far: the search ended before all states were visited (raise --states, --steps or --seconds)';
  if (doc.result === 'not-a-proof') return `nothing found, and not a proof: ${doc.reason}`;
  return `refuted, ${doc.property!} (${doc.harm!}; ${threatText(doc.threat!)}), in ${many(doc.steps.length, 'step')}${doc.shortest === true ? '' : ', not the fewest'}`;
}

export const command = judging(
  new Command('check')
    .description(
      'every order of all steps within a bound: the shortest counterexample, or what was exhausted',
    )
    .argument('<design>', 'as list prints it')
    .argument('<workload>', 'as list prints it, or with a number of operations: nfs-odirect~2')
    .addOption(bounded('operations', 'operations submitted (default 1)', MINIATURE_MAX, 1))
    .addOption(
      bounded('retransmissions', 'timers that make somebody send again (default 1)', SPEND_MAX),
    )
    .addOption(bounded('drops', 'packets that the wire loses (default 1)', SPEND_MAX))
    .addOption(bounded('duplicates', 'packets that the wire doubles (default 0)', SPEND_MAX))
    .addOption(bounded('overtakes', 'packets that overtake another (default 0)', SPEND_MAX))
    .addOption(bounded('failures', 'allocations or devices that fail (default 0)', SPEND_MAX))
    .addOption(
      bounded(
        'teardowns',
        'connections torn down, where a workload is about it (default 1)',
        SPEND_MAX,
      ),
    )
    .addOption(bounded('cpus', 'processors of each host (default 1)', 2, 1))
    .addOption(
      bounded(
        'preemptions',
        'steps of one processor inside a step of the other (default 1 with two)',
        SPEND_MAX,
      ),
    )
    .addOption(bounded('flight', 'packets in flight on one wire (default 8)', 1000, 1))
    .addOption(bounded('steps', 'steps of one run (default 200)', 100_000, 1))
    .addOption(bounded('states', 'states visited (default 2000000)', 50_000_000, 1))
    .addOption(bounded('seconds', 'seconds, and no more (default: as long as it takes)', 86_400, 1))
    .addOption(
      bounded('threads', 'threads that search (default: one for each processor, at most 2)', 2, 1),
    )
    .option('--property <name>', 'look for this one alone, past findings of others')
    .option('--no-reduction', 'also explore orders that cannot matter')
    .addOption(eraOption("behave like this kernel (default: the design's own)"))
    .option('--all', 'in the story, show every step')
    .addOption(withOption())
    .addOption(trustOption()),
)
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref check rpc-reply nfs-odirect
  lastref check ian-frag-destructor bulk-loss --duplicates 1
  lastref check ian-frag-destructor bulk-loss --cpus 2
  lastref check ian-frag-destructor nfs-odirect~2 --drops 0 --states 1000000
  lastref check sendzc-netty-order runtime-plain~2`,
  )
  .action(checkCommand);
