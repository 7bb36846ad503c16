// The command line in a thread that stays: what it loads it loads once for all the commands of a test file's process.
// From the build, as the processes of run-cli.ts; each call has its words, and what it prints and ends with.
import { Readable } from 'node:stream';
import { workerData } from 'node:worker_threads';
import { main } from '../../dist/main.js';

const { launcher, port, answered } = workerData;

/** Takes what goes to a stream instead of it; gives the text so far. */
function taken(stream) {
  const parts = [];
  stream.write = (chunk, encoding, done) => {
    parts.push(Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8'));
    const told = typeof encoding === 'function' ? encoding : done;
    if (told !== undefined) process.nextTick(told);
    return true;
  };
  return () => Buffer.concat(parts.splice(0)).toString();
}

const stdout = taken(process.stdout);
const stderr = taken(process.stderr);

function answer(ran) {
  port.postMessage({ ...ran, stdout: stdout(), stderr: stderr() });
  Atomics.store(answered, 0, 1);
  Atomics.notify(answered, 0);
}

process.on('uncaughtException', (error) => answer({ code: null, thrown: String(error.stack) }));
port.on('message', async ({ args, input }) => {
  Object.defineProperty(process, 'stdin', { configurable: true, value: Readable.from([input]) });
  process.argv = [process.execPath, launcher, ...args];
  process.exitCode = undefined;
  await main({ here: true });
  process.removeAllListeners('SIGINT'); // no signal comes to a thread, and a warning would come of many that wait
  answer({ code: process.exitCode ?? 0 });
});
