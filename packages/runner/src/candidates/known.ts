// The designs that a command knows: those of the repository, and the candidates of `--with`.
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { Design, Era } from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import { UsageError } from '../errors.ts';
import type { House } from '../house.ts';
import { pose } from '../pool.ts';
import type { AnyQuestion } from '../question.ts';
import { Broken, faultOf, type Fault, type Hook } from './rules.ts';
import {
  absolute,
  allDesigns,
  canaries,
  find,
  findEra,
  mustPlay,
  ownEra,
  runtimes as ownRuntimes,
  select,
  sized,
  unique,
  type DesignFile,
} from '../registry.ts';
import { mustBeDesign, workloadFor } from '../kinds.ts';
import { isRuntime } from './runtime.ts';

/** Candidates that are loaded at a time. */
const LOADED_MAX = 4;

export interface Known {
  /** Designs: the repository's, and candidates. */
  readonly all: readonly DesignFile[];
  /** Runtimes: the repository's, and candidates; none where designs alone are asked about. */
  readonly runtimes: readonly DesignFile[];
  /** Of both kinds. */
  readonly candidates: readonly DesignFile[];
  /** Of those that did not load. */
  readonly faults: readonly Fault[];
}

/** Which kinds of candidates a command takes. */
export type Takes = 'both' | 'designs';

/** The flags that bring candidates. */
export interface Bringing {
  readonly with: readonly string[];
  /** They run beside the judge, which is said on stderr. */
  readonly trust?: boolean | undefined;
}

export interface Knowing {
  /** Told of a candidate that does not compile or does not load, which is left out. Without it UsageError is thrown. */
  readonly onFault?: (fault: Fault) => void;
  /** Designs without which there is nothing to do: where one is missing, a file that does not load is a UsageError all the same. */
  readonly needs?: readonly string[];
  /** Which kinds of candidates there may be: usually designs. */
  readonly takes?: Takes;
  /** What will be asked of a candidate: its process is given what that may take. */
  readonly next?: Pick<AnyQuestion, 'endless'>;
}

/** Throws UsageError for a file that is not there and for a name in use. */
export async function knownDesigns(
  house: House,
  { with: files, trust = false }: Bringing,
  { onFault, needs = [], takes = 'designs', next = {} }: Knowing = {},
): Promise<Known> {
  const faults: Fault[] = [];
  const told = onFault && ((fault: Fault): void => void faults.push(fault));
  const loaded = await some(files, (file) => candidate(house, absolute(file), trust, next, told));
  const candidates = loaded.filter((d) => d !== null);
  const runtimes = await ownRuntimes();
  const own = [...(await allDesigns()), ...(await canaries()), ...runtimes]; // each is found by its id, the wrong ones too
  const ids = [...own, ...candidates].map((d) => d.design.id);
  if (faults.length > 0 && !needs.every((id) => ids.includes(id)))
    throw new UsageError(faults[0]!.text);
  for (const fault of faults) onFault!(fault);
  unique(ids);
  if (takes === 'designs')
    for (const { design } of candidates) mustBeDesign(design, 'this command takes');
  const isDesign = ({ design }: DesignFile): boolean => !isRuntime(design);
  const all = [...(await allDesigns()), ...candidates.filter(isDesign)];
  const programs = candidates.filter((file) => !isDesign(file));
  for (const { name, trusted } of candidates)
    if (trusted === true)
      process.stderr.write(
        `lastref: ${name} runs beside the judge (--trust): its verdict is worth what it is\n`,
      );
  return { all, runtimes: takes === 'both' ? [...runtimes, ...programs] : [], candidates, faults };
}

/** The hooks that a candidate's class implements. */
export async function hooksOf(candidate: DesignFile): Promise<Hook[]> {
  const { implementedBy } = await import('./implemented.ts');
  return implementedBy(candidate);
}

/**
 * Before any of `files` is loaded: throws UsageError for an id that neither the repository has nor one of them can bring,
 * as each brings one. Which one a file brings is known when it was loaded.
 */
export async function mustBring(
  wanted: string | undefined,
  files: readonly string[],
): Promise<void> {
  if (wanted === undefined || files.length === 0) return;
  const idsOf = (all: readonly DesignFile[]): string[] => all.map(({ design }) => design.id);
  const designs = idsOf(await allDesigns());
  const known = [...designs, ...idsOf(await canaries()), ...idsOf(await ownRuntimes())];
  const ids = new Set(wanted.split(',').map((id) => id.trim()));
  const others = [...ids].filter((id) => id !== '' && !known.includes(id));
  if (others.length <= files.length) return;
  const names = files.map((file) => basename(file).replace(/\.[cm]?[jt]s$/, ''));
  const nobodys = others.find((id) => !names.includes(id))!;
  find('design', designs, (id) => id, nobodys);
}

