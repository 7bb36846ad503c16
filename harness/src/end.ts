// The one way out: whatever ends the program, here it becomes one line on stderr and an exit code. No command prints a
// failure of its own, and none lets one through.
import { EXIT, endingOf, sayAtOnce } from '@lastref/runner';
import { CommanderError } from 'commander';
import { inspect } from 'node:util';
import { hint, quoted } from '@lastref/runner/typed';

/** What a shell reports of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Ends the process for `error`. Commander has said already what is wrong with a command line. */
export function end(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.misuse;
    return;
  }
  const { line, code } = endingOf(error, hint(...process.argv.slice(2).map(quoted)));
  process.exitCode = code;
  process.stderr.write(`${line}\n`);
  if (process.argv.includes('--debug')) process.stderr.write(`${inspect(error)}\n`);
}

/** What ends a process from outside of any command: an error that nobody awaits, a pipe, the launcher. */
export function watchTheProcess(): void {
  process.on('uncaughtException', (error) => {
    end(error);
    process.exit();
  });
  // A reader that has seen enough (head, less) is no error; a disk that is full is one.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') end(error);
    process.exit();
  });
  process.stderr.on('error', () => {}); // nobody is there to be told
  process.on('SIGINT', () => {
    if (process.listenerCount('SIGINT') > 1) return; // a command that has more to say says it
    sayAtOnce('lastref: stopped\n');
    process.exit(INTERRUPTED);
  });
  // Started by a launcher that was killed: nobody waits for the result any more.
  if (process.channel !== undefined) {
    process.on('disconnect', () => process.exit(EXIT.couldNot));
    process.channel.unref();
  }
}
