// Programs that are started here: each ends when this process does.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Something outside is missing or has failed; the message says what, and what helps. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

const running = new Set<ChildProcess>();
const directories = new Set<string>();
let watching = false;

/** Each child leads a group of its own: what it has started goes with it. */
function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended already
  }
}

/** However this process ends, its children go first, and what it has put aside with them. */
function watch(): void {
  if (watching) return;
  watching = true;
  const stop = () => {
    for (const child of running) kill(child);
    for (const dir of directories) rmSync(dir, { recursive: true, force: true });
  };
  process.on('exit', stop);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.on(signal, () => {
      stop();
      process.exit(code);
    });
}

/** A directory that is gone when `use` is done, or this process. */
export async function inTemporary<T>(use: (dir: string) => Promise<T>): Promise<T> {
  watch();
  const dir = mkdtempSync(join(tmpdir(), 'lastref-lab-'));
  directories.add(dir);
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
    directories.delete(dir);
  }
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds after which it is killed. */
  readonly limit?: number;
}

/** Runs it to its end and returns what it printed. Throws LabError with the last lines if it fails. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  watch();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let out = '';
    let err = '';
    let late = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const timer =
      options.limit === undefined
        ? null
        : setTimeout(() => {
            late = true;
            kill(child);
          }, options.limit);
    const over = () => {
      running.delete(child);
      if (timer !== null) clearTimeout(timer);
    };
    child.on('error', (error) => {
      over();
      reject(new LabError(`${command}: ${error.message}`));
    });
    child.on('close', (code) => {
      over();
      if (code === 0) resolve(out);
      else if (late)
        reject(new LabError(`${command} was not done after ${options.limit! / 1000} s`));
      else
        reject(
          new LabError(`${command} ${args[0] ?? ''} failed (${code}):\n${lastLines(err || out)}`),
        );
    });
  });
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-12).join('\n');
}

/** Where `program` is, or null. */
export function which(program: string): string | null {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(dir, program);
    if (dir !== '' && existsSync(path)) return path;
  }
  return null;
}

/** A program that is needed, and the package of Debian that has it. */
export interface Tool {
  readonly program: string;
  readonly package: string;
}

const BUILD_TOOLS: readonly Tool[] = [
  { program: 'gcc-12', package: 'gcc-12' },
  { program: 'make', package: 'make' },
  { program: 'xz', package: 'xz-utils' },
];
export const FETCH_TOOLS: readonly Tool[] = [
  { program: 'apt-get', package: 'apt' },
  { program: 'dpkg-deb', package: 'dpkg' },
];
const BOOT_TOOLS: readonly Tool[] = [
  { program: 'qemu-system-x86_64', package: 'qemu-system-x86' },
  { program: 'setpriv', package: 'util-linux' },
];

/** Throws LabError that names every missing one with its package. */
export function needTools(tools: readonly Tool[]): void {
  const missing = tools.filter(({ program }) => which(program) === null);
  if (missing.length === 0) return;
  const list = missing.map((t) => `${t.program} (${t.package})`).join(', ');
  throw new LabError(
    `not found: ${list}. On Debian: apt-get install ${missing.map((t) => t.package).join(' ')}`,
  );
}

/** What a guest takes, all of it named before anything is fetched. `fetching`: its kernel is not there yet. */
export function needGuestTools(fetching: boolean): void {
  needTools([...BOOT_TOOLS, ...BUILD_TOOLS, ...(fetching ? FETCH_TOOLS : [])]);
  needLibc();
}

/** gcc -static works: libc6-dev is there. */
function needLibc(): void {
  const { status } = spawnSync('gcc-12', ['-static', '-x', 'c', '-', '-o', '/dev/null'], {
    input: 'int main(void){return 0;}',
  });
  if (status !== 0)
    throw new LabError('gcc-12 links no static program. On Debian: apt-get install libc6-dev');
}
