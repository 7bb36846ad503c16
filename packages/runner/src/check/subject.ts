// What a search is of, found by the names that travel between threads.
import type { Design, Era } from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';
import type { Source } from '../candidates/source.ts';
import type { Isolate } from '../isolate.ts';
import { workloadFor } from '../kinds.ts';
import { find, findEra } from '../registry.ts';
import { designsOf, isForeignDesign } from '../replay/index.ts';

export interface Named {
  readonly design: string;
  readonly workload: string;
  readonly era: string;
}

export interface Subject {
  readonly design: Design;
  /** It is a candidate's. */
  readonly foreign: boolean;
  readonly workload: Workload;
  readonly era: Era;
}

/** `candidates`: those that take part beside the repository's own. Throws UsageError for a name that nothing has. */
export async function subjectCalled(
  isolate: Isolate,
  { design: id, workload, era }: Named,
  candidates: readonly Source[] = [],
): Promise<Subject> {
  const design = find('design', await designsOf(isolate, candidates), (d) => d.id, id);
  const foreign = await isForeignDesign(design);
  return { design, foreign, workload: workloadFor(design, workload), era: findEra(era) };
}
