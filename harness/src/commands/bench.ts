import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { join } from 'node:path';
import {
  cellsOf,
  BASELINE,
  BENCH_DESIGNS,
  markdown,
  noiseWarning,
  terminalText,
  versusText,
  bench,
  jsonText,
  scenarioOf,
  readBench,
  versus,
} from '@lastref/bench';
import {
  UsageError,
  absolute,
  allDesigns,
  literalOf,
  near,
  select,
  tryDirectory,
  writeTogether,
} from '@lastref/runner';
import { made } from '../origin.ts';
import { bounded } from './flags.ts';
import { RESULTS, isReference } from './reference.ts';
import { page, sayDocument, sayText } from './say.ts';

interface BenchFlags {
  readonly designs?: string | undefined;
  readonly scenarios?: string | undefined;
  readonly rounds?: number | undefined;
  readonly quick?: true | undefined;
  readonly out?: string | undefined;
  readonly compare?: string | undefined;
  readonly json?: true | undefined;
}

const ROUNDS = 5;
const QUICK_ROUNDS = 2;

async function benchCommand(
  newer: string | undefined,
  flags: BenchFlags,
  command: CommandUnknownOpts,
): Promise<void> {
  if (flags.compare !== undefined) return compareRuns(flags.compare, newer, flags.json === true);
  if (newer !== undefined)
    throw new UsageError(`'${newer}' is too much; did you mean --compare OLD ${newer}?`);
  const quick = flags.quick === true;
  const cells = scenarios(cellsOf(await designs(flags.designs, quick)), flags.scenarios);
  const rounds = flags.rounds ?? (quick ? QUICK_ROUNDS : ROUNDS);
  const out =
    flags.out !== undefined
      ? absolute(flags.out)
      : isReference(command)
        ? join(RESULTS, 'bench')
        : null;
  if (out !== null) tryDirectory(out); // hours of measuring are not to end at a directory
  const doc = await bench({ cells, rounds, quick });
  if (out !== null)
    writeTogether(out, [
      { name: 'bench.json', data: jsonText({ ...doc, made: made() }) },
      { name: 'README.md', data: page(markdown(doc)) },
    ]);
  if (flags.json === true) process.stdout.write(jsonText({ ...doc, made: made() }));
  else sayText(terminalText(doc));
  const warning = noiseWarning(doc);
  if (warning !== null) process.stderr.write(`bench: ${warning}\n`);
}

/** The designs to measure; the baseline is always among them. */
async function designs(wanted: string | undefined, quick: boolean): Promise<string[]> {
  const all = (await allDesigns()).map((d) => d.design);
  const ids = all.map((d) => d.id);
  const named = quick
    ? BENCH_DESIGNS
    : all.filter((d) => d.rank !== undefined && literalOf(d) === d.id).map((d) => d.id);
  const picked = wanted === undefined ? named : select('design', ids, (id) => id, wanted);
  return ids.filter((id) => id === BASELINE || picked.includes(id));
}

/** `cycle`, `bulk/0%` and `race/s/verdict` each name all scenarios that begin so. */
function scenarios<C extends { id: string; design: string }>(
  cells: readonly C[],
  wanted: string | undefined,
): C[] {
  if (wanted === undefined) return [...cells];
  const known = [...new Set(cells.map(scenarioOf))];
  const names = wanted.split(',').map((name) => name.trim());
  const begins = (scenario: string, name: string): boolean =>
    scenario === name || scenario.startsWith(`${name}/`);
  for (const name of names)
    if (!known.some((scenario) => begins(scenario, name)))
      throw new UsageError(`unknown scenario '${name}'; ${near(name, known)}`);
  return cells.filter((cell) => names.some((name) => begins(scenarioOf(cell), name)));
}

function compareRuns(old: string, newer: string | undefined, json: boolean): void {
  if (newer === undefined)
    throw new UsageError('--compare takes two files: --compare OLD.json NEW.json');
  const doc = versus(readBench(absolute(old)), readBench(absolute(newer)));
  if (json) sayDocument(doc);
  else sayText(versusText(doc));
}

export const command = new Command('bench')
  .description(
    'how fast the model is: designs on the sk_buff cycle and a bulk TCP flow, exhaustive search; a process for each cell',
  )
  .argument('[new]', 'with --compare: the newer of two bench.json files')
  .option(
    '--designs <ids>',
    'these beside naive-sendpage (default: the first eight; with --quick, ian-frag-destructor)',
  )
  .option('--scenarios <names>', 'only these: cycle, cycle/4, bulk, bulk/0%, race/s, …')
  .addOption(bounded('rounds', 'how often every cell is run (default: 5, with --quick 2)', 1000, 1))
  .option('--quick', 'a minute or two, for a first look: smaller runs')
  .option(
    '--out <dir>',
    'where bench.json and README.md go (default: results/bench, for a full run only)',
  )
  .option('--compare <old>', 'run nothing: set two bench.json files side by side')
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
LASTREF_ANCHORS  directory with climit/skb.c, the cycle in plain C, and spin/race.pml, the race model for SPIN,
                 if that is installed: built and run beside the cells
LASTREF_NS3      a built ns-3 program of the bulk scenario, run beside the cells

Examples:
  lastref bench
  lastref bench --quick --designs rusty-shinfo-orig --scenarios cycle,bulk/1%
  lastref bench --compare results/bench/bench.json my-bench/bench.json`,
  )
  .action(benchCommand);
