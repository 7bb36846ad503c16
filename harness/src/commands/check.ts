import { availableParallelism } from 'node:os';
import { Command } from '@commander-js/extra-typings';
import { checkText } from '@lastref/report/text/check';
import { HARMS } from '@lastref/judge';
import { SPEND_MAX, boundText, collisionChance } from '@lastref/search';
import { MINIATURE_MAX } from '@lastref/workloads';
import { propertyCalled, question, scopesAsked } from '@lastref/runner/check';
import { cellCalled, knownDesigns } from '@lastref/runner/known';
import { UsageError, mustBeSearched, pose, sized, sourceOf } from '@lastref/runner';
import { bounded, trustOption, withOption, eraOption } from './flags.ts';
import { cellsOfCheck } from '@lastref/report/ci';
import { Outcome, judging } from './outcome.ts';
import { house } from '../house.ts';
import { show } from './say.ts';
import pc from 'picocolors';
import { replayWith } from '@lastref/runner/typed';

type CheckFlags = ReturnType<typeof command.opts>;

async function checkCommand(
  designId: string,
  workloadId: string,
  flags: CheckFlags,
): Promise<void> {
  const outcome = new Outcome(flags);
  const property = propertyCalled(flags.property);
  if (property !== undefined)
    outcome.mustFind([property, ...HARMS], `--property ${property} looks for that alone`);
  if (flags.threads === 2 && flags.with.length > 0)
    throw new UsageError('--threads 2 and --with do not go together: one thread asks a candidate');
  mustBeSearched(workloadId);
  const { operations } = sized(workloadId);
  const scopes = scopesAsked(flags, { operations, isCandidate: flags.with.length > 0 });
  const known = await knownDesigns(house, flags, { takes: 'both', next: question });
  outcome.brings(known.candidates);
  const called = await cellCalled(known, designId, workloadId, flags.era);
  const { design, workload, era } = called;
  const checked = await pose(house, question, {
    candidates: known.candidates.map(sourceOf),
    design: design.id,
    workload: workload.id,
    era: era.id,
    scopes,
    reduction: flags.reduction,
    property,
    threads: flags.threads ?? Math.min(2, availableParallelism()),
    limit: flags.seconds,
  });
  const { doc } = checked;
  show(flags, doc, () =>
    checkText(checked, pc, {
      all: flags.all === true,
      boundText,
      collision: collisionChance(doc.states),
      replay: replayWith(flags.with, flags.trust),
    }),
  );
  outcome.tellOf(cellsOfCheck(doc));
}

export const command = judging(
  new Command('check')
    .description(
      'every order of all steps within a bound: the shortest counterexample, or what was exhausted',
    )
    .argument('<design>', 'as list prints it')
    .argument('<workload>', 'as list prints it, or with a number of operations: nfs-odirect~2')
    .addOption(bounded('operations', 'operations submitted (default 1, then 2)', MINIATURE_MAX, 1))
    .addOption(bounded('retransmissions', 'timers that send again (default 1)', SPEND_MAX))
    .addOption(bounded('drops', 'packets that the wire loses (default 1)', SPEND_MAX))
    .addOption(bounded('duplicates', 'packets that the wire doubles (default 0)', SPEND_MAX))
    .addOption(bounded('overtakes', 'packets that overtake another (default 0)', SPEND_MAX))
    .addOption(bounded('failures', 'allocations, devices that fail (default 0, then 1)', SPEND_MAX))
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
    .addOption(bounded('states', 'states of a scope (default 2000000, wider: less)', 50_000_000, 1))
    .addOption(bounded('seconds', 'seconds, and no more (default: as long as it takes)', 86_400, 1))
    .addOption(bounded('threads', 'threads (default: one for each processor, at most 2)', 2, 1))
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
Scopes: one operation; if nothing is found, one with a failure (an allocation, a device); two; two with a failure. Told is
the widest that was searched to its end, with at most 196608 states where there are two operations, 65536 with a failure,
and 4096 with --with. --operations N, workload~N, --failures N or --cpus 2 asks for one scope alone.

Examples:
  lastref check rpc-reply nfs-odirect
  lastref check ian-frag-destructor bulk-loss --duplicates 1
  lastref check ian-frag-destructor bulk-loss --cpus 2
  lastref check ian-frag-destructor nfs-odirect~2 --drops 0 --states 1000000
  lastref check sendzc-netty-order runtime-plain~2`,
  );

command.action(checkCommand);
