// The reference: what `results/` holds is what a command does that nothing was asked of. Any other run goes elsewhere.
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { isDeepStrictEqual } from 'node:util';
import { ROOT, absolute, tryDirectory } from '@lastref/runner';

export const RESULTS = `${ROOT}results`;

/** What changes neither what is run nor what comes out of it. */
const HARMLESS: readonly string[] = ['out', 'json', 'open', 'failOn'];

/** Was `command` given no argument and no flag that could change a result? */
export function isReference(command: CommandUnknownOpts): boolean {
  const values = command.opts() as Readonly<Record<string, unknown>>;
  return (
    command.args.length === 0 &&
    command.options.every((option) => {
      const name = option.attributeName();
      return HARMLESS.includes(name) || isDeepStrictEqual(values[name], option.defaultValue);
    })
  );
}

/** Where the results go: where `--out` says, the reference to `at`, any other run nowhere (null). It can be written to. */
export function outputOf(
  { out }: { readonly out?: string | undefined },
  command: CommandUnknownOpts,
  at = RESULTS,
): string | null {
  const dir = out !== undefined ? absolute(out) : isReference(command) ? at : null;
  return dir === null ? null : tryDirectory(dir);
}
