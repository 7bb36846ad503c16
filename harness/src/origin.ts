// Where an output comes from: tool, version, commit. What leaves the house says it, so that nobody has to ask.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@lastref/runner';
import { machineVersion } from '@lastref/runner/version';
import { VERSION } from './version.ts';

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

/** 'lastref 0.1.0, machine d21b5f65': what tokens carry; behind it the commit, where the files are those of one. */
export function toolLine(): string {
  const from = commit();
  const one = from !== '' && !from.endsWith('+');
  return `lastref ${VERSION}, machine ${machineVersion()}${one ? `, commit ${from}` : ''}`;
}
