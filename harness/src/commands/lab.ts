import { Command, Option } from '@commander-js/extra-typings';
import {
  ANSWERS,
  KERNELS,
  LabError,
  OPERATIONS,
  SCENARIOS,
  addFound,
  askKept,
  debianGuest,
  eraBeside,
  givenGuest,
  hasOperation,
  keepAnswers,
  keptAnswers,
  knownKernel,
  labDocument,
  liveDocument,
  liveFormOf,
  mergeLabs,
  mergeLive,
  RECORDED,
  RECORDERS,
  mutantsMarkdown,
  record,
  runLab,
  runScenarios,
  sharpness,
  type Guest,
  type KeptAnswers,
  type LabResult,
  type LiveResult,
  type Recorded,
  type Recorder,
  type Scenario,
} from '@lastref/lab';
import {
  labMarkdown,
  labSchema,
  labText,
  liveMarkdown,
  liveSchema,
  liveText,
  type LabDocument,
  type LiveDocument,
} from '@lastref/report';
import { SCRIPTS } from '@lastref/recording';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pc from 'picocolors';
import {
  CouldNot,
  UsageError,
  allDesigns,
  decodeToken,
  digestOfDocument,
  runtimes,
  select,
  tryDirectory,
  writeTogether,
} from '@lastref/runner';
import { bounded, seed as seedOf } from './flags.ts';

