// Programs that are started here: each ends when this process does.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something outside is missing or has failed; the message says what, and what helps. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

const running = new Set<ChildProcess>();
let watching = false;

/** However this process ends, its children go first. */
function watch(): void {
  if (watching) return;
  watching = true;
  const stop = () => {
    for (const child of running) child.kill('SIGKILL');
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
            child.kill('SIGKILL');
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

export const BUILD_TOOLS: readonly Tool[] = [
  { program: 'gcc-12', package: 'gcc-12' },
  { program: 'make', package: 'make' },
  { program: 'xz', package: 'xz-utils' },
];
export const FETCH_TOOLS: readonly Tool[] = [
  { program: 'apt-get', package: 'apt' },
  { program: 'dpkg-deb', package: 'dpkg' },
];
export const BOOT_TOOLS: readonly Tool[] = [
  { program: 'qemu-system-x86_64', package: 'qemu-system-x86' },
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

/** gcc -static works: libc6-dev is there. */
export function needLibc(): void {
  const { status } = spawnSync('gcc-12', ['-static', '-x', 'c', '-', '-o', '/dev/null'], {
    input: 'int main(void){return 0;}',
  });
  if (status !== 0)
    throw new LabError('gcc-12 links no static program. On Debian: apt-get install libc6-dev');
}
