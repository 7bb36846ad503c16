import { Command } from '@commander-js/extra-typings';
import { availableParallelism } from 'node:os';
import { EXIT, UsageError, allDesigns } from '@lastref/runner';
import { bounded, patienceOption, queueOption } from './flags.ts';
import { house } from '../house.ts';

type WorkFlags = ReturnType<typeof command.opts>;

async function workCommand(flags: WorkFlags): Promise<void> {
  const { queue, idle = null, candidates = false } = flags;
  if (queue === undefined)
    throw new UsageError('work takes its batches from a queue: --queue redis://HOST:PORT names it');
  const { inIsolates, work } = await import('@lastref/queue');
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) process.exit(EXIT.interrupted);
    say(
      `work: ${signal}: finishing the batches in hand, the rest goes back; once more ends at once`,
    );
    stopping.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const done = await work({
      ...flags,
      queue,
      idle,
      candidates,
      designs: await allDesigns(),
      who: 'work',
      say,
      stop: stopping.signal,
      answer: inIsolates(house),
    });
    say(`work: ended after ${done.batches} ${done.batches === 1 ? 'batch' : 'batches'}`);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
  if (stopping.signal.aborted) process.exitCode = EXIT.interrupted;
}

export const command = new Command('work')
  .description('takes batches of campaigns from a queue, on as many machines as there are')
  .addOption(queueOption('the queue that lastref campaign --queue URL puts them on'))
  .addOption(
    bounded('cores', 'batches at a time', 1024, 1).default(
      availableParallelism(),
      'the processors of this machine',
    ),
  )
  .addOption(
    bounded('lease', 'seconds without a sign of life until others take over', 3600, 1).default(10),
  )
  .addOption(bounded('idle', 'end after so many seconds without work (default: never)', 86_400))
  .addOption(patienceOption())
  .option(
    '--candidates',
    'also run the code that campaigns bring (--with): whoever can write to this Redis runs code here',
  )
  .addHelpText(
    'after',
    `
Ctrl-C finishes the batch in hand and gives the rest back. A worker leaves campaigns of another version of lastref to others.

Examples:
  lastref work --queue redis://queue.example.org:6379
  lastref work --queue redis://:PASSWORD@queue.example.org:6379/1 --cores 4 --idle 60`,
  );

command.action(workCommand);
