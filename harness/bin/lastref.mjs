#!/usr/bin/env node
// Runs the command line: a build that is that of the sources, which starts at once, or else the sources themselves. Stdio,
// signals and the exit code pass through.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isBuilt } from '../../scripts/build-state.mjs';

const COULD_NOT = 3;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

if (!existsSync(here('../node_modules/tsx'))) {
  const { status } = spawnSync(process.execPath, [here('../../scripts/setup.mjs'), '--run'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(COULD_NOT);
}

const TYPESCRIPT = fileURLToPath(import.meta.url).includes('?')
  ? new URL('./typescript.mjs', import.meta.url).href
  : import.meta.resolve('tsx');

const script = isBuilt(here('../..'))
  ? [here('../dist/cli.js')]
  : ['--conditions=@lastref/source', `--import=${TYPESCRIPT}`, here('../src/cli.ts')];

const child = spawn(
  process.execPath,
  ['--enable-source-maps', ...script, ...process.argv.slice(2)],
  {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'], // the channel tells it when we are gone, however we went
    env: { ...process.env, LASTREF_PROGRAM: process.argv[1] }, // for hints: what was typed
  },
);
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'];
for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`lastref: ${process.execPath} cannot be started: ${error.message}`);
  process.exitCode = COULD_NOT;
});
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? COULD_NOT);
  if (PASSED_ON.includes(signal)) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    return;
  }
  console.error(`lastref: ended by ${signal}: as a rule, there was not enough memory`);
  process.exit(COULD_NOT);
});
