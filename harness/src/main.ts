// One command line from its words to an exit code: parses `process.argv`, does what it says, sets `process.exitCode`.
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { printableLines } from '@lastref/report/words';
import { house, ROOMS } from './house.ts';
import { end } from './end.ts';
import { goTogether } from './commands/together.ts';
import { VERSION } from '@lastref/runner/origin';

/** The command that was named; all of them where help may be wanted, or none is known by that name. */
async function commands(): Promise<CommandUnknownOpts[]> {
  const named = ROOMS[process.argv[2] ?? '']?.command;
  const wanted = named === undefined ? Object.values(ROOMS).map((r) => r.command) : [named];
  const modules = await Promise.all(wanted.filter((load) => load !== undefined).map((f) => f()));
  return modules.map((m) => m.command);
}

/**
 * Never rejects. Nothing of one call is left for the next: tests make many calls in one thread. `here`: designs of the
 * repository are played in the calling thread, as such a test wants it.
 */
export async function main({ here }: { readonly here?: true } = {}): Promise<void> {
  house.here = here === true;
  try {
    const program = new Command('lastref')
      .description(
        'When has the network stack really let go of the last reference to your page, and what does it cost to know?',
      )
      .version(VERSION)
      .option('--debug', 'after a failure, show where in the program it happened')
      .addHelpText(
        'after',
        `
Exit codes: 0 done, 1 a finding of a kind that --fail-on names, 2 misuse, or a candidate that breaks a rule,
3 could not: the disk, a permission, memory, a bug of ours; 130 interrupted.`,
      )
      .showHelpAfterError('(--help shows examples)')
      .configureOutput({ writeErr: (text) => process.stderr.write(printableLines(text)) })
      .hook('preAction', (_, typed) => goTogether(typed, { needs: { '--trust': ['--with'] } }))
      .exitOverride();
    for (const command of await commands()) {
      command.copyInheritedSettings(program);
      program.addCommand(command);
    }
    const [, , help, topic = 'help'] = process.argv;
    if (help === 'help' && topic !== help && ROOMS[topic] === undefined)
      program.error(`error: unknown command '${topic}'`); // Commander shows the usage, and says nothing
    await program.parseAsync();
  } catch (error) {
    end(error);
  }
}
