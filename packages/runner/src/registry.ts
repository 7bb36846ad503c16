// Designs and workloads by name. Designs are found by listing the directory `strategies/`.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import {
  DEFAULT_ERA,
  ERAS,
  eraOf,
  type Design,
  type Era,
  type Over,
  type Runtime,
} from '@lastref/kernel';
import { lacks, sizedName, workloadCalled, type Workload } from '@lastref/workloads';
import { oneLine } from './candidates/rules.ts';
import { designUnder } from './candidates/runtime.ts';
import type { Source } from './candidates/source.ts';
import { UsageError } from './errors.ts';
import { moduleOf } from './module-of.ts';
import { bringsCode, digestOfFiles, filesOf } from './version.ts';

const here = import.meta.url;
/** Running from source or from a build? */
export const FROM_SOURCE = here.endsWith('.ts');
const EXT = FROM_SOURCE ? '.ts' : '.js';
export const ROOT = fileURLToPath(new URL('../../../', here));
const STRATEGIES = FROM_SOURCE ? `${ROOT}strategies/` : `${ROOT}strategies/dist/`;
/** A design and where its class comes from. */
export interface DesignFile extends Source {
  readonly design: Design;
}

function namesIn(dir: string): string[] {
  return readdirSync(dir)
    .filter((f) => f.endsWith(EXT) && !f.endsWith(`.test${EXT}`) && !f.endsWith('.d.ts'))
    .filter((f) => !f.endsWith('.config.ts') && f !== `index${EXT}` && !f.startsWith('chunk-'))
    .sort();
}

/** Loads one design file, or one with a runtime. */
export async function loadDesign(file: string): Promise<DesignFile> {
  const { design: own, runtime } = (await moduleOf(file)) as { design?: Design; runtime?: Runtime };
  const design = runtime === undefined ? own : designUnder(runtime);
  if (design === undefined || typeof design.create !== 'function') {
    throw new UsageError(
      `${file} exports no 'design' with an id and a create function; see strategies/ for examples`,
    );
  }
  bringsCode(design, () => versionOf(file));
  return { file, code: null, version: null, name: design.id, design };
}

/** The version of the repository's design in `file`, of its source or of a build of that. */
function versionOf(file: string): string {
  const source = FROM_SOURCE ? file : file.replace('/dist/', '/').replace(/\.js$/, '.ts');
  return digestOfFiles(filesOf(source));
}

/** The design that `design` repairs or reads in another way, or itself. */
export function literalOf({ id, repairs, readingOf }: Design): string {
  return repairs ?? readingOf ?? id;
}

/** Every design of the repository: baselines first, and right behind each what is a variant of it. */
export async function allDesigns(): Promise<DesignFile[]> {
  const files = await Promise.all(namesIn(STRATEGIES).map((f) => loadDesign(STRATEGIES + f)));
  const byId = new Map(files.map((file) => [file.design.id, file.design]));
  const order = ({ design }: DesignFile): readonly [number, string, boolean, string] => {
    const literal = literalOf(design);
    const rank = byId.get(literal)?.rank ?? Number.MAX_SAFE_INTEGER;
    return [rank, literal, literal !== design.id, design.id];
  };
  return files
    .map((file) => ({ file, key: order(file) }))
    .sort((a, b) => {
      const at = a.key.findIndex((part, i) => part !== b.key[i]);
      return a.key[at]! < b.key[at]! ? -1 : 1;
    })
    .map(({ file }) => file);
}

/** The designs that are wrong on purpose. */
export async function canaries(): Promise<DesignFile[]> {
  const dir = `${STRATEGIES}canaries/`;
  return Promise.all(namesIn(dir).map((f) => loadDesign(dir + f)));
}

/** The runtimes of the repository: the right ones, then those that are wrong as some program was. */
export async function runtimes(): Promise<DesignFile[]> {
  const dir = `${STRATEGIES}runtimes/`;
  const files = await Promise.all(namesIn(dir).map((f) => loadDesign(dir + f)));
  const rank = ({ design }: DesignFile): number => (design.status === 'canary' ? 1 : 0);
  return files.sort((a, b) => rank(a) - rank(b));
}

