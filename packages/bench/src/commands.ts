// Whole commands, from the start of a process to its end: what somebody waits for who types them.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '@lastref/runner';
import type { CommandCell } from './cells.ts';
import type { Measured, Skipped } from './measure.ts';
import type { Usage } from './usage.ts';

const run = promisify(execFile);

/** What each is called, what is typed, and what is taken of it. */
export const COMMANDS = [
  ['start', 'npm start', 's'],
  ['compare', 'compare --json', 'ms of CPU/cell'],
  ['check', 'check ian-frag-destructor bulk-loss --operations 1 --json', 's'],
  [
    'check-repaired',
    'check rusty-shinfo-orig-one-loan bulk-loss --operations 1 --era 2.6.24 --json',
    's',
  ],
  ['check-two', 'check ian-frag-destructor nfs-odirect~2 --json', 's'],
  ['check-two-alone', 'check ian-frag-destructor nfs-odirect~2 --threads 1 --json', 's'],
  ['matrix', 'movers --era 6.1.192 --json', 's'],
  ['matrix-all', 'movers --json', 's'],
  ['mutants', 'mutants --json', 's'],
] as const;

/** How a command line of ours is started: as the one that measures was. */
export interface CommandLine {
  /** The script, and what Node is told before it. */
  readonly script: string;
  readonly execArgv: readonly string[];
  /** The program that runs it, and notes what it used. */
  readonly usage: string;
}

export async function measureCommand(
  { id, typed, unit }: CommandCell,
  { script, execArgv, usage }: CommandLine,
): Promise<Measured | Skipped> {
  if (typed === 'npm start') return start();
  const dir = mkdtempSync(join(tmpdir(), 'lastref-bench-'));
  const file = join(dir, 'usage.json');
  const out = typed.startsWith('compare ') ? ['--out', dir] : []; // it would write the reference
  const args = [...execArgv, usage, file, script, ...typed.split(' '), ...out];
  try {
    const began = process.hrtime.bigint();
    const { stdout, stderr } = await run(process.execPath, args, { maxBuffer: 1 << 28 });
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    const { user, system } = JSON.parse(readFileSync(file, 'utf8')) as Usage;
    const sample = unit === 's' ? seconds : (user + system) / 1e3 / cellsIn(id, stderr);
    return { samples: [sample], digest: workOf(stdout), runs: 1 };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The document's own digest; where it has none, that of what stands in it but for how long it took. */
function workOf(stdout: string): string {
  const doc = JSON.parse(stdout) as { digest?: string };
  if (doc.digest !== undefined) return doc.digest;
  const lasting = (key: string, value: unknown): unknown =>
    /second|made|perSecond/i.test(key) ? undefined : value;
  return createHash('sha256').update(JSON.stringify(doc, lasting)).digest('hex').slice(0, 16);
}

/** How many cells a command says that it has answered, all of them. */
function cellsIn(id: string, stderr: string): number {
  const cells = [...stderr.matchAll(/: (\d+)\/\1\b/g)].at(-1)?.[1];
  if (cells === undefined) throw new Error(`${id}: it does not say how many cells it has answered`);
  return Number(cells);
}

/** What a newcomer waits for: clones this repository and starts it, packages from npm's cache where they are there. */
async function start(): Promise<Measured | Skipped> {
  if (!existsSync(join(ROOT, '.git')))
    return { skipped: 'this is no clone, so none is made of it' };
  const dir = mkdtempSync(join(tmpdir(), 'lastref-bench-'));
  try {
    await run('git', ['clone', '--quiet', ROOT, dir]);
    const began = process.hrtime.bigint();
    await run('npm', ['start'], { cwd: dir, maxBuffer: 1 << 28 });
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    const { digest } = JSON.parse(readFileSync(join(dir, 'results/compare.json'), 'utf8')) as {
      digest: string;
    };
    return { samples: [seconds], digest, runs: 1 };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
