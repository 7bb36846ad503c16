// What lastref lab starts does not outlive it, and nothing that it has put aside does.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const LAB = new URL('../../packages/lab/dist/index.js', import.meta.url).href;

/** A program that runs a shell with a child of its own in a temporary directory, and says where all of them are. */
const PROGRAM = `
import { inTemporary, run } from '${LAB}';
import { writeFileSync } from 'node:fs';
await inTemporary(async (dir) => {
  const child = 'sleep 300 & echo $$ $! > "$0.new"; mv "$0.new" "$0"; wait';
  writeFileSync(process.argv[2], dir);
  await run('sh', ['-c', child, process.argv[3]]);
});
`;

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1600 && !what(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 25));
}

/** A zombie waits for whoever reaps it: it runs no more. */
function runs(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s leaves neither a child, nor its child, nor the directory behind',
  async (signal) => {
    const home = mkdtempSync(join(tmpdir(), 'lastref-test-'));
    try {
      const [program, where, pids] = ['program.mjs', 'where', 'pids'].map((f) => join(home, f));
      writeFileSync(program!, PROGRAM);
      const parent = spawn(process.execPath, [program!, where!, pids!], {
        stdio: 'ignore',
      });
      const code = new Promise((resolve) => parent.on('close', resolve));
      await until(() => existsSync(pids!));
      const children = readFileSync(pids!, 'utf8').trim().split(' ').map(Number);
      const dir = readFileSync(where!, 'utf8');
      expect([children.length, ...children.map(runs), existsSync(dir)]).toEqual([
        2,
        true,
        true,
        true,
      ]);
      parent.kill(signal);
      expect(await code).toBeGreaterThan(128);
      await until(() => !children.some(runs));
      expect([...children.map(runs), existsSync(dir)]).toEqual([false, false, false]);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
);
