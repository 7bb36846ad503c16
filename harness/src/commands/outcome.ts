// What the commands that find have in common: which findings make them exit with 1 (--fail-on), which are known
// (--exclude), and what other people's tools are told of them (--junit, --sarif).
import { Option, type Command, type OptionValues } from '@commander-js/extra-typings';
import {
  PROPERTIES_ALONE,
  exclusionOf,
  junitXml,
  kindsOf,
  sarifJson,
  standingOf,
  type Exclusion,
  type Finds,
  type JudgedCell,
  type JudgedRun,
} from '@lastref/report/ci';
import {
  EXIT,
  ROOT,
  UsageError,
  absolute,
  near,
  tryDirectory,
  writeTogether,
} from '@lastref/runner';
import { existsSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import { VERSION } from '../version.ts';
import { commit } from '../origin.ts';
import { hint, quoted, replayHint } from './hint.ts';

export interface OutcomeFlags {
  readonly failOn?: string | undefined;
  readonly exclude?: string | undefined;
  readonly junit?: string | undefined;
  readonly sarif?: string | undefined;
  readonly with?: readonly string[];
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

/** A command that finds. */
export function judging<Args extends unknown[], Opts extends OptionValues>(
  command: Command<Args, Opts>,
  finds = PROPERTIES_ALONE,
) {
  return command
    .addOption(failOnOption(finds))
    .addOption(excludeOption(finds))
    .addOption(junitOption())
    .addOption(sarifOption());
}

/** The kinds in `text`, separated by commas. Throws UsageError for any other word. */
function failKinds(text: string, finds: Finds): Set<string> {
  const known = kindsOf(finds, true);
  const kinds = new Set(text.split(',').map((s) => s.trim()));
  for (const kind of kinds) {
    if (!known.includes(kind))
      throw new UsageError(
        `--fail-on takes ${finds.properties ? 'properties and harms ' : ''}(${known.join(', ')}), not '${kind}'`,
      );
  }
  return kinds;
}

function excluded(text: string, finds: Finds): Exclusion {
  const exclusion = exclusionOf(text);
  if (exclusion === null) throw new UsageError(`--exclude takes ${finds.cells}, not '${text}'`);
  const { property } = exclusion;
  const known = kindsOf(finds, false);
  if (property !== '*' && !known.includes(property))
    throw new UsageError(`--exclude ${text}: no property '${property}'; ${near(property, known)}`);
  return exclusion;
}

/** The outcome of one command. Flags are looked at when it is made, before any work; `tell` once there are results. */
export class Outcome {
  private readonly flags: OutcomeFlags;
  private readonly kinds: ReadonlySet<string> | null;
  private readonly excluded: readonly Exclusion[];

  /** Throws UsageError for a flag that nobody can mean, CouldNot where a file cannot be written. */
  constructor(flags: OutcomeFlags, finds = PROPERTIES_ALONE) {
    this.flags = flags;
    this.kinds = flags.failOn === undefined ? null : failKinds(flags.failOn, finds);
    this.excluded = (flags.exclude ?? '')
      .split(',')
      .filter((text) => text.trim() !== '')
      .map((text) => excluded(text.trim(), finds));
    for (const file of [flags.junit, flags.sarif])
      if (file !== undefined) tryDirectory(dirname(absolute(file)));
  }

  /** `cells`: all that were judged, or those that have a finding. Writes the files, and sets the exit code where something counts. True: something does. */
  tell(cells: readonly JudgedCell[], which: 'all' | 'findings' = 'all'): boolean {
    if (which === 'all') this.sayWhatIsNoCell(cells);
    const { junit, sarif } = this.flags;
    const run = this.runOf(cells);
    if (junit !== undefined) write(junit, junitXml(run));
    if (sarif !== undefined) write(sarif, sarifJson(run));
    const fails =
      this.kinds !== null &&
      cells.some((cell) => cell.findings.some((f) => run.standing(cell, f) === 'counts'));
    if (fails) process.exitCode ??= EXIT.found;
    return fails;
  }

  /** An exclusion of what was not judged is a slip of the pen, or older than a rename: it is said, and excludes nothing. */
  private sayWhatIsNoCell(cells: readonly JudgedCell[]): void {
    const designs = [...new Set(cells.map((c) => c.design))];
    const all = [...new Set(cells.map((c) => c.on))];
    for (const { text, design, on } of this.excluded) {
      const wrong =
        design !== '*' && !designs.includes(design)
          ? `design '${design}'; ${near(design, designs)}`
          : on !== '*' && !all.includes(on)
            ? `'${on}'; ${near(on, all)}`
            : null;
      if (wrong !== null)
        process.stderr.write(`lastref: --exclude ${text}: nothing here is ${wrong}\n`);
    }
  }

  private runOf(cells: readonly JudgedCell[]): JudgedRun {
    const files = this.flags.with ?? [];
    return {
      version: VERSION,
      commit: commit(),
      command: hint(...process.argv.slice(2).map(quoted)),
      at: new Date().toISOString(),
      cells,
      standing: (cell, finding) => standingOf(this.kinds, this.excluded, cell, finding),
      fileOf: (design) => fileOf(design, files),
      replay: (token) => replayHint(token, files),
    };
  }
}

function write(file: string, data: string): void {
  const path = absolute(file);
  writeTogether(dirname(path), [{ name: basename(path), data }]);
}

/** Of a candidate the file that was named, which has its name; of ours where it lies in the repository. */
function fileOf(design: string, files: readonly string[]): string {
  const named = files.find((file) => basename(file).replace(/\.[cm]?[jt]s$/, '') === design);
  const own = `strategies/${design}.ts`;
  const path = named === undefined ? null : relative(process.cwd(), absolute(named));
  if (path !== null) return encodeURI(path.replaceAll('\\', '/'));
  return existsSync(`${ROOT}${own}`) ? own : 'strategies';
}
