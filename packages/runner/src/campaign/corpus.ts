// Runs that are worth going on from, kept from one campaign to the next: each a token in a file that is named by a digest of
// its steps. The next campaign plays those of a cell before its own runs; so a release begins where the last one ended.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { traceLength } from '@lastref/workloads';
import { UsageError } from '../errors.ts';
import { guarding, writeTogether } from '../files.ts';
import { decodeToken } from '../token.ts';
import type { BatchRecord } from './batch.ts';

const ENDING = '.token';

/** Names a run by what it is: its cell and its steps, not the versions that made it, nor the state that it ended in. */
export function runName(token: string): string {
  const what = token.split('.').slice(0, 6).join('.');
  return createHash('sha256').update(what).digest('hex').slice(0, 16);
}

/** A cell, as a corpus has it. */
export function cellOf(token: string): string {
  const { era, design, workload } = decodeToken(token);
  return cellName(era, design, workload);
}

export function cellName(era: string, design: string, workload: string): string {
  return `${era} ${design} ${workload}`;
}

/** The tokens in `dir`, by name. Throws UsageError for a file that is not what its name says. */
export function readCorpus(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith(ENDING))
    .sort()
    .map((name) => {
      const file = join(dir, name);
      const token = readFileSync(file, 'utf8').trim();
      try {
        decodeToken(token);
      } catch (error) {
        throw new UsageError(`${file}: ${(error as Error).message}`);
      }
      if (`${runName(token)}${ENDING}` !== name)
        throw new UsageError(
          `${file}: its run is ${runName(token)}; was the file edited? Remove it, or name another --corpus`,
        );
      return token;
    });
}

/** Which corpus a campaign began with. */
export function digestOfCorpus(tokens: readonly string[]): string {
  return createHash('sha256').update(tokens.map(runName).sort().join()).digest('hex').slice(0, 16);
}

export interface NextCorpus {
  readonly tokens: readonly string[];
  /** Of those that were there: do not apply on this machine, in any round. */
  readonly stale: number;
  /** Of those that were there: reach nothing that shorter runs do not, or found no room. */
  readonly dropped: number;
  readonly added: number;
}

/**
 * What is kept after a campaign that began with `before`: for each cell the shortest runs that meet all its pairs
 * between them; of cells that were not run what there was. At most `max`: first the best of every cell, then the second
 * best … The same for the same batches, in whatever order they came.
 */
export function nextCorpus(
  before: readonly string[],
  batches: readonly BatchRecord[],
  era: string,
  max: number,
): NextCorpus {
  const there = byCell(before);
  const cells = new Map<string, { token: string; pairs: readonly number[] }[]>();
  const applied = new Set<string>();
  for (const { design, workload, corpus } of batches) {
    const cell = cellName(era, design, workload);
    const runs = cells.get(cell) ?? [];
    cells.set(cell, runs);
    runs.push(...(corpus?.kept ?? []));
    const stale = new Set(corpus?.stale);
    for (const name of (there.get(cell) ?? []).map(runName))
      if (!stale.has(name)) applied.add(name);
  }
  const ranked = [...cells.values()].map(cover);
  const others = [...there].filter(([cell]) => !cells.has(cell)).map(([, tokens]) => tokens);
  const tokens = inTurns([...ranked, ...others], max);
  const names = new Set(tokens.map(runName));
  const gone = before.map(runName).filter((name) => !names.has(name));
  const ran = new Set([...cells.keys()].flatMap((cell) => there.get(cell) ?? []).map(runName));
  const stale = gone.filter((name) => ran.has(name) && !applied.has(name)).length;
  const old = new Set(before.map(runName));
  return {
    tokens,
    stale,
    dropped: gone.length - stale,
    added: [...names].filter((name) => !old.has(name)).length,
  };
}

function byCell(tokens: readonly string[]): Map<string, string[]> {
  const cells = new Map<string, string[]>();
  for (const token of tokens) {
    const cell = cellOf(token);
    cells.set(cell, [...(cells.get(cell) ?? []), token]);
  }
  return cells;
}

/** Runs that meet all pairs between them: the shorter first to be asked, those that bring most first in the answer. */
function cover(runs: readonly { token: string; pairs: readonly number[] }[]): string[] {
  const keyed = runs.map((run) => ({
    ...run,
    name: runName(run.token),
    steps: traceLength(decodeToken(run.token).trace),
  }));
  keyed.sort((a, b) => a.steps - b.steps || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const met = new Set<number>();
  const chosen = new Map<string, { token: string; gain: number }>();
  for (const { token, name, pairs } of keyed) {
    const size = met.size;
    for (const pair of pairs) met.add(pair);
    if (met.size === size) continue;
    const gain = (chosen.get(name)?.gain ?? 0) + met.size - size;
    chosen.set(name, { token: chosen.get(name)?.token ?? token, gain });
  }
  return [...chosen.entries()]
    .sort(([a, x], [b, y]) => y.gain - x.gain || (a < b ? -1 : 1))
    .map(([, { token }]) => token);
}

/** The first of each list, then the second of each …, at most `max` in all; sorted by name. */
function inTurns(lists: readonly (readonly string[])[], max: number): string[] {
  const sorted = lists.filter((list) => list.length > 0);
  sorted.sort((a, b) => (cellOf(a[0]!) < cellOf(b[0]!) ? -1 : 1)); // a cell is in one list
  const taken: string[] = [];
  const longest = Math.max(0, ...sorted.map((list) => list.length));
  for (let turn = 0; turn < longest && taken.length < max; turn++)
    for (const list of sorted)
      if (turn < list.length && taken.length < max) taken.push(list[turn]!);
  return taken.sort((a, b) => (runName(a) < runName(b) ? -1 : 1));
}

/** Makes `dir` hold `tokens` and no other: the new ones first, so that a kill leaves too many, never too few. */
export function writeCorpus(dir: string, tokens: readonly string[]): void {
  const files = tokens.map((token) => ({ name: `${runName(token)}${ENDING}`, data: `${token}\n` }));
  const fresh = files.filter(({ name }) => !existsSync(join(dir, name)));
  writeTogether(dir, fresh);
  const wanted = new Set(files.map(({ name }) => name));
  for (const name of readdirSync(dir))
    if (name.endsWith(ENDING) && !wanted.has(name)) guarding(dir, () => rmSync(join(dir, name)));
}
