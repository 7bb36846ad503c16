// What `eras`, `processors` and `seeds` have in common: each asks cells of a comparison once more, in another way.
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { JudgedCell } from '@lastref/report/ci';
import {
  bundledCapture,
  inKernelOfSome,
  isRuntime,
  mustBeWorkloads,
  pose,
  workloadsFor,
  type Question,
  type RowsPlan,
} from '@lastref/runner';
import { DEFAULT_DRIVER_TICKS } from '@lastref/workloads';
import { designsAsked, type DesignFlags } from './asked.ts';
import { eraOfEach, seedOption, trustOption, withOption } from './flags.ts';
import { outputOf } from './reference.ts';
import { house } from '../house.ts';
import { Outcome, judging, type OutcomeFlags } from './outcome.ts';
import { keep, show } from './say.ts';

export interface OnceMoreFlags extends OutcomeFlags, DesignFlags {
  readonly with: string[];
  readonly workloads?: string | undefined;
  readonly seed: number;
  readonly out?: string | undefined;
  readonly json?: true | undefined;
}

export type AskedOfAll = Omit<RowsPlan, 'era'>;

/** In the kernel of the flag, or each design in its own. Throws UsageError where nothing could be said. */
export const inKernel = (asked: AskedOfAll, flag: string | undefined): RowsPlan => ({
  ...asked,
  era: inKernelOfSome(asked.designs, asked.workloads, eraOfEach(flag)),
});

export interface OnceMore<Plan, Ask, Answer, Doc, Flags> {
  /** Of the command, and of the files. */
  readonly name: string;
  /** Workloads where none are named; without it all. */
  readonly usual?: string;
  readonly question: Question<Plan, Ask, Answer, Doc>;
  plan(asked: AskedOfAll, flags: Flags): Plan;
  cells(doc: Doc): readonly JudgedCell[];
  markdown(doc: Doc, command: string): string;
  text(doc: Doc, flags: Flags): string;
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
    const dir = outputOf(flags, command);
    mustBeWorkloads(flags.workloads);
    const named = await designsAsked(flags, 'both');
    if (named === null) return;
    const { designs, faults } = named;
    outcome.brings(named.there.candidates);
    const usual = designs.some(({ design }) => isRuntime(design)) ? undefined : of.usual;
    const workloads = workloadsFor(designs, flags.workloads ?? usual);
    const capture = { file: bundledCapture().file, driverTicks: DEFAULT_DRIVER_TICKS, flows: null };
    const asked = { designs, workloads, capture, seed: flags.seed, faults: faults.all };
    const how = { progress: of.name, onFault: faults.onFault };
    const doc = await pose(house, of.question, of.plan(asked, flags), how);
    faults.report();
    const tell = () => outcome.tell(of.cells(doc), 'all', faults.all);
    if (doc.rows.length === 0) return void tell();
    keep(dir, of.name, doc, () => of.markdown(doc, `./lastref ${of.name}`));
    show(flags, doc, () => of.text(doc, flags));
    tell();
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
    .addOption(seedOption('the losses and delays'))
    .addOption(withOption())
    .addOption(trustOption())
    .option(
      '--out <dir>',
      `where ${name}.json and ${name}.md go (default: results/, for a full run only)`,
    )
    .option('--json', 'print one JSON document and nothing else');
  return judging(command);
}