/** Picks by id; an unknown id lists the near ones. */
export function select<T>(
  kind: string,
  all: readonly T[],
  idOf: (t: T) => string,
  wanted: string | undefined,
): T[] {
  if (wanted === undefined) return [...all];
  const ids = wanted
    .split(',')
    .map((s) => s.trim())
    .filter((s) => s !== '');
  if (ids.length === 0)
    throw new UsageError(`no ${kind} named; known: ${all.map(idOf).join(', ')}`);
  const picked = new Set(ids.map((id) => find(kind, all, idOf, id)));
  return all.filter((t) => picked.has(t));
}

export function find<T>(kind: string, all: readonly T[], idOf: (t: T) => string, id: string): T {
  const found = all.find((t) => idOf(t) === id);
  if (found !== undefined) return found;
  throw new UsageError(`unknown ${kind} '${id}'; ${near(id, all.map(idOf))}`);
}

/** A candidate may not take a name that is in use. */
export function unique(ids: readonly string[]): void {
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined)
    throw new UsageError(`two designs have the id '${twice}'; a candidate needs one of its own`);
}

/** 'did you mean …', or all there is. */
export function near(id: string, known: readonly string[]): string {
  const close = known
    .map((k) => [Math.min(distance(id, k), distance(id, k.slice(0, id.length))), k] as const)
    .filter(([d, k]) => d <= Math.max(1, Math.floor(id.length / 3)) || k.includes(id))
    .sort((a, b) => a[0] - b[0])
    .slice(0, 3)
    .map(([, k]) => k);
  return close.length > 0 ? `did you mean ${close.join(' or ')}?` : `known: ${known.join(', ')}`;
}

/** Levenshtein. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + change);
    }
    row = next;
  }
  return row[b.length]!;
}

export function findEra(id: string | undefined, more: readonly string[] = []): Era {
  const wanted = id ?? DEFAULT_ERA;
  const era = eraOf(wanted);
  if (era === undefined)
    throw new UsageError(
      `unknown era '${oneLine(wanted)}'; known: ${[...ERAS.map((e) => e.id), ...more].join(', ')}`,
    );
  return era;
}

/** The kernel that `design` is judged in first. */
export function ownEra({ era }: Design): Era {
  return findEra(era?.id);
}

/** So many are named one by one. */
const NAMED_MAX = 3;

/** Those of `workloads` that `era` can play. The others are said on stderr; if they are few, with what it lacks. */
export function playable<W extends Workload>(workloads: readonly W[], era: Era, over?: Over): W[] {
  const absent = workloads.flatMap((workload) => {
    const lack = lacks(workload, era, over);
    return lack === null ? [] : [notApplicable(workload, era, lack)];
  });
  const said = absent.length > NAMED_MAX ? [`${absent.length} cells are n/a in ${era.id}`] : absent;
  for (const line of said) process.stderr.write(`lastref: ${line}\n`);
  return workloads.filter((workload) => lacks(workload, era, over) === null);
}

/** A workload that was asked for alone. */
export function mustPlay(workload: Workload, era: Era, over?: Over): void {
  const lack = lacks(workload, era, over);
  if (lack !== null) throw new UsageError(notApplicable(workload, era, lack));
}

function notApplicable(workload: Workload, era: Era, lack: string): string {
  return `${workload.id} is n/a in ${era.id}: ${lack}`;
}

/** A workload's name and the operations that it asks for. Throws UsageError for a size that no workload has. */
export function sized(name: string): { readonly id: string; readonly operations?: number } {
  try {
    return sizedName(name) ?? { id: name };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Picks workloads by id, of `known` or a miniature of the catalog such as `nfs-odirect~2`. */
export function selectWorkloads(
  known: readonly Workload[],
  wanted: string | undefined,
): Workload[] {
  const ids = wanted?.split(',').map((id) => id.trim()) ?? [];
  for (const id of ids) sized(id);
  const small = ids.filter((id) => id.includes('~')).map((id) => workloadCalled(id));
  const all = [...known, ...small.filter((w) => w !== undefined)];
  return select('workload', all, (w) => w.id, wanted);
}

/** Throws UsageError for '', as a variable of a shell that was never set: the directory at hand is not meant. */
export function absolute(path: string): string {
  if (path === '') throw new UsageError("'' is no path: name a file or a directory");
  return resolve(process.cwd(), path);
}
