import { Argument, Command } from '@commander-js/extra-typings';
import { KERNEL_IDS } from '@lastref/lab';
import { sitesText } from '@lastref/report';
import { FINDS, cellsOfSites } from '@lastref/report/ci';
import { UsageError, sayingTrusted, tryDirectory, writeTogether } from '@lastref/runner';
import {
  OPERATION_NAMES,
  askPatch,
  eraCalled,
  judgeLabels,
  keptText,
  readLabels,
  readPatch,
  scanTree,
  sitesDocument,
  treeAsked,
} from '@lastref/sites';
import pc from 'picocolors';
import { hint, quoted, type Together } from '@lastref/runner/typed';
import { hooksCalled } from './hooks-called.ts';
import { trustOption, withOption } from './flags.ts';
import { Outcome, judging } from './outcome.ts';
import { show } from './say.ts';
import { together } from './together.ts';

type SitesFlags = ReturnType<typeof command.opts>;

const say = (line: string) => process.stderr.write(`sites: ${line}\n`);

async function sitesCommand(dir: string | undefined, flags: SitesFlags): Promise<void> {
  const outcome = new Outcome(flags, FINDS.sites);
  if ((dir === undefined) === (flags.kernel === undefined))
    throw new UsageError('it takes the root of a kernel source, or --kernel: one of the two');
  const patched = flags.patch === undefined ? [] : ['unhooked'];
  const named = (flags.era ?? flags.kernel) === undefined ? [] : ['mismatch'];
  outcome.mustFind(
    [...patched, ...named],
    'unhooked takes a --patch, mismatch a tree whose name is known (--era or --kernel)',
  );
  if (flags.keep !== undefined) tryDirectory(flags.keep);
  // what can be wrong with a question is said before minutes have gone by
  const patch = flags.patch === undefined ? null : readPatch(flags.patch);
  const labels = flags.labels === undefined ? null : readLabels(flags.labels);
  const era = flags.era === undefined ? null : eraCalled(flags.era);
  const called = flags.design === undefined ? null : await hooksCalled(flags.design, flags);
  const tree = await treeAsked(dir, flags.kernel, say);
  const name = era ?? tree.tree;
  if (labels !== null && name === null)
    throw new UsageError('labels were read in a tree: --era says which this is');
  const scan = await scanTree(tree.dir, { operations: OPERATION_NAMES, say });
  const doc = sitesDocument(scan, {
    tree: name,
    source: tree.source,
    keepers: flags.keepers === true ? scan.keepers : null,
    labels: labels === null ? null : judgeLabels(scan, labels, name!),
    patch: patch === null ? null : askPatch(scan, tree.dir, patch),
    design: called && { design: called.file.design, hooks: called.hooks },
  });
  if (flags.keep !== undefined && tree.tree !== null) {
    const about = { tree: tree.tree, source: tree.source!, sha256: tree.sha256! };
    writeTogether(flags.keep, [{ name: `${tree.tree}.json`, data: keptText(scan, about) }]);
  }
  const there = name === null ? [] : ['--era', name];
  const example = (operation: string) => `${hint('movers', ...there)}, row ${quoted(operation)}`;
  show(flags, sayingTrusted(doc, called ? [called.file] : []), () => sitesText(doc, pc, example));
  outcome.tell(cellsOfSites(doc));
}

export const command = judging(
  new Command('sites')
    .description(
      "which functions of a kernel source touch a fragment or an owner's record, and which of them are operations here",
    )
    .addArgument(new Argument('[tree]', 'the root of a kernel source, or of a part of one'))
    .option('--kernel <id>', `instead: Debian's source of ${KERNEL_IDS.join(', ')}, fetched once`)
    .option(
      '--era <version>',
      'the tree is this one, as 6.1.192 or debian-6.12.117: its registry is checked',
    )
    .option(
      '--patch <file>',
      'for a patch under review: what it touches, and where else its hook is missing',
    )
    .option('--design <id>', "the functions where this design's hooks stand")
    .option('--labels <file>', 'recall and precision beside functions that people labelled')
    .option('--keepers', 'the functions that queue a packet and have not let go of lent pages')
    .option('--keep <dir>', 'with --kernel: also write the facts of the scan there, as TREE.json')
    .addOption(withOption())
    .addOption(trustOption()),
)
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
--kernel fetches 120 to 165 MB of Debian's linux-source package into ~/.cache/lastref/sites (or $XDG_CACHE_HOME) and
unpacks the directories that are scanned; nothing is installed, and no kernel text is written elsewhere.

Examples:
  lastref sites ~/linux --era 6.1
  lastref sites --kernel 7.2 --json
  lastref sites ~/linux --patch 0001-net-skbuff-keep-the-marker.patch
  lastref sites --kernel 6.1 --design msg-zerocopy
  lastref sites --kernel 7.2 --labels results/sites-labels.json`,
  );

const TOGETHER: Together = {
  questions: { '--patch': 'any', '--design': 'any', '--labels': 'any', '--keepers': 'any' },
  needs: { '--with': ['--design'], '--keep': ['--kernel'] }, // what is kept has a source
  apart: { '--kernel': ['--era'] }, // which tree that is is known
};

command.hook('preAction', together(TOGETHER)).action(sitesCommand);
