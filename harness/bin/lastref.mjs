#!/usr/bin/env node
// Runs the command line from its sources, with no build: stdio, signals and the exit code pass through.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

if (!existsSync(here('../node_modules/tsx'))) {
  const { status } = spawnSync(process.execPath, [here('../../scripts/setup.mjs')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}

const child = spawn(
  process.execPath,
  [
    '--enable-source-maps',
    '--conditions=@lastref/source',
    `--import=${import.meta.resolve('tsx')}`,
    here('../src/cli.ts'),
    ...process.argv.slice(2),
  ],
  { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }, // the channel tells it when we are gone, however we went
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
