// What `eras`, `processors` and `seeds` have in common: each asks cells of a comparison once more, in another way.
import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { JudgedCell } from '@lastref/report/ci';
import {
  absolute,
  bundledCapture,
  isRuntime,
  pose,
  tryDirectory,
  workloadsFor,
  writeTogether,
  type Question,
  type RowsPlan,
} from '@lastref/runner';
import { knownDesigns, selectDesigns } from '@lastref/runner/known';
import { DEFAULT_DRIVER_TICKS } from '@lastref/workloads';
import { FaultsOfRun, reportFault } from './faults.ts';
import { seed, trustOption, withOption } from './flags.ts';
import { house } from '../house.ts';
import { Outcome, judging, type OutcomeFlags } from './outcome.ts';
import { RESULTS, isReference } from './reference.ts';
import { kept, page, sayDocument, sayText } from './say.ts';

export interface OnceMoreFlags extends OutcomeFlags {
  readonly designs?: string | undefined;
  readonly workloads?: string | undefined;
  readonly seed: number;
  readonly with: string[];
  readonly trust?: true | undefined;
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

export type AskedOfAll = Omit<RowsPlan, 'era'>;

export interface OnceMore<Plan, Ask, Answer, Doc, Flags> {
  /** Of the command, and of the files. */
  readonly name: string;
  /** Workloads where none are named; without it all. */
  readonly usual?: string;
  readonly question: Question<Plan, Ask, Answer, Doc>;
  plan(asked: AskedOfAll, flags: Flags): Plan;
  cells(doc: Doc): readonly JudgedCell[];
  markdown(doc: Doc, command: string): string;
  lines(doc: Doc, flags: Flags): readonly string[];
}

/** The command's action. */
export function onceMore<
  Plan,
  Ask,
  Answer,
  Doc extends { readonly rows: readonly unknown[] },
  Flags extends OnceMoreFlags,
>(
  of: OnceMore<Plan, Ask, Answer, Doc, Flags>,
): (flags: Flags, command: CommandUnknownOpts) => Promise<void> {
  return async (flags, command) => {
    const outcome = new Outcome(flags);
    const reference = isReference(command) ? RESULTS : null;
    const dir = flags.out !== undefined ? absolute(flags.out) : reference;
    if (dir !== null) tryDirectory(dir);
    const there = await knownDesigns(house, flags.with, reportFault, flags.trust, 'both');
    const designs = selectDesigns(there, flags.designs);
    if (designs.length === 0) return;
    const usual = designs.some(({ design }) => isRuntime(design)) ? undefined : of.usual;
    const workloads = workloadsFor(designs, flags.workloads ?? usual);
    const faults = new FaultsOfRun(there.faults);
    const capture = { file: bundledCapture().file, driverTicks: DEFAULT_DRIVER_TICKS, flows: null };
    const asked = { designs, workloads, capture, seed: flags.seed, faults: faults.all };
    const how = { progress: of.name, onFault: faults.onFault };
    const doc = await pose(house, of.question, of.plan(asked, flags), how);
    faults.report();
    if (doc.rows.length === 0) return;
    if (dir !== null)
      writeTogether(dir, [
        { name: `${of.name}.json`, data: kept(doc) },
        { name: `${of.name}.md`, data: page(of.markdown(doc, `./lastref ${of.name}`)) },
      ]);
    outcome.tell(of.cells(doc));
    if (flags.json === true) sayDocument(doc);
    else sayText(of.lines(doc, flags).join('\n'));
  };
}

/** The command with the flags that all of them have; `usual`: which workloads, where none are named. */
export function onceMoreCommand(name: string, description: string, usual?: readonly string[]) {
  const these = usual === undefined ? 'only these' : 'these';
  const unnamed = usual === undefined ? '' : ` (default: ${usual.join()})`;
  const command = new Command(name)
    .description(description)
    .option('--designs <ids>', 'only these, separated by commas')
    .option('--workloads <ids>', `${these}, separated by commas${unnamed}`)
    .addOption(
      new Option('--seed <n>', 'seed of the losses and delays, or a commit hash')
        .argParser(seed)
        .default(1),
    )
    .addOption(withOption())
    .addOption(trustOption())
    .option(
      '--out <dir>',
      `where ${name}.json and ${name}.md go (default: results/, for a full run only)`,
    )
    .option('--json', 'print one JSON document and nothing else');
  return judging(command);
}