/** Does `work` with each of `all`, a few at a time: a compiler and a process are made for each. */
async function some<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  const rest = [...all.entries()].reverse();
  const lane = async (): Promise<void> => {
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      const [n, one] = next;
      done[n] = await work(one);
    }
  };
  await Promise.all(Array.from({ length: Math.min(LOADED_MAX, availableParallelism()) }, lane));
  return done;
}

/**
 * Designs by their ids. Where a candidate did not load, an id that nobody has is taken for its: that it is not there
 * was said.
 */
export function selectDesigns(known: Known, wanted: string | undefined): DesignFile[] {
  const { all, runtimes, candidates, faults } = known;
  if (wanted === undefined) {
    oneKind(candidates);
    if (!candidates.some(({ design }) => isRuntime(design))) return [...all];
    // those that are wrong on purpose stand in no table that did not ask for them, as with designs
    return runtimes.filter((d) => candidates.includes(d) || d.design.status !== 'canary');
  }
  const both = [...all, ...runtimes];
  const ids = wanted.split(',').map((id) => id.trim());
  const picked =
    faults.length === 0
      ? select('design', both, (d) => d.design.id, wanted)
      : both.filter((d) => ids.includes(d.design.id));
  oneKind(picked);
  return picked;
}

/** A design on a workload in one kernel, as somebody named them. */
export interface CalledCell {
  readonly design: Design;
  readonly workload: Workload;
  /** Of the miniature, where the name has a number: `nfs-odirect~2`. */
  readonly operations: number | undefined;
  readonly era: Era;
}

/**
 * Any design or runtime, those that are wrong on purpose among them, on a workload for its kind; `era` undefined: in its
 * own kernel. Throws UsageError for what there is not, and for a workload that the kernel cannot play.
 */
export async function cellCalled(
  { all, runtimes }: Known,
  designId: string,
  workloadId: string,
  eraId: string | undefined,
): Promise<CalledCell> {
  const designs = [...all, ...(await canaries()), ...runtimes];
  const { design } = find('design', designs, (d) => d.design.id, designId);
  const { id, operations } = sized(workloadId);
  const workload = workloadFor(design, id);
  const era = eraId === undefined ? ownEra(design) : findEra(eraId);
  mustPlay(workload, era, design.over);
  return { design, workload, operations, era };
}

/** Runtimes and designs are asked about different workloads: one kind at a time. */
function oneKind(files: readonly DesignFile[]): void {
  const runtime = files.find(({ design }) => isRuntime(design));
  const design = files.find((file) => !isRuntime(file.design));
  if (runtime !== undefined && design !== undefined)
    throw new UsageError(
      `${runtime.name} is a runtime and ${design.name} a design: they play different workloads, so ask for one kind at a time (--designs)`,
    );
}

async function candidate(
  house: House,
  file: string,
  trust: boolean,
  { endless }: NonNullable<Knowing['next']>,
  onFault: ((fault: Fault) => void) | undefined,
): Promise<DesignFile | null> {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true)
    throw new UsageError(
      `${file}: ${stat === undefined ? 'no such file' : 'no file'}; --with takes the path of a design's or a runtime's TypeScript file`,
    );
  // Loaded where there is a candidate: most commands have none, and these take longer to load than to run.
  const [{ compile }, { fromCard }, { question }] = await Promise.all([
    import('./compile.ts'),
    import('./card.ts'),
    import('./question.ts'),
  ]);
  try {
    const source = await compile(file, trust);
    const card = endless === true ? { ...question, endless } : question;
    const design = fromCard(await pose(house, card, source, { onFault: fail }));
    return { ...source, name: design.id, design };
  } catch (error) {
    const fault = faultIn(error, file);
    if (onFault === undefined) throw new UsageError(fault.text);
    onFault(fault);
    return null;
  }
}

/** A fault on its way to whoever decides what it means. */
class Failed extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.text);
    this.fault = fault;
  }
}

function fail(fault: Fault): never {
  throw new Failed(fault);
}

function faultIn(error: unknown, file: string): Fault {
  if (error instanceof Failed) return error.fault;
  if (error instanceof Broken) return faultOf(basename(file), null, error);
  throw error;
}
