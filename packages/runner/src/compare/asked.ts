// What a user asks of a comparison: which cells, and beside which comparison that was kept.
import type { Design } from '@lastref/kernel';
import {
  BASELINES,
  compareSchema,
  deltaOf,
  printable,
  type CompareDocument,
} from '@lastref/report';
import type { CaptureWorkload, Workload } from '@lastref/workloads';
import type { Known } from '../candidates/known.ts';
import type { Fault } from '../candidates/rules.ts';
import { isRuntime } from '../candidates/runtime.ts';
import { allWorkloads, loadCaptures, type CaptureSource } from '../captures.ts';
import { digestOfDocument } from '../digest.ts';
import { readDocument } from '../documents.ts';
import { UsageError } from '../errors.ts';
import { inKernelOfSome, mustBeDesign, workloadsFor } from '../kinds.ts';
import { absolute, findEra, playable, type DesignFile } from '../registry.ts';
import type { ComparePlan } from './question.ts';

export { checkHint, priceHint } from './hints.ts';

export interface CompareAsked {
  /** Ids, separated by commas; undefined: all that there are. */
  readonly workloads?: string | undefined;
  readonly capture: CaptureSource;
  /** Is it the capture that drives, and nothing else? */
  readonly driven: boolean;
  /** null: each design in its own. */
  readonly era: string | null;
  readonly seed: number;
  readonly repeat: number;
}

/** Throws UsageError for names that there are not, and for a kernel that can play none of them. */
export async function comparePlan(
  { designs, there }: { readonly designs: readonly DesignFile[]; readonly there: Known },
  asked: CompareAsked,
  faults: readonly Fault[],
): Promise<ComparePlan> {
  const { driven, capture, seed, repeat } = asked;
  if (driven) for (const { design } of designs) mustBeDesign(design, 'a capture drives');
  const named = driven ? await loadCaptures(capture) : allWorkloads();
  const selected = workloadsFor(designs, asked.workloads, named);
  const era = asked.era === null ? null : findEra(asked.era);
  const workloads = era === null ? selected : playable(selected, era);
  if (era !== null && workloads.length === 0)
    throw new UsageError(`era ${era.id} can play none of the workloads that were named`);
  if (era === null) inKernelOfSome(designs, workloads, null);
  const runtime = designs.some(({ design }) => isRuntime(design));
  const whole = asked.workloads === undefined && !runtime;
  return {
    designs,
    // a run of some workloads is for their verdicts: it does not wait for designs that nobody named
    baselines: whole ? there.all.filter((d) => BASELINES.includes(d.design.id)) : [],
    workloads,
    // messages of all sizes are part of the whole comparison, and of what nobody restricted to some workloads
    sizes: whole && !driven,
    capture,
    era: era?.id ?? null,
    seed,
    repeat,
    faults,
  };
}

/** Of those that a capture drives: which connection that is, and what of it cannot be known. */
export function warningsOf(workloads: readonly Workload[]): string {
  return workloads
    .filter((w): w is CaptureWorkload => 'plan' in w)
    .map(({ title, warnings }) => [title, ...warnings].map(printable).join('\n  ') + '\n')
    .join('');
}

/** Nobody runs it: it was proposed, or considered. */
export function isThought({ status }: Design): boolean {
  return status === 'proposed' || status === 'considered';
}

/** The designs whose findings a reader wants to see first: candidates, else what nobody runs. */
export function worthLooking({ all, candidates }: Known): ReadonlySet<string> {
  const thought = all.filter(({ design }) => isThought(design));
  return new Set((candidates.length > 0 ? candidates : thought).map((d) => d.design.id));
}

/** A comparison that was kept. Throws UsageError for what is none. */
export function keptComparison(file: string): CompareDocument {
  const base = readDocument(absolute(file), compareSchema);
  if (base === null) throw new UsageError(`--against ${file}: there is no such file`);
  return base;
}

/** The document with what changed from `base`. */
export function comparedWith(
  { digest: _, ...doc }: CompareDocument,
  base: CompareDocument,
): CompareDocument {
  const content = { ...doc, against: deltaOf(base, { ...doc, digest: '' }) };
  return { ...content, digest: digestOfDocument(content) };
}
