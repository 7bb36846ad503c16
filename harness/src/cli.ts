// The command line.
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { UsageError } from '@lastref/runner';
import { CommanderError } from 'commander';
import { ROOMS } from './house.ts';

/** The command that was named; all of them where help may be wanted, or none is known by that name. */
async function commands(): Promise<CommandUnknownOpts[]> {
  const named = ROOMS[process.argv[2] ?? '']?.command;
  const wanted = named === undefined ? Object.values(ROOMS).map((r) => r.command) : [named];
  const modules = await Promise.all(wanted.filter((load) => load !== undefined).map((f) => f()));
  return modules.map((m) => m.command);
}

const program = new Command('lastref')
  .description(
    'When has the network stack really let go of the last reference to your page, and what does it cost to know?',
  )
  .version('0.1.0')
  .showHelpAfterError('(--help shows examples)')
  .exitOverride();
for (const command of await commands()) {
  command.copyInheritedSettings(program);
  program.addCommand(command);
}

// Started by a launcher that was killed: nobody waits for the result any more.
if (process.channel !== undefined) {
  process.on('disconnect', () => process.exit(1));
  process.channel.unref();
}

// A reader that has seen enough (head, less) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof UsageError) {
    process.stderr.write(`lastref: ${error.message}\n`);
    process.exitCode = 2;
  } else {
    throw error;
  }
}
