import { Command } from '@commander-js/extra-typings';
import { portText } from '@lastref/report';
import { UsageError, sayingTrusted } from '@lastref/runner';
import { keptScan, keptTrees, portDocument } from '@lastref/sites';
import pc from 'picocolors';
import { hooksCalled } from './hooks-called.ts';
import { treeName, trustOption, withOption } from './flags.ts';
import { show } from './say.ts';

type PortFlags = ReturnType<typeof command.opts>;

async function portCommand(id: string, flags: PortFlags): Promise<void> {
  const trees = keptTrees();
  const newest = trees.at(-1);
  if (newest === undefined)
    throw new UsageError('no scan of a kernel is kept: lastref sites --keep makes one');
  const tree = flags.era === undefined ? newest : treeName(flags.era);
  const { sites } = keptScan(tree);
  const { file, hooks } = await hooksCalled(id, flags);
  const doc = portDocument(sites, tree, file.design, hooks);
  show(flags, sayingTrusted(doc, [file]), () => portText(doc, pc));
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
  );

command.action(portCommand);