interface LabFlags {
  readonly kernel: string;
  readonly image?: string | undefined;
  readonly headers?: string | undefined;
  readonly seed: number;
  readonly sequences?: number | undefined;
  readonly minutes?: number | undefined;
  readonly ops?: string | undefined;
  readonly live?: string | undefined;
  readonly token?: string | undefined;
  readonly record?: string | undefined;
  readonly runs: number;
  readonly kvm?: true | undefined;
  readonly keep?: true | undefined;
  readonly merge?: string | undefined;
  readonly mutants?: number | undefined;
  readonly hunt: number;
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

/** Scripts for each kernel, where neither their number nor a time is given. */
const SEQUENCES = 600;

/** The scripts that ship stand for its structs. */
const RECORDED_ON = '6.12';
const SCRIPT_OF: Readonly<Record<Recorder, string>> = {
  bpftrace: 'lastref.bt',
  'trace-cmd': 'lastref-trace-cmd.sh',
};

const say = (line: string) => process.stderr.write(`lab: ${line}\n`);

async function labCommand(flags: LabFlags): Promise<void> {
  const { seed } = flags;
  const minutes = flags.minutes ?? null;
  const sequences = flags.sequences ?? (minutes === null ? SEQUENCES : null);
  if (flags.out !== undefined) tryDirectory(flags.out);
  if (flags.mutants !== undefined) {
    await mutants(flags.mutants, seed, flags.hunt, flags.out);
    return;
  }
  const ops =
    flags.ops === undefined
      ? null
      : select('operation', OPERATIONS, (op) => op.name, flags.ops).map((op) => op.name);
  if (flags.token !== undefined) {
    await playToken(flags.token, flags);
    return;
  }
  if (flags.live !== undefined) {
    const wanted = flags.live === 'all' ? undefined : flags.live;
    const scenarios = select('scenario', SCENARIOS, (s) => s.id, wanted);
    await live(scenarios, `--live ${flags.live}`, flags);
    return;
  }
  if (flags.record !== undefined) {
    await recordings(flags.record, flags);
    return;
  }
  if (flags.merge !== undefined) {
    merge(flags.merge.split(','), flags);
    return;
  }
  const results: LabResult[] = [];
  const kept: KeptAnswers[] = [];
  try {
    for await (const guest of guests(flags)) {
      const { era, text } = eraBeside(guest);
      if (ops !== null && !ops.some((op) => hasOperation(op, era))) {
        say(`${guest.id}: ${era.id} has none of ${ops.join(', ')}: nothing is played`);
        continue;
      }
      if (flags.keep === true) {
        say(`${guest.id}: ${guest.version} answers`);
        kept.push(await askKept(guest, era, seed, sequences ?? SEQUENCES));
        continue;
      }
      say(`${guest.id}: ${guest.version}, ${text}`);
      results.push(await runLab({ guest, era, seed, sequences, minutes, ops, say }));
    }
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    process.stderr.write(`lastref lab: ${error.message}\n`);
    process.exitCode = 3;
    return;
  }
  if (flags.keep === true) {
    for (const file of keepAnswers(ANSWERS, kept)) process.stdout.write(`${file}\n`);
    return;
  }
  if (results.length === 0) throw new CouldNot(`no kernel that was asked has ${flags.ops}`);
  const date = new Date().toISOString().slice(0, 10);
  show(labDocument({ command: commandOf(flags), date, seed }, results), flags);
}

/** A finding with real sockets, where it has such a form: on the kernel of its era, or on those of `--kernel`. */
async function playToken(text: string, flags: LabFlags): Promise<void> {
  const token = decodeToken(text);
  const scenario = liveFormOf(token);
  if (typeof scenario === 'string') throw new CouldNot(scenario);
  const own = KERNELS.find((k) => k.era === token.era.replace(/[-+][a-z]+[A-Z]\w*$/, ''));
  const kernel = flags.kernel === 'all' ? (own ?? KERNELS.at(-1)!).id : flags.kernel;
  if (own === undefined) say(`of era ${token.era} there is no kernel: it is played on ${kernel}`);
  await live([scenario], `--token ${text}`, { ...flags, kernel });
}

/** Scenarios with real sockets on each kernel. */
async function live(scenarios: readonly Scenario[], asked: string, flags: LabFlags): Promise<void> {
  const { runs } = flags;
  const files = [...(await allDesigns()), ...(await runtimes())];
  const designs = new Map(files.map(({ design }) => [design.id, design]));
  const date = new Date().toISOString().slice(0, 10);
  const got: LiveResult[] = [];
  try {
    for await (const guest of guests(flags)) {
      say(`${guest.id}: ${guest.version}, ${runs} runs of each arm`);
      got.push(await runScenarios(scenarios, guest, runs, designs, date));
    }
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    process.stderr.write(`lastref lab: ${error.message}\n`);
    process.exitCode = 3;
    return;
  }
  const command = `lastref lab ${asked} --kernel ${flags.kernel} --runs ${runs}`;
  showLive(liveDocument(command, got), flags);
}

function showLive(content: Omit<LiveDocument, 'digest'>, flags: LabFlags): void {
  const doc: LiveDocument = { ...content, digest: digestOfDocument(content) };
  if (flags.out !== undefined)
    writeTogether(flags.out, [
      { name: 'live.json', data: `${JSON.stringify(doc, null, 1)}\n` },
      { name: 'live.md', data: liveMarkdown(doc) },
    ]);
  process.stdout.write(flags.json === true ? `${JSON.stringify(doc)}\n` : liveText(doc, pc));
}

/** Puts together what runs on different kernels have written: of scripts, or of scenarios where no script was played. */
function merge(dirs: readonly string[], flags: LabFlags): void {
  const read = (dir: string, name: string): unknown =>
    JSON.parse(readFileSync(join(dir, name), 'utf8'));
  if (dirs.every((dir) => !existsSync(join(dir, 'lab.json')) && existsSync(join(dir, 'live.json'))))
    showLive(mergeLive(dirs.map((dir) => liveSchema.parse(read(dir, 'live.json')))), flags);
  else show(mergeLabs(dirs.map((dir) => labSchema.parse(read(dir, 'lab.json')))), flags);
}

/** `tool:scenario`, each a file. */
async function recordings(wanted: string, flags: LabFlags): Promise<void> {
  const all = RECORDERS.flatMap((tool) =>
    (Object.keys(RECORDED) as Recorded[]).map((scenario) => ({
      id: `${tool}:${scenario}`,
      tool,
      scenario,
    })),
  );
  const chosen = select('recording', all, (r) => r.id, wanted === 'all' ? undefined : wanted);
  if (flags.out === undefined)
    throw new UsageError('--record writes files: --out DIR belongs to it');
  const kernel = knownKernel(flags.kernel === 'all' ? RECORDED_ON : flags.kernel);
  if (kernel === undefined)
    throw new UsageError(`--record takes one kernel: ${KERNELS.map((k) => k.id).join(', ')}`);
  try {
    for (const { tool, scenario } of chosen) {
      const made = await record(kernel, tool, scenario, join(SCRIPTS, SCRIPT_OF[tool]), say);
      const name = `${tool}-${scenario}.txt`;
      writeTogether(flags.out, [{ name, data: made.text }]);
      process.stdout.write(`${name}: ${made.with}; ${made.said}\n`);
    }
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    process.stderr.write(`lastref lab: ${error.message}\n`);
    process.exitCode = 3;
  }
}

/** Prints the document, and writes it where that is asked for. */
function show(content: Omit<LabDocument, 'digest'>, flags: LabFlags): void {
  const doc: LabDocument = { ...content, digest: digestOfDocument(content) };
  if (flags.out !== undefined)
    writeTogether(flags.out, [
      { name: 'lab.json', data: `${JSON.stringify(doc, null, 1)}\n` },
      { name: 'lab.md', data: labMarkdown(doc) },
    ]);
  process.stdout.write(flags.json === true ? `${JSON.stringify(doc)}\n` : labText(doc, pc));
}

/** Without a guest: how many mutants of the model the kept answers see. */
async function mutants(
  count: number,
  seed: number,
  hunt: number,
  dir: string | undefined,
): Promise<void> {
  const results = await sharpness(keptAnswers(), count, seed, hunt, say).catch((error: unknown) => {
    throw error instanceof LabError ? new CouldNot(error.message, { cause: error }) : error;
  });
  if (hunt > 0) addFound(results.flatMap(({ found }) => (found === null ? [] : [found])));
  const text = mutantsMarkdown(results, `lastref lab --mutants ${count} --seed ${seed}`);
  if (dir !== undefined) writeTogether(dir, [{ name: 'lab-mutants.md', data: text }]);
  process.stdout.write(text);
}

/** The kernels that were asked for, one after another. */
async function* guests(flags: LabFlags): AsyncGenerator<Guest> {
  const kvm = flags.kvm === true;
  if (flags.image !== undefined || flags.headers !== undefined) {
    if (flags.image === undefined || flags.headers === undefined)
      throw new UsageError('--image FILE and --headers DIR belong together');
    yield await givenGuest(flags.image, flags.headers, kvm, say);
    return;
  }
  const ids = flags.kernel === 'all' ? KERNELS.map((k) => k.id) : flags.kernel.split(',');
  const known = ids.map((id) => {
    const kernel = knownKernel(id);
    if (kernel === undefined)
      throw new UsageError(`no kernel '${id}': ${KERNELS.map((k) => k.id).join(', ')} or all`);
    return kernel;
  });
  for (const kernel of known) yield await debianGuest(kernel, kvm, say);
}

function commandOf({ kernel, image, headers, seed, sequences, minutes, ops }: LabFlags): string {
  const which =
    image === undefined ? `--kernel ${kernel}` : `--image ${image} --headers ${headers}`;
  const timed = minutes === undefined ? '' : ` --minutes ${minutes}`;
  const counted =
    sequences === undefined && timed !== '' ? '' : ` --sequences ${sequences ?? SEQUENCES}`;
  const only = ops === undefined ? '' : ` --ops ${ops}`;
  return `lastref lab ${which} --seed ${seed}${counted}${timed}${only}`;
}

export const command = new Command('lab')
  .description(
    'the model beside running kernels: the same scripts of buffer operations on both, compared after every step',
  )
  .option('--kernel <ids>', 'of Debian, booted in QEMU: 5.10, 6.1, 6.12, 7.2 or all', 'all')
  .option('--image <file>', 'with --headers: any other kernel')
  .option('--headers <dir>', 'what modules for it are built against')
  .addOption(
    new Option('--seed <n>', 'seed of the scripts, or a commit hash').argParser(seedOf).default(1),
  )
  .addOption(
    bounded(
      'sequences',
      `scripts for each kernel, half of them short (default: ${SEQUENCES}, or what --minutes gives time for)`,
      1_000_000,
      1,
    ),
  )
  .addOption(
    bounded(
      'minutes',
      'for each kernel: batches of 600 scripts, none begun after so many minutes',
      10_000,
      1,
    ),
  )
  .option('--ops <names>', 'only these operations, behind a setup of one to three packets')
  .option(
    '--live <scenarios>',
    `no scripts: real sockets, pages written anew when their producer is told (${SCENARIOS.map((s) => s.id).join(', ')}; or all)`,
  )
  .option('--token <token>', 'a finding, played with real sockets where it has such a form')
  .option(
    '--record <tool:scenario>',
    `no scripts: a tool records a scenario, into --out (${RECORDERS.join(' or ')}; ${Object.keys(RECORDED).join(', ')}; or all)`,
  )
  .addOption(bounded('runs', 'with --live or --token: of each arm', 10_000, 1).default(30))
  .option('--kvm', 'under KVM, if a probe boots (default: TCG)')
  .option(
    '--merge <dirs>',
    'run nothing: put the lab.json, or live.json, of runs on different kernels together',
  )
  .option(
    '--keep',
    'compare nothing: keep the answers to that many scripts with the model (packages/lab/answers)',
  )
  .addOption(
    bounded(
      'mutants',
      'no guest: how many of so many one-line mutants of the model the kept answers see',
      10_000,
      1,
    ),
  )
  .addOption(
    bounded(
      'hunt',
      'with --mutants: look for a script for each that is neither seen nor explained, in so many (answers/found.script)',
      1_000_000,
      0,
    ).default(0),
  )
  .option('--out <dir>', 'also write lab.json and lab.md (or lab-mutants.md) there')
  .option('--json', 'print one JSON document and nothing else')
  .addHelpText(
    'after',
    `
Fetches 32 to 60 MB of packages for each kernel into ~/.cache/lastref/lab (or $XDG_CACHE_HOME) and unpacks them there;
nothing is installed. Needs qemu-system-x86, gcc-12, make, xz-utils and libc6-dev of Debian.

Examples:
  lastref lab --kernel 6.1
  lastref lab --kernel all --sequences 10000
  lastref lab --live mtu-probe --kernel 7.2,6.1
  lastref lab --record bpftrace:leak --kernel 6.12 --out my-recordings
  lastref lab --kernel 6.12 --ops frag,clone,pulltail,coal --seed 7 --json
  lastref lab --image bzImage --headers /usr/src/linux-headers-6.18`,
  )
  .action(labCommand);
