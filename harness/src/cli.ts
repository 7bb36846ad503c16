// The command line.
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { CommanderError } from 'commander';
import { benchCommand } from './commands/bench.ts';
import { campaignCommand } from './commands/campaign.ts';
import { checkCommand } from './commands/check.ts';
import { claimsCommand } from './commands/claims.ts';
import { compareCommand } from './commands/compare.ts';
import { layoutCommand } from './commands/layout.ts';
import { listCommand } from './commands/list.ts';
import { moversCommand } from './commands/movers.ts';
import { mutantsCommand } from './commands/mutants.ts';
import { newCommand } from './commands/new.ts';
import { replayCommand } from './commands/replay.ts';
import { reportCommand } from './commands/report.ts';
import { ERAS, aliasText } from '@lastref/kernel';
import { SPEND_MAX } from '@lastref/search';
import { MINIATURE_MAX } from '@lastref/workloads';
import { UsageError } from './errors.ts';
import { findEra } from './registry.ts';

function count(max: number, min = 1): (text: string) => number {
  return (text) => {
    const n = Number(text);
    if (!/^\d+$/.test(text) || n < min || n > max) {
      throw new InvalidArgumentError(`It takes a whole number from ${min} to ${max}.`);
    }
    return n;
  };
}

/** A seed is a number, or a commit hash, of which the first eight digits count. */
function seed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  if (/^[0-9a-f]{7,40}$/.test(text)) return Number.parseInt(text.slice(0, 8), 16);
  throw new InvalidArgumentError('It takes a number of up to nine digits, or a commit hash.');
}

function shard(text: string): { index: number; of: number } {
  const match = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  const index = Number(match?.[1]);
  const of = Number(match?.[2]);
  if (match === null || index < 1 || index > of)
    throw new InvalidArgumentError('It takes i/n with 1 <= i <= n, such as 2/4.');
  return { index, of };
}

function ticks(text: string): number {
  const n = Number(text);
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError('It takes whole microseconds, up to nine digits.');
  return n;
}

function collect(file: string, files: string[]): string[] {
  return [...files, file];
}

/** A kernel, by its own name from here on; what the name of a branch stands for is said. */
function era(name: string): string {
  const { id } = findEra(name);
  const alias = aliasText(name);
  if (alias !== null) process.stderr.write(`lastref: ${alias}\n`);
  return id;
}

const ERA = (what: string) =>
  new Option('--era <version>', `${what}: ${ERAS.map(({ id }) => id).join(', ')}`).argParser(era);

const program = new Command('lastref')
  .description(
    'When has the network stack really let go of the last reference to your page, and what does it cost to know?',
  )
  .version('0.1.0')
  .showHelpAfterError('(--help shows examples)')
  .exitOverride();

const WITH = () =>
  new Option('--with <file>', 'a candidate design from anywhere on disk (again for more)')
    .argParser(collect)
    .default([] as string[]);

