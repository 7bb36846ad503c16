import { Command } from '@commander-js/extra-typings';
import { mutantsText } from '@lastref/report';
import { knownDesigns, mustBring } from '@lastref/runner/known';
import { findEra, pose, select } from '@lastref/runner';
import { trustOption, withOption, eraOption } from './flags.ts';
import { cellsOfMutants, FINDS } from '@lastref/report/ci';
import { Outcome, judging } from './outcome.ts';
import { show } from './say.ts';
import { house } from '../house.ts';
import { question, underOf } from '@lastref/mutants';
import { DEFAULT_ERA } from '@lastref/kernel';
import pc from 'picocolors';

type MutantsFlags = ReturnType<typeof command.opts>;

async function mutantsCommand(flags: MutantsFlags): Promise<void> {
  const outcome = new Outcome(flags, FINDS.mutants);
  const era = findEra(flags.era);
  await mustBring(flags.designs, flags.with);
  await mustBring(flags.operations, flags.with);
  const { all, candidates } = await knownDesigns(house, flags);
  outcome.brings(candidates);
  const designs = select('design', all, (d) => d.design.id, flags.designs);
  const under = underOf(all, designs, flags.operations);
  const doc = await pose(house, question, { designs, under, era: era.id }, { progress: 'mutants' });
  show(flags, doc, () => `${pc.bold(`Every design in ${era.id}`)}\n${mutantsText(doc, pc)}`);
  outcome.tell(cellsOfMutants(doc));
}

export const command = judging(
  new Command('mutants')
    .description(
      'designs with one hook changed and operations with one reference call spoiled: which of them are seen',
    )
    .option('--designs <ids>', 'only these, separated by commas')
    .option(
      '--operations <ids>',
      'spoil operations under these designs (default: under those that keep seven in eight)',
    )
    .addOption(
      eraOption(
        `behave like this kernel (default: ${DEFAULT_ERA} for all designs, so that what survives is asked of one machine)`,
      ),
    )
    .addOption(withOption())
    .addOption(trustOption()),
)
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref mutants
  lastref mutants --designs ian-frag-destructor
  lastref mutants --operations page-foreign
  lastref mutants --with ./my-design.ts --json`,
  );

command.action(mutantsCommand);
