import { Argument, Command } from '@commander-js/extra-typings';
import { LabError } from '@lastref/lab';
import { treeOf } from '@lastref/kernel';
import { overridden } from '@lastref/mutants';
import { sitesText } from '@lastref/report';
import { CouldNot, UsageError, select, tryDirectory, writeTogether } from '@lastref/runner';
import { knownDesigns } from '@lastref/runner/known';
import {
  OPERATION_NAMES,
  SOURCE_IDS,
  askPatch,
  fetchSource,
  judgeLabels,
  keptText,
  parsePatch,
  readLabels,
  scanTree,
  sitesDocument,
  type SourceTree,
} from '@lastref/sites';
import { readFileSync } from 'node:fs';
import pc from 'picocolors';
import { house } from '../house.ts';
import { trustOption, withOption } from './flags.ts';
import { hint, quoted } from './hint.ts';
import { sayDocument, sayText } from './say.ts';

interface SitesFlags {
  readonly kernel?: string | undefined;
  readonly era?: string | undefined;
  readonly patch?: string | undefined;
  readonly design?: string | undefined;
  readonly labels?: string | undefined;
  readonly keepers?: true | undefined;
  readonly keep?: string | undefined;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly json?: true | undefined;
}

const say = (line: string) => process.stderr.write(`sites: ${line}\n`);

async function sitesCommand(dir: string | undefined, flags: SitesFlags): Promise<void> {
  if ((dir === undefined) === (flags.kernel === undefined))
    throw new UsageError('it takes the root of a kernel source, or --kernel: one of the two');
  const asked = [flags.patch, flags.design, flags.labels, flags.keepers].filter(
    (f) => f !== undefined,
  );
  if (asked.length > 1)
    throw new UsageError('--patch, --design, --labels and --keepers are one question each');
  if (flags.keep !== undefined) {
    if (flags.kernel === undefined)
      throw new UsageError('--keep goes with --kernel: what is kept has a source');
    tryDirectory(flags.keep);
  }
  // what can be wrong with a question is said before minutes have gone by
  const patch = flags.patch === undefined ? null : readPatch(flags.patch);
  const labels = flags.labels === undefined ? null : readLabels(flags.labels);
  const design =
    flags.design === undefined ? null : await designCalled(flags.design, flags.with, flags.trust);
  const tree = await treeAsked(dir, flags);
  const name = flags.era === undefined ? tree.tree : eraCalled(flags.era);
  if (labels !== null && name === null)
    throw new UsageError('labels were read in a tree: --era says which this is');
  const scan = await scanTree(tree.dir, { operations: OPERATION_NAMES, say });
  const doc = sitesDocument(scan, {
    tree: name,
    source: tree.source,
    keepers: flags.keepers === true ? scan.keepers : null,
    labels: labels === null ? null : judgeLabels(scan, labels, name!),
    patch: patch === null ? null : askPatch(scan, tree.dir, patch),
    design,
  });
  if (flags.keep !== undefined && tree.tree !== null) {
    const about = { tree: tree.tree, source: tree.source!, sha256: tree.sha256! };
    writeTogether(flags.keep, [{ name: `${tree.tree}.json`, data: keptText(scan, about) }]);
  }
  const era = name === null ? [] : ['--era', name];
  const example = (operation: string) => `${hint('movers', ...era)}, row ${quoted(operation)}`;
  if (flags.json === true) sayDocument(doc);
  else sayText(sitesText(doc, pc, example));
}

function readPatch(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`cannot read a patch from '${file}'`);
  }
  parsePatch(text);
  return text;
}

async function designCalled(id: string, files: string[], trust: true | undefined) {
  const known = (await knownDesigns(house, files, undefined, trust)).all.map(
    ({ design }) => design,
  );
  const [design] = select('design', known, (d) => d.id, id);
  return { design: design!, hooks: overridden(design!) };
}

function eraCalled(name: string): string {
  try {
    return treeOf(name).id;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The tree that was named, or that of a kernel that is fetched. */
async function treeAsked(
  dir: string | undefined,
  { kernel }: SitesFlags,
): Promise<{ [K in keyof SourceTree]: SourceTree[K] | null } & { readonly dir: string }> {
  if (kernel === undefined) return { dir: dir!, tree: null, source: null, sha256: null };
  try {
    return await fetchSource(kernel, say);
  } catch (error) {
    if (error instanceof LabError) throw new CouldNot(error.message);
    throw error;
  }
}

export const command = new Command('sites')
  .description(
    "which functions of a kernel source touch a fragment or an owner's record, and which of them are operations here",
  )
  .addArgument(new Argument('[tree]', 'the root of a kernel source, or of a part of one'))
  .option('--kernel <id>', `instead: Debian's source of ${SOURCE_IDS.join(', ')}, fetched once`)
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
  .addOption(trustOption())
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
  )
  .action(sitesCommand);
