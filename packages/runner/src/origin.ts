// Where an output comes from: tool, version, machine, commit. What leaves the house says it, so that nobody has to ask.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Made } from '@lastref/report';
import { WHERE_FROM } from '@lastref/report/words';
import { ROOT } from './registry.ts';
import { machineVersion } from './version.ts';

const file = new URL('../package.json', import.meta.url);

/** The version that every package has, read where it is written. */
export const VERSION = (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;

let known: string | undefined;

/** The commit, with a plus where files differ from it; a packed tool brings its own in a file; '': nobody knows. */
export function commit(): string {
  return (known ??= ofPackage() ?? ofClone());
}

function ofPackage(): string | undefined {
  try {
    return readFileSync(join(ROOT, 'commit.txt'), 'utf8').trim();
  } catch {
    return undefined;
  }
}

function ofClone(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
  try {
    const dirty = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short=12', 'HEAD').trim()}${dirty ? '+' : ''}`;
  } catch {
    return '';
  }
}

/** The commit, if the files are those of one. */
function clean(): string | null {
  const from = commit();
  return from === '' || from.endsWith('+') ? null : from;
}

/** 'lastref 0.1.0, machine d21b5f65': what tokens carry; behind it the commit, where the files are those of one. */
export function toolLine(): string {
  const from = clean();
  return `lastref ${VERSION}, machine ${machineVersion()}${from === null ? '' : `, commit ${from}`}`;
}

/** What a document says of where it comes from: no clock and no directory, so that the same `command` gives the same bytes. */
export function made(command: string): Made {
  return {
    tool: 'lastref',
    version: VERSION,
    machine: machineVersion(),
    commit: clean(),
    command,
    from: WHERE_FROM,
  };
}

/** The same for a file that is kept: no commit has a file that names it, and `npm start` leaves a clone as it was. */
export function madeKept(command: string): Made {
  return { ...made(command), commit: null };
}

export function toolLineKept(): string {
  return `lastref ${VERSION}, machine ${machineVersion()}`;
}
