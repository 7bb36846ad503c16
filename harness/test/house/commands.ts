// Command lines that stand in a text, and whether this command line takes them. Nothing is run.
// Unchecked: names of designs, workloads, eras and files.
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { ROOMS } from '../../src/house.ts';

/** The command of that name, which prints nothing and does not end the process; null: there is none. */
async function commandOf(name: string): Promise<CommandUnknownOpts | null> {
  const load = ROOMS[name]?.command;
  if (load === undefined) return null;
  const { command } = await load();
  return command.exitOverride().configureOutput({ writeErr: () => {} });
}

/** Why commander would not take it; null: it does. */
export async function refused([name = '', ...args]: readonly string[]): Promise<string | null> {
  const command = await commandOf(name);
  if (command === null) return `there is no command '${name}'`;
  try {
    const { operands, unknown } = command.parseOptions([...args]);
    if (unknown.length > 0) return `unknown: ${unknown.join(' ')}`;
    const takes = command.registeredArguments;
    const [missing] = takes.slice(operands.length).filter((a) => a.required);
    if (missing !== undefined) return `missing: ${missing.name()}`;
    if (takes.at(-1)?.variadic === true) return null;
    const more = operands.slice(takes.length);
    return more.length === 0 ? null : `too much: ${more.join(' ')}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A flag that it has not got, where a text talks of a command and its flags; null: there is none. */
export async function unknownFlag([name = '', ...words]: readonly string[]): Promise<
  string | null
> {
  const command = await commandOf(name);
  if (command === null) return `there is no command '${name}'`;
  const flags = words.filter((word) => word.startsWith('--') && word !== '--help');
  return flags.find((flag) => !command.options.some(({ long }) => long === flag)) ?? null;
}

/** A line of a shell as words: quotes hold one together, and it ends at what leads on to something else. */
export function wordsOf(line: string): string[] {
  const [command = ''] = line.split(/ (?:[|>]|2>|&&|;)|\s{2,}|\s#|\s\(/);
  return [...command.matchAll(/'[^']*'|\S+/g)].map(([word]) => word.replaceAll("'", ''));
}
