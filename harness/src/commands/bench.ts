import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { join } from 'node:path';
import {
  ANCHORS_HELP,
  bench,
  cellsAsked,
  jsonText,
  markdown,
  noiseWarning,
  readBench,
  slower,
  terminalText,
  versus,
  versusText,
} from '@lastref/bench';
import { EXIT, UsageError, absolute, writeTogether } from '@lastref/runner';
import { made } from '@lastref/runner/origin';
import { commandLine } from '@lastref/runner/typed';
import { bounded } from './flags.ts';
import { RESULTS, outputOf } from './reference.ts';
import { page, sayText, show } from './say.ts';
import { together } from './together.ts';

type BenchFlags = ReturnType<typeof command.opts>;

const ROUNDS = 5;
const QUICK_ROUNDS = 2;
const GATE = '--fail-above';
const NEEDS = { [GATE]: ['--compare'] };

async function benchCommand(
  newer: string | undefined,
  flags: BenchFlags,
  command: CommandUnknownOpts,
): Promise<void> {
  if (flags.compare !== undefined) return compareRuns(flags.compare, newer, flags);
  if (newer !== undefined)
    throw new UsageError(`'${newer}' is too much; did you mean --compare OLD ${newer}?`);
  const quick = flags.quick === true;
  const cells = await cellsAsked(flags, quick);
  const rounds = flags.rounds ?? (quick ? QUICK_ROUNDS : ROUNDS);
  const out = outputOf(flags, command, join(RESULTS, 'bench')); // hours of measuring are not to end at a directory
  const doc = await bench({ cells, rounds, quick, script: process.argv[1]! });
  if (out !== null)
    writeTogether(out, [
      { name: 'bench.json', data: jsonText({ ...doc, made: made(commandLine()) }) },
      { name: 'README.md', data: page(markdown(doc)) },
    ]);
  if (flags.json === true) process.stdout.write(jsonText({ ...doc, made: made(commandLine()) }));
  else sayText(terminalText(doc));
  const warning = noiseWarning(doc);
  if (warning !== null) process.stderr.write(`bench: ${warning}\n`);
}

function compareRuns(old: string, newer: string | undefined, flags: BenchFlags): void {
  if (newer === undefined)
    throw new UsageError('--compare takes two files: --compare OLD.json NEW.json');
  const doc = versus(readBench(absolute(old)), readBench(absolute(newer)));
  show(flags, doc, () => versusText(doc));
  const above = slower(doc, flags.failAbove ?? Infinity);
  if (above.length > 0) process.exitCode = EXIT.found;
  for (const line of above) process.stderr.write(`bench: ${line}\n`);
}

export const command = new Command('bench')
  .description(
    'how fast the model is: designs on the sk_buff cycle and a bulk TCP flow, exhaustive search, whole commands; a process for each cell; what we set ourselves beside it',
  )
  .argument('[new]', 'with --compare: the newer of two bench.json files')
  .option(
    '--designs <ids>',
    'these beside naive-sendpage (default: the first ten of lastref list, but for repairs; with --quick, ian-frag-destructor)',
  )
  .option('--scenarios <names>', 'only these: cycle, cycle/4, bulk, bulk/0%, race/s, command, …')
  .addOption(bounded('rounds', 'how often every cell is run (default: 5, with --quick 2)', 1000, 1))
  .option('--quick', 'a minute or two, for a first look: smaller runs')
  .option(
    '--out <dir>',
    'where bench.json and README.md go (default: results/bench, for a full run only)',
  )
  .option('--compare <old>', 'run nothing: set two bench.json files side by side')
  .addOption(bounded('fail-above', 'with --compare: exit 1 if a cell is so many % slower', 999))
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
${ANCHORS_HELP}

Examples:
  lastref bench
  lastref bench --quick --designs rusty-shinfo-orig --scenarios cycle,bulk/1%
  lastref bench --compare results/bench/bench.json my-bench/bench.json`,
  );

command
  .hook('preAction', together({ questions: { '--compare': ['--json', GATE] }, needs: NEEDS }))
  .action(benchCommand);