program
  .command('compare')
  .description('every design on every workload under the clock: verdicts, hold times, costs')
  .option('--designs <ids>', 'only these, separated by commas')
  .option('--workloads <ids>', 'only these, separated by commas')
  .option(
    '--capture <file>',
    'let this packet capture (pcap, pcapng) drive the run, and nothing else',
  )
  .addOption(
    new Option(
      '--driver-delay <µs>',
      'with a capture: how long the driver holds a packet before the device reads it',
    ).argParser(ticks),
  )
  .addOption(ERA('behave like this kernel'))
  .addOption(
    new Option('--seed <n>', 'seed of the losses and delays, or a commit hash')
      .argParser(seed)
      .default(1),
  )
  .addOption(
    new Option('--repeat <n>', 'that many seeds, from --seed on').argParser(count(1000)).default(1),
  )
  .addOption(WITH())
  .option(
    '--fail-on <kinds>',
    'exit 1 when a finding is of one of these properties or harms: early, lost, delivered, …',
  )
  .option(
    '--out <dir>',
    'where compare.json and compare.md go (default: results/, for a full run only)',
  )
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref compare
  lastref compare --designs rpc-reply,ian-frag-destructor --workloads nfs-odirect
  lastref compare --capture my-server.pcapng --json
  lastref compare --era 2.6.24 --repeat 5 --fail-on delivered`,
  )
  .action(compareCommand);

const bounded = <F extends string>(flag: F, what: string, max: number, min = 0) =>
  new Option(`--${flag} <n>` as const, what).argParser(count(max, min));

program
  .command('check')
  .description(
    'every order of all steps within a bound: the shortest counterexample, or what was exhausted',
  )
  .argument('<design>', 'as list prints it')
  .argument('<workload>', 'as list prints it, or with a number of operations: nfs-odirect~2')
  .addOption(bounded('operations', 'operations submitted (default 1)', MINIATURE_MAX, 1))
  .addOption(
    bounded('retransmissions', 'timers that make somebody send again (default 1)', SPEND_MAX),
  )
  .addOption(bounded('drops', 'packets that the wire loses (default 1)', SPEND_MAX))
  .addOption(bounded('duplicates', 'packets that the wire doubles (default 0)', SPEND_MAX))
  .addOption(bounded('overtakes', 'packets that overtake another (default 0)', SPEND_MAX))
  .addOption(
    bounded('failures', 'allocations, devices or connections that fail (default 0)', SPEND_MAX),
  )
  .addOption(bounded('flight', 'packets in flight on one wire (default 8)', 1000, 1))
  .addOption(bounded('steps', 'steps of one run (default 200)', 100_000, 1))
  .addOption(bounded('states', 'states visited (default 200000)', 50_000_000, 1))
  .option('--property <name>', 'look for this one alone, past findings of others')
  .option('--no-reduction', 'also explore orders that cannot matter')
  .addOption(ERA('behave like this kernel'))
  .option('--all', 'in the story, show every step')
  .addOption(WITH())
  .option('--fail-on <kinds>', 'exit 1 when the finding is of one of these properties or harms')
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref check rpc-reply nfs-odirect
  lastref check ian-frag-destructor bulk-loss --duplicates 1
  lastref check ian-frag-destructor nfs-odirect~2 --drops 0 --states 1000000`,
  )
  .action(checkCommand);

program
  .command('campaign')
  .description(
    'random runs of every design on every workload and operation: causes, shrunk to what matters',
  )
  .option('--designs <ids>', 'only these, separated by commas')
  .option(
    '--workloads <ids>',
    'only these: workloads of two operations (nfs-odirect~2), operations (mover-skb_shift-shared)',
  )
  .addOption(bounded('rounds', 'batches of each design on each workload', 1_000_000, 1).default(1))
  .addOption(bounded('runs', 'runs of a batch', 1_000_000, 1).default(60))
  .addOption(bounded('steps', 'random steps of a run', 100_000, 1).default(60))
  .option('--failures', 'allocations and devices may fail')
  .option(
    '--shortest',
    'set the shortest run that exhaustive search finds to the same property beside each finding',
  )
  .addOption(
    new Option('--seed <n>', 'seed of the first round, or a commit hash')
      .argParser(seed)
      .default(1),
  )
  .addOption(
    new Option('--shard <i/n>', 'run the i-th of n parts, for n machines')
      .argParser(shard)
      .default({ index: 1, of: 1 }, '1/1'),
  )
  .option('--out <dir>', 'keep every batch there as it comes')
  .option('--resume', 'go on with the campaign in --out')
  .option('--merge <dirs>', 'run nothing: put the shards in these directories together')
  .addOption(ERA('behave like this kernel'))
  .addOption(WITH())
  .option('--fail-on <kinds>', 'exit 1 when a finding is of one of these properties or harms')
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref campaign
  lastref campaign --designs sock-wfree,ian-frag-destructor --rounds 20 --out night
  lastref campaign --designs sock-wfree,ian-frag-destructor --rounds 20 --out night --resume
  lastref campaign --shard 1/2 --out a      (and 2/2 --out b on another machine)
  lastref campaign --merge a,b`,
  )
  .action(campaignCommand);

program
  .command('movers')
  .description(
    'every operation that moves a fragment × every design: proven, refuted, copied or not applicable',
  )
  .option('--designs <ids>', 'only these, separated by commas')
  .option('--faults', 'also with every allocation of the operation failing once')
  .addOption(ERA('behave like this kernel'))
  .addOption(WITH())
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref movers
  lastref movers --faults
  lastref movers --designs rusty-shinfo-orig,ian-frag-destructor --era 2.6.24`,
  )
  .action(moversCommand);

program
  .command('mutants')
  .description(
    'designs with one hook changed and operations with one reference call spoiled: which of them are seen',
  )
  .option('--designs <ids>', 'only these, separated by commas')
  .option(
    '--operations <ids>',
    'spoil operations under these designs (default: under those that keep seven in eight)',
  )
  .addOption(ERA('behave like this kernel'))
  .addOption(WITH())
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

