// Two kinds of candidates, and what each is asked about: designs run under workloads of the catalog and captures,
// runtimes above a socket under their own.
import type { Design, Era } from '@lastref/kernel';
import {
  RUNTIME_WORKLOADS,
  WORKLOADS,
  lacks,
  workloadCalled,
  type Workload,
} from '@lastref/workloads';
import { isRuntime } from './candidates/runtime.ts';
import { isForeign } from './candidates/source.ts';
import { allWorkloads, isCapture } from './captures.ts';
import { UsageError } from './errors.ts';
import { find, findEra, ownEra, selectWorkloads, type DesignFile } from './registry.ts';

/** Throws UsageError if `workload` is for the other kind. */
export function mustSuit(design: Design, workload: Workload): void {
  const runtime = isRuntime(design);
  if (runtime === (workload.runtime === true)) return;
  const known = RUNTIME_WORKLOADS.map((w) => w.id).join(', ');
  throw new UsageError(
    runtime
      ? `${workload.id} is for designs, and ${design.id} is a runtime, a program above a socket; for runtimes there are ${known}`
      : `${workload.id} is for runtimes, programs above a socket, and ${design.id} is a design; lastref list has the workloads for designs`,
  );
}

/** Throws UsageError for a runtime, where `what` is a subject and its verb, and designs alone its object. */
export function mustBeDesign({ id, over }: Design, what: string): void {
  if (over !== undefined)
    throw new UsageError(
      `${id} is a runtime, a program above a socket, and ${what} designs alone; runtimes are for compare, check, campaign, eras, seeds, processors, explore and replay`,
    );
}

/** The workload of the catalog called `id` that `design` is asked about. Throws UsageError. */
export function workloadFor(design: Design, id: string): Workload {
  const workload = workloadCalled(id);
  if (workload !== undefined) mustSuit(design, workload);
  return find('workload', isRuntime(design) ? RUNTIME_WORKLOADS : WORKLOADS, (w) => w.id, id);
}

/**
 * Throws UsageError for the first name in `wanted` that stands for no workload of either kind: what can be said before it is
 * known which kind is asked about.
 */
export function mustBeWorkloads(wanted: string | undefined, known?: readonly Workload[]): void {
  if (wanted === undefined) return;
  const inCatalog = wanted.split(',').every((id) => workloadCalled(id.trim()) !== undefined);
  const all = known ?? (inCatalog ? WORKLOADS : allWorkloads()); // no capture is read for nothing
  selectWorkloads([...all, ...RUNTIME_WORKLOADS], wanted);
}

/** The same of one name that a search is to begin from: a capture has one order of steps. */
export function mustBeSearched(name: string): void {
  if (isCapture(name.split('~', 1)[0]!))
    // ~N: the same, smaller
    throw new UsageError(
      'a capture is played in the order of its file, so there is no other one to look for: compare, eras, processors and seeds take it',
    );
  mustBeWorkloads(name, WORKLOADS);
}

/** Workloads by id for `files`, which are of one kind; by default all that there are for it. Throws UsageError. */
export function workloadsFor(
  files: readonly DesignFile[],
  wanted: string | undefined,
  known: readonly Workload[] = allWorkloads(),
): Workload[] {
  const [{ design }] = files as [DesignFile];
  for (const id of wanted?.split(',') ?? []) {
    const workload = workloadCalled(id.trim());
    if (workload !== undefined) mustSuit(design, workload);
  }
  return selectWorkloads(isRuntime(design) ? RUNTIME_WORKLOADS : known, wanted);
}

/**
 * Gives back `era`: the kernel that is called so; null: each of `files` in its own. Who can play none of `workloads` there has no row, which looks as
 * if nothing had been found. Throws UsageError for a candidate, and where nobody can; the others are said on stderr.
 */
export function inKernelOfSome(
  files: readonly DesignFile[],
  workloads: readonly Workload[],
  era: string | null,
): string | null {
  const eraIn = ({ design }: DesignFile): Era => (era === null ? ownEra(design) : findEra(era));
  const idle = files.filter((file) =>
    workloads.every((workload) => lacks(workload, eraIn(file), file.design.over) !== null),
  );
  const first = idle.find(isForeign) ?? (idle.length === files.length ? idle[0] : undefined);
  if (first !== undefined)
    throw new UsageError(
      `${first.design.id} in ${eraIn(first).id}: that kernel can play none of these workloads, so nothing would be said of it; --era names another one`,
    );
  if (idle.length > 0)
    process.stderr.write(
      `lastref: left out, as their kernels can play none of these workloads: ${idle.map(({ design }) => design.id).join(', ')}\n`,
    );
  return era;
}
