import { Command } from '@commander-js/extra-typings';
import {
  KERNEL_IDS,
  LabError,
  RECORDED,
  RECORDERS,
  SCENARIOS,
  SEQUENCES,
  keepEach,
  liveFormCalled,
  mergedIn,
  mutantsSeen,
  operationsCalled,
  playLive,
  playScripts,
  recordEach,
  recordingsCalled,
  scenariosCalled,
} from '@lastref/lab';
import {
  labMarkdown,
  labText,
  liveMarkdown,
  liveText,
  type LabDocument,
  type LiveDocument,
} from '@lastref/report';
import { FINDS, cellsOfLab, cellsOfLive } from '@lastref/report/ci';
import { SCRIPTS } from '@lastref/recording';
import { EXIT, UsageError, tryDirectory, writeTogether } from '@lastref/runner';
import pc from 'picocolors';
import { type Together } from '@lastref/runner/typed';
import { bounded, seedOption } from './flags.ts';
import { JUDGING, Outcome, judging } from './outcome.ts';
import { together } from './together.ts';

type LabFlags = ReturnType<typeof command.opts>;

const say = (line: string) => process.stderr.write(`lab: ${line}\n`);

/** What a guest or a tool does not do is said as it says it, in as many lines. */
async function saying(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    process.stderr.write(`lastref lab: ${error.message}\n`);
    process.exitCode = EXIT.couldNot;
  }
}

const GUEST = ['--kernel', '--image', '--headers', '--kvm'];
const LIVE = [...GUEST, '--runs', '--out', '--json', ...JUDGING];

/** Without one of its questions: scripts. */
const TOGETHER: Together = {
  questions: {
    '--live': LIVE,
    '--token': LIVE,
    '--record': ['--kernel', '--out'],
    '--merge': ['--out', '--json', ...JUDGING],
    '--keep': [...GUEST, '--seed', '--sequences', '--ops'],
    '--mutants': ['--seed', '--hunt', '--out'],
  },
  needs: { '--runs': ['--live', '--token'], '--hunt': ['--mutants'] },
  apart: { '--kernel': ['--image', '--headers'] },
};

/** Of the questions one. */
async function labCommand(flags: LabFlags): Promise<void> {
  const { runs } = flags;
  const outcome = new Outcome(flags, FINDS.lab);
  const live = (flags.live ?? flags.token) !== undefined;
  if (live) outcome.mustFind(['contradicts', 'not-seen'], 'disagrees is what scripts do');
  else if (flags.merge === undefined)
    outcome.mustFind(['disagrees'], 'contradicts and not-seen are what --live and --token find');
  if (flags.out !== undefined) tryDirectory(flags.out);
  if (flags.mutants !== undefined) {
    const text = await mutantsSeen(flags.mutants, flags.seed, flags.hunt, say);
    if (flags.out !== undefined) writeTogether(flags.out, [{ name: 'lab-mutants.md', data: text }]);
    return void process.stdout.write(text);
  }
  const ops = operationsCalled(flags.ops);
  if (flags.token !== undefined) {
    const { scenario, kernel } = liveFormCalled(flags.token, flags.kernel, say);
    const flag = `--token ${flags.token}`;
    return showLive(
      await playLive([scenario], flag, runs, { ...flags, kernel }, say),
      flags,
      outcome,
    );
  }
  if (flags.live !== undefined) {
    const scenarios = scenariosCalled(flags.live);
    return showLive(
      await playLive(scenarios, `--live ${flags.live}`, runs, flags, say),
      flags,
      outcome,
    );
  }
  if (flags.record !== undefined) {
    recordingsCalled(flags.record); // a wrong name is said first
    const { kernel, out } = flags;
    if (out === undefined) throw new UsageError('--record writes files: --out DIR belongs to it');
    const where = { kernel, scripts: SCRIPTS, out };
    for await (const line of recordEach(flags.record, where, say))
      process.stdout.write(`${line}\n`);
    return;
  }
  if (flags.merge !== undefined) {
    const merged = mergedIn(flags.merge.split(','));
    return 'live' in merged
      ? showLive(merged.live, flags, outcome)
      : showLab(merged.lab, flags, outcome);
  }
  if (flags.keep !== true) return showLab(await playScripts(ops, flags, say), flags, outcome);
  for (const file of await keepEach(ops, flags, say)) process.stdout.write(`${file}\n`);
}

function showLab(doc: LabDocument, flags: LabFlags, outcome: Outcome): void {
  const markdown = () => labMarkdown(doc);
  publish('lab', doc, markdown, () => labText(doc, pc), flags);
  outcome.tell(cellsOfLab(doc));
}

function showLive(doc: LiveDocument, flags: LabFlags, outcome: Outcome): void {
  const markdown = () => liveMarkdown(doc);
  publish('live', doc, markdown, () => liveText(doc, pc), flags);
  outcome.tell(cellsOfLive(doc));
}

/** What the lab writes names its kernels, its command and its day, and no version of lastref. */
function publish(
  name: string,
  doc: object,
  markdown: () => string,
  text: () => string,
  { out, json }: LabFlags,
): void {
  if (out !== undefined)
    writeTogether(out, [
      { name: `${name}.json`, data: `${JSON.stringify(doc, null, 1)}\n` },
      { name: `${name}.md`, data: markdown() },
    ]);
  process.stdout.write(json === true ? `${JSON.stringify(doc)}\n` : text());
}

export const command = judging(
  new Command('lab')
    .description(
      'the model beside running kernels: the same scripts of buffer operations on both, compared after every step',
    )
    .option('--kernel <ids>', `of Debian, booted in QEMU: ${KERNEL_IDS.join(', ')} or all`, 'all')
    .option('--image <file>', 'with --headers: any other kernel')
    .option('--headers <dir>', 'what modules for it are built against')
    .addOption(seedOption('the scripts'))
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
    .option('--out <dir>', 'also write lab.json and lab.md (or lab-mutants.md) there'),
)
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
  );

command.hook('preAction', together(TOGETHER)).action((flags) => saying(() => labCommand(flags)));