program
  .command('claims')
  .description(
    'what five documents of 2007 to 2013 claimed: an experiment on each statement, with its verdict',
  )
  .option('--claim <ids>', 'only these, separated by commas, each with all that was seen')
  .option(
    '--out <dir>',
    'where claims.json and claims.md go (default: results/, for all claims only)',
  )
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref claims
  lastref claims --claim L1
  lastref claims --claim Z6,Z7 --json`,
  )
  .action(claimsCommand);

program
  .command('replay')
  .description('the steps of a finding, one line each, with the references that change')
  .argument('<token>', 'as printed by compare')
  .addOption(
    new Option('--until <n>', 'stop after that many steps').argParser(count(1_000_000_000)),
  )
  .option('--all', 'show every step, not only those that touch the loan of the finding')
  .option('--diff <design>', 'play the same steps under this design too, and show where they part')
  .option(
    '--trace <dir>',
    'write trace.json for Perfetto and wire.pcapng for Wireshark to this directory',
  )
  .option(
    '--capture <file>',
    'the capture file, for tokens of a capture that does not ship with lastref',
  )
  .addOption(WITH())
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref replay TOKEN
  lastref replay TOKEN --all --until 40
  lastref replay TOKEN --trace my-trace`,
  )
  .action(replayCommand);

program
  .command('layout')
  .description(
    'the structs that each design changes as a C compiler lays them out, and receive buffers',
  )
  .option('--designs <ids>', 'only these, separated by commas')
  .option(
    '--era <version>',
    "in this kernel alone: 2.6.24, 2.6.28, 2.6.32, 2.6.38, 3.0, 3.2, 3.8, 3.18 (default: the design's own and 3.8)",
  )
  .option(
    '--struct <name>',
    'this struct alone, with fields, offsets, holes and cache lines: sk_buff, skb_shared_info, skb_frag_t, page, sock, pipe_buffer, ubuf_info',
  )
  .addOption(WITH())
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref layout
  lastref layout --struct skb_shared_info --designs ian-frag-destructor
  lastref layout --struct sk_buff --era 3.2
  lastref layout --designs rusty-shinfo-orig --era 2.6.32 --json`,
  )
  .action(layoutCommand);

program
  .command('report')
  .description(
    'one HTML page to look at, a Markdown page and a text to send: comparison, operations, costs, layouts, stories',
  )
  .option('--from <dir>', 'where compare.json, movers.json and claims.json are (default: results/)')
  .option('--out <dir>', 'where report.html, report.md and report.txt go (default: results/)')
  .option('--claims <file>', 'the document of lastref claims --json')
  .option('--designs <ids>', 'run anew, with these alone')
  .option('--workloads <ids>', 'run anew, with these alone')
  .option('--capture <file>', 'run anew, driven by this packet capture and nothing else')
  .addOption(ERA('run anew, as this kernel'))
  .addOption(WITH())
  .option('--open', 'open report.html when it is written')
  .option('--text', 'print the text of 72 columns and write nothing')
  .option('--markdown', 'print the Markdown page and write nothing')
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Without a choice of its own it shows what is in --from, and runs what is missing there.

Examples:
  lastref report
  lastref report --with ./my-design.ts --out my-report
  lastref report --text --designs rpc-reply,ian-frag-destructor --workloads nfs-odirect`,
  )
  .action(reportCommand);

program
  .command('bench')
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

program
  .command('new')
  .description('the skeleton of a design of your own, which runs as it is, and its test')
  .argument('<design>', 'its name, such as my-design')
  .option('--dir <dir>', 'where the files go', '.')
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  lastref new my-design
  lastref new my-design --dir drafts`,
  )
  .action(newCommand);

program
  .command('list')
  .description('designs, workloads, movers and eras, one line each')
  .addOption(WITH())
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText('after', '\nExamples:\n  lastref list\n  lastref list --json')
  .action(listCommand);

// Started by a launcher that was killed: nobody waits for the result any more.
if (process.channel !== undefined) {
  process.on('disconnect', () => process.exit(1));
  process.channel.unref();
}

// A reader that has seen enough (head, less) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof UsageError) {
    process.stderr.write(`lastref: ${error.message}\n`);
    process.exitCode = 2;
  } else {
    throw error;
  }
}
