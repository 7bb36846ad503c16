import { Command } from '@commander-js/extra-typings';
import { moversText } from '@lastref/report/text/movers';
import { findEra, pose, sayingTrusted } from '@lastref/runner';
import { designsAsked } from './asked.ts';
import { terminalWidth } from './width.ts';
import { bounded, trustOption, withOption, eraOption } from './flags.ts';
import { cellsOfMovers } from '@lastref/report/ci';
import { Outcome, judging } from './outcome.ts';
import { house } from '../house.ts';
import { show } from './say.ts';
import { together } from './together.ts';
import { NEWEST_FIRST, question } from '@lastref/operations';
import pc from 'picocolors';
import { replayWith } from '@lastref/runner/typed';

type MoversFlags = ReturnType<typeof command.opts>;

async function moversCommand(flags: MoversFlags): Promise<void> {
  const outcome = new Outcome(flags);
  const eras = flags.era === undefined ? NEWEST_FIRST : [findEra(flags.era).id];
  const asked = await designsAsked(flags, 'designs');
  if (asked === null) return;
  const { designs, faults } = asked;
  const { candidates } = asked.there;
  outcome.brings(candidates);
  const doc = await pose(
    house,
    question,
    {
      designs,
      eras,
      head: flags.newest === true,
      faults: flags.faults === true,
      ...(flags.cpus === 2 ? { processors: 2 as const } : {}),
      stopped: faults.all,
    },
    { progress: 'movers', onFault: faults.onFault },
  );
  const own = new Set(candidates.map((d) => d.design.id));
  if (doc.designs.length > 0) {
    const told = { width: terminalWidth(), own, replay: replayWith(flags.with, flags.trust) };
    show(flags, sayingTrusted(doc, candidates), () => moversText(doc, pc, told));
  }
  outcome.tell(cellsOfMovers(doc), 'all', faults.all);
  faults.report();
}

export const command = judging(
  new Command('movers')
    .description(
      'every operation that moves a fragment × every design: proven, refuted, copied or not applicable',
    )
    .option('--designs <ids>', 'only these, separated by commas')
    .option('--faults', 'also with every allocation of the operation failing once')
    .addOption(
      bounded(
        'cpus',
        'processors (default 1): with 2 one holder may let go inside the operation, or inside another letting go',
        2,
        1,
      ),
    )
    .addOption(eraOption('behave like this kernel (default: each in turn)'))
    .option('--newest', 'each operation only in the newest kernel that has it')
    .addOption(withOption())
    .addOption(trustOption()),
)
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref movers
  lastref movers --faults
  lastref movers --cpus 2 --designs page-lru --newest
  lastref movers --designs rusty-shinfo-orig,ian-frag-destructor --era 2.6.24`,
  );

command.hook('preAction', together({ apart: { '--newest': ['--era'] } })).action(moversCommand);
