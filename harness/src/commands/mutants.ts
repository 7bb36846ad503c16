import { Command } from '@commander-js/extra-typings';
import { mutantsText } from '@lastref/report';
import { knownDesigns } from '@lastref/runner/known';
import { UsageError, findEra, select, pose, type DesignFile } from '@lastref/runner';
import { trustOption, withOption, eraOption } from './flags.ts';
import { cellsOfMutants, type Finds } from '@lastref/report/ci';
import { Outcome, judging, type OutcomeFlags } from './outcome.ts';
import { sayDocument, sayText } from './say.ts';
import { house } from '../house.ts';
import { question } from '@lastref/mutants';
import { DEFAULT_ERA } from '@lastref/kernel';
import pc from 'picocolors';

const FINDS: Finds = {
  others: ['survived'],
  properties: false,
  cells: 'DESIGN, DESIGN/MUTANT',
};

interface MutantsFlags extends OutcomeFlags {
  readonly designs?: string | undefined;
  readonly operations?: string | undefined;
  readonly era?: string | undefined;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly json?: true | undefined;
}

async function mutantsCommand(flags: MutantsFlags): Promise<void> {
  const outcome = new Outcome(flags, FINDS);
  const era = findEra(flags.era);
  const { all } = await knownDesigns(house, flags.with, undefined, flags.trust);
  const designs = select('design', all, (d) => d.design.id, flags.designs);
  const under =
    flags.operations === undefined
      ? null
      : underOf(all, designs, flags.operations).map((d) => d.design.id);
  const doc = await pose(house, question, { designs, under, era: era.id }, { progress: 'mutants' });
  if (flags.json === true) sayDocument(doc);
  else sayText(`${pc.bold(`Every design in ${era.id}`)}\n${mutantsText(doc, pc)}`);
  outcome.tell(cellsOfMutants(doc));
}

/** The designs under which operations are spoiled: of those that were chosen. */
function underOf(
  all: readonly DesignFile[],
  chosen: readonly DesignFile[],
  wanted: string,
): DesignFile[] {
  const under = select('design', all, (d) => d.design.id, wanted);
  const other = under.find((d) => !chosen.includes(d));
  if (other !== undefined)
    throw new UsageError(
      `--operations ${other.design.id} is not among --designs; name it there too, or leave --designs out`,
    );
  return under;
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
  FINDS,
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
  )
  .action(mutantsCommand);
