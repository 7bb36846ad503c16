// Bugs that a user brings in a file: what such a file has to say, and those that were brought so far.
import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { PROPERTIES } from '@lastref/judge';
import { eraOf } from '@lastref/kernel';
import { OPERATIONS } from '@lastref/operations';
import { bringsCode, UsageError, type Brought } from '@lastref/runner';
import { bring, moduleIn } from '@lastref/runner/brought';
import { WORKLOADS } from '@lastref/workloads';
import { KINDS, type Bug, type Version } from './bug.ts';
import { BUGS } from './catalog/index.ts';
import type { Ground } from './ground.ts';

/** Compiles `file`. Throws UsageError where it does not compile, or has no bug. */
export async function bringBug(file: string): Promise<Brought> {
  const brought = await bring('bugs', file, (name) => import.meta.resolve(name));
  if (!hasBug(brought))
    throw new UsageError(
      `${basename(file)} exports no 'bug': a card with a wrong and a fixed version`,
    );
  return brought;
}

export function hasBug({ exports }: Brought): boolean {
  return exports.includes('bug');
}

/** The bugs of several files, each once. Throws UsageError where two have one name. */
export async function bringBugs(
  files: readonly string[],
): Promise<{ readonly own: readonly Brought[]; readonly cards: readonly Bug[] }> {
  const own = await Promise.all([...new Set(files)].map(bringBug));
  const cards = await Promise.all(own.map(bugIn));
  const twice = cards.find(({ id }, n) => cards.findIndex((b) => b.id === id) !== n);
  if (twice !== undefined) throw new UsageError(`two of the files have a bug called '${twice.id}'`);
  return { own, cards };
}

/**
 * Of files that a token may need: those with a bug, and the others. Throws UsageError for a bug that nobody trusts: a candidate
 * runs apart from what judges it, and no word in its file may bring it here.
 */
export async function bugsAmong(
  files: readonly string[],
  trust: boolean,
): Promise<{ readonly brought: readonly Brought[]; readonly others: readonly string[] }> {
  const bugs = files.filter((file) => /^export const bug\b/m.test(textOf(file)));
  const [first] = bugs;
  if (first !== undefined && !trust)
    throw new UsageError(
      `${basename(first)} has a bug, which runs beside the judge, as it is part of the machine: add --trust if you have read it (SECURITY.md)`,
    );
  const brought = await Promise.all(bugs.map((file) => bringBug(resolve(file))));
  return { brought, others: files.filter((file) => !bugs.includes(file)) };
}

/** Of what is no file: nothing, and whoever loads it says so. */
function textOf(file: string): string {
  const isFile = statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? readFileSync(file, 'utf8') : '';
}

/** By file, as it was when it was brought last. */
const own = new Map<string, { readonly version: string; readonly bug: Bug }>();

/** The catalog, and what was brought in this thread. */
export function knownBugs(): readonly Bug[] {
  return [...BUGS, ...[...own.values()].map(({ bug }) => bug)];
}

/** The bug of a file, once. Throws UsageError, with what would be right. */
export async function bugIn(brought: Brought): Promise<Bug> {
  const { file, version } = brought;
  const known = own.get(file);
  if (known?.version === version) return known.bug;
  const name = basename(file);
  const bug = checked(name, await loaded(name, brought));
  for (const { design } of [bug.wrong, bug.fixed]) bringsCode(design, () => version);
  own.set(file, { version, bug });
  return bug;
}

async function loaded(name: string, brought: Brought): Promise<unknown> {
  try {
    return ((await moduleIn(brought)) as { bug: unknown }).bug;
  } catch (error) {
    throw new UsageError(`${name}: ${thrownIn(name, error)}`, { cause: error });
  }
}

/** What was thrown, and on which line of the file. */
export function thrownIn(name: string, error: unknown): string {
  const { message = String(error), stack = '' } = error as Partial<Error>;
  const at = new RegExp(`${name.replace(/\W/g, '\\$&')}:(\\d+)`).exec(stack);
  const [first] = message.split('\n');
  return at === null ? first! : `${first} (${name}:${at[1]})`;
}

/** Fields of a card that are sentences or names. */
const TEXTS = ['id', 'title', 'where', 'source', 'mechanism', 'fix', 'lesson'] as const;
const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

function checked(name: string, value: unknown): Bug {
  const bug = value as Bug;
  const wrong = (what: string): never => {
    throw new UsageError(`${name}: ${what}`);
  };
  if (typeof bug !== 'object' || bug === null) wrong("its 'bug' is no card");
  for (const field of TEXTS)
    if (typeof bug[field] !== 'string' || bug[field] === '')
      wrong(`the card's ${field} is no text`);
  if (!ID.test(bug.id))
    wrong(`the id '${bug.id}' is not made of small letters, digits and hyphens`);
  if (BUGS.some(({ id }) => id === bug.id)) wrong(`the catalog has a bug called '${bug.id}'`);
  if (!Number.isInteger(bug.year)) wrong("the card's year is no year");
  if (!KINDS.includes(bug.kind)) wrong(`the card's kind is none of: ${KINDS.join('; ')}`);
  if (!PROPERTIES.includes(bug.property))
    wrong(`the card's property is none of: ${PROPERTIES.join(', ')}`);
  if (!Array.isArray(bug.words)) wrong("the card's words are no list (it may be empty)");
  if (!Array.isArray(bug.on)) wrong("the card's on is no list (it may be empty)");
  for (const which of ['wrong', 'fixed'] as const) checkVersion(bug, which, wrong);
  return bug;
}

function checkVersion(bug: Bug, which: 'wrong' | 'fixed', wrong: (what: string) => never): void {
  const version = bug[which] as Version | undefined;
  if (typeof version?.design?.create !== 'function')
    return wrong(`the ${which} version has no design with a create function`);
  if (eraOf(version.era) === undefined)
    wrong(`the ${which} version runs in '${version.era}', which is no kernel of lastref`);
  const grounds = version.on ?? bug.on;
  if (grounds.length === 0)
    wrong(
      `the ${which} version is played on nothing: 'on' lists workloads, operations, recipes, programs`,
    );
  for (const ground of grounds) checkGround(ground, wrong);
}

function checkGround(ground: Ground, wrong: (what: string) => never): void {
  if ('workload' in ground && !WORKLOADS.some(({ id }) => id === ground.workload))
    wrong(`there is no workload '${ground.workload}' (lastref list)`);
  if ('operation' in ground && !OPERATIONS.some(({ id }) => id === ground.operation))
    wrong(`there is no operation '${ground.operation}' (lastref list)`);
}
