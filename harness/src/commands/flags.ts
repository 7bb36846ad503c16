// What several commands' flags have in common.
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { ERAS, aliasText, eraOf, type Era } from '@lastref/kernel';
import { findEra } from '@lastref/runner';

function count(max: number, min = 1): (text: string) => number {
  return (text) => {
    const n = Number(text);
    if (!/^\d+$/.test(text) || n < min || n > max) {
      throw new InvalidArgumentError(`It takes a whole number from ${min} to ${max}.`);
    }
    return n;
  };
}

/** A seed is a number, or a commit hash, of which the first eight digits count. A number that is too long is no hash. */
function seed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  if (/^(?!\d{10,39}$)[0-9a-f]{7,40}$/.test(text)) return Number.parseInt(text.slice(0, 8), 16);
  throw new InvalidArgumentError('It takes a number of up to nine digits, or a commit hash.');
}

export function shard(text: string): { index: number; of: number } {
  const match = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  const index = Number(match?.[1]);
  const of = Number(match?.[2]);
  if (match === null || index < 1 || index > of)
    throw new InvalidArgumentError('It takes i/n with 1 <= i <= n, such as 2/4.');
  return { index, of };
}

export function ticks(text: string): number {
  const n = Number(text);
  if (!/^\d{1,9}$/.test(text))
    throw new InvalidArgumentError('It takes whole microseconds, up to nine digits.');
  return n;
}

function collect(file: string, files: string[]): string[] {
  return [...files, file];
}

export const withOption = () =>
  new Option(
    '--with <file>',
    'a candidate from anywhere on disk, a design or a runtime (again for more); its code runs apart from what judges it, which is a proof of the verdict and a seat belt for the machine (SECURITY.md)',
  )
    .argParser(collect)
    .default([] as string[]);

export const trustOption = () =>
  new Option(
    '--trust',
    'run candidates beside the judge: as fast as our own designs, and a verdict is worth what they are',
  );

/** `what` is drawn by it. */
export const seedOption = (what: string) =>
  new Option('--seed <n>', `seed of ${what}, or a commit hash`).argParser(seed).default(1);

/** A number with a least and a most. */
export const bounded = <F extends string>(flag: F, what: string, max: number, min = 0) =>
  new Option(`--${flag} <n>` as const, what).argParser(count(max, min));

/** A tree by its own name from here on; what the name of a branch stands for is said. */
export function treeName(name: string): string {
  const alias = aliasText(name);
  if (alias !== null) process.stderr.write(`lastref: ${alias}\n`);
  return eraOf(name)?.id ?? name;
}

/** Instead of a kernel: each design in that which its patch was made for. */
export const OWN = 'own';

/** null: each design in its own kernel. */
export function eraOfEach(flag: string | undefined): string | null {
  return flag === undefined || flag === OWN ? null : findEra(flag).id;
}

/** `more`: words that stand for no tree. */
export const eraOption = (what: string, more: readonly string[] = []) =>
  new Option(
    '--era <version>',
    `${what}: ${[...ERAS.map(({ id }) => id), ...more].join(', ')}`,
  ).argParser((name) => (more.includes(name) ? name : findEra(treeName(name), more).id));

/** Several kernels in one table, each once, or `all`, of which `which` says which these are. */
export const erasOption = (what: string, which: string) =>
  new Option(
    '--era <versions>',
    `${what}: ${ERAS.map(({ id }) => id).join(', ')}, or all: ${which}`,
  ).argParser((text): readonly Era[] | 'all' => {
    if (text === 'all') return text;
    const eras = text.split(',').map((name) => findEra(treeName(name), ['all']));
    return [...new Map(eras.map((era) => [era.id, era])).values()];
  });

export const queueOption = (what: string) =>
  new Option('--queue <url>', `${what} (redis://HOST:PORT/DB, Redis or Valkey)`);

export const patienceOption = () =>
  bounded('patience', 'seconds to wait for a Redis that went away', 86_400, 1).default(300);
