// What the commands that find have in common: which findings make them exit with 1 (--fail-on), which are known
// (--exclude), and what other people's tools are told of them (--junit, --sarif).
import { Option, type Command, type OptionValues } from '@commander-js/extra-typings';
import {
  PROPERTIES_ALONE,
  findsOf,
  isKnownOpen,
  junitXml,
  sarifJson,
  standingOf,
  type Exclusion,
  type Finds,
  type JudgedCell,
  type JudgedRun,
  type StoppedCell,
} from '@lastref/report/ci';
import { EXIT, UsageError, absolute, tryFile, writeFile, type Source } from '@lastref/runner';
import { exclusionsAsked, fileOf, kindsAsked, withoutCell } from '@lastref/runner/asked';
import { VERSION, commit } from '@lastref/runner/origin';
import { hint, quoted, replayWith } from '@lastref/runner/typed';

export interface OutcomeFlags {
  readonly failOn?: string | undefined;
  readonly exclude?: string | undefined;
  readonly junit?: string | undefined;
  readonly sarif?: string | undefined;
  readonly with?: readonly string[];
  readonly trust?: true | undefined;
}

const failOnOption = ({ others, properties, more = '' }: Finds) =>
  new Option(
    '--fail-on <kinds>',
    properties
      ? `exit 1 when a finding is of one of these properties or harms: early, lost, delivered, …${others.map((o) => `, or ${o}`).join('')}${more}`
      : `exit 1 when there is one: ${others.join(', ')}`,
  );

const excludeOption = ({ cells }: Finds) =>
  new Option(
    '--exclude <cells>',
    `findings that are known and do not count: ${cells}, separated by commas; * for any`,
  );

const junitOption = () =>
  new Option('--junit <file>', "write what was judged as JUnit's XML, which CI servers read");

const sarifOption = () =>
  new Option('--sarif <file>', 'write the findings as SARIF 2.1.0, which code hosts show');

/** The flags of a command that finds. */
export const JUDGING = ['--fail-on', '--exclude', '--junit', '--sarif'] as const;

/** A command that finds. */
export function judging<Args extends unknown[], Opts extends OptionValues>(
  command: Command<Args, Opts>,
) {
  const finds = findsOf(command.name());
  return command
    .addOption(failOnOption(finds))
    .addOption(excludeOption(finds))
    .addOption(junitOption())
    .addOption(sarifOption());
}

/** The outcome of one command. Flags are looked at when it is made, before any work; `tell` once there are results. */
export class Outcome {
  private readonly flags: OutcomeFlags;
  private readonly kinds: ReadonlySet<string> | null;
  private readonly excluded: readonly Exclusion[];
  private candidates: readonly Source[] = [];

  /** The first of its flags that is there. */
  get asks(): string | undefined {
    const { failOn, exclude, junit, sarif } = this.flags;
    const said = { 'fail-on': failOn, exclude, junit, sarif };
    const [name] = Object.entries(said).find(([, value]) => value !== undefined) ?? [];
    return name && `--${name}`;
  }

  /** Throws UsageError for a flag that nobody can mean, CouldNot where a file cannot be written. */
  constructor(flags: OutcomeFlags, finds = PROPERTIES_ALONE) {
    this.flags = flags;
    this.kinds = flags.failOn === undefined ? null : kindsAsked(flags.failOn, finds);
    this.excluded = exclusionsAsked(flags.exclude ?? '', finds);
    const files = [flags.junit, flags.sarif].flatMap((f) => (f === undefined ? [] : absolute(f)));
    if (files.length === 2 && files[0] === files[1])
      throw new UsageError(`--junit and --sarif name one file: ${files[0]}`);
    files.forEach(tryFile);
  }

  /** Throws UsageError where --fail-on names nothing of `kinds`, and `because` of what else was asked nothing else is found. */
  mustFind(kinds: readonly string[], because: string): void {
    if (this.kinds === null || kinds.some((kind) => this.kinds!.has(kind))) return;
    throw new UsageError(`--fail-on ${[...this.kinds].join()} would find nothing: ${because}`);
  }

  /** Who was brought, which is known when all were loaded: by `with` alone nobody knows which file has whom. */
  brings(candidates: readonly Source[]): void {
    this.candidates = candidates;
  }

  /** `cells`: all that were judged, or those that have a finding; `stopped`: what is none. Writes the files, and sets the exit code where something counts. True: something does. */
  tell(
    cells: readonly JudgedCell[],
    which: 'all' | 'findings' = 'all',
    stopped: readonly StoppedCell[] = [],
  ): boolean {
    if (which === 'all')
      for (const line of withoutCell(this.excluded, cells))
        process.stderr.write(`lastref: ${line}\n`);
    const { junit, sarif } = this.flags;
    const run = this.runOf(cells, stopped);
    if (junit !== undefined) writeFile(absolute(junit), junitXml(run));
    if (sarif !== undefined) writeFile(absolute(sarif), sarifJson(run));
    const fails =
      this.kinds !== null &&
      cells.some((cell) => cell.findings.some((f) => run.standing(cell, f) === 'counts'));
    if (fails) process.exitCode ??= EXIT.found;
    else if (this.kinds !== null && cells.some((c) => c.open && !isKnownOpen(this.excluded, c)))
      process.exitCode ??= EXIT.couldNot;
    return fails;
  }

  /** The same of the one cell that a command is about: who asks --fail-on of what nobody can tell is told so by an exit code. */
  tellOf(cells: readonly JudgedCell[]): void {
    const fails = this.tell(cells);
    if (this.kinds !== null && !fails && cells.every((cell) => cell.notJudged !== null))
      process.exitCode = EXIT.couldNot;
  }

  private runOf(cells: readonly JudgedCell[], stopped: readonly StoppedCell[]): JudgedRun {
    return {
      version: VERSION,
      commit: commit(),
      command: hint(...process.argv.slice(2).map(quoted)),
      at: new Date().toISOString(),
      cells,
      stopped,
      standing: (cell, finding) => standingOf(this.kinds, this.excluded, cell, finding),
      fileOf: (design) => fileOf(design, this.candidates),
      replay: replayWith(this.flags.with ?? [], this.flags.trust),
    };
  }
}
