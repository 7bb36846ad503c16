import { Command } from '@commander-js/extra-typings';
import { overridden } from '@lastref/mutants';
import { portText } from '@lastref/report';
import { UsageError, select } from '@lastref/runner';
import { knownDesigns } from '@lastref/runner/known';
import { keptScan, keptTrees, portDocument } from '@lastref/sites';
import pc from 'picocolors';
import { house } from '../house.ts';
import { treeName, trustOption, withOption } from './flags.ts';
import { sayDocument, sayText } from './say.ts';

interface PortFlags {
  readonly era?: string | undefined;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly json?: true | undefined;
}

async function portCommand(id: string, flags: PortFlags): Promise<void> {
  const trees = keptTrees();
  const newest = trees.at(-1);
  if (newest === undefined)
    throw new UsageError('no scan of a kernel is kept: lastref sites --keep makes one');
  const known = (await knownDesigns(house, flags.with, undefined, flags.trust)).all.map(
    ({ design }) => design,
  );
  const [design] = select('design', known, (d) => d.id, id);
  const tree = flags.era === undefined ? newest : treeName(flags.era);
  const doc = portDocument(keptScan(tree).sites, tree, design!, overridden(design!));
  if (flags.json === true) sayDocument(doc);
  else sayText(portText(doc, pc));
}

export const command = new Command('port')
  .description('the functions of a release that a port of a design has to hook')
  .argument('<design>', 'its id')
  .option(
    '--era <version>',
    'the release, of those whose scan is kept: 5.10, 6.1, 6.12, 7.2 (default: the newest)',
  )
  .addOption(withOption())
  .addOption(trustOption())
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref port ian-frag-destructor --era 6.1
  lastref port msg-zerocopy --json`,
  )
  .action(portCommand);
