import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { mustGoTogether, type Together } from '@lastref/runner/typed';

/** Throws UsageError for the first flag on the command line that `rules` leave out. */
export function goTogether(command: CommandUnknownOpts, rules: Together): void {
  const typed = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long, short }) => long ?? short!);
  mustGoTogether(typed, rules);
}

/** What a command does before its action. */
export const together =
  (rules: Together) =>
  (command: CommandUnknownOpts): void =>
    goTogether(command, rules);
