// What a version of a bug, or a repair, is played on.
import { OPERATIONS, casesOf, operationWorkload, type Operation } from '@lastref/operations';
import { WORKLOADS, miniature, type Workload } from '@lastref/workloads';

/**
 * A workload in small, an operation of the matrix in each of its situations, an operation of a bug's own in each of
 * its, or a program of its own.
 */
export type Ground =
  | { readonly workload: string }
  | { readonly operation: string }
  | { readonly recipe: Operation }
  | { readonly program: Workload };

/** Those among them that no list but the catalog of bugs knows, as a token may name them. */
export function ownWorkloads(grounds: readonly Ground[]): readonly Workload[] {
  return grounds.flatMap((ground) => {
    if ('program' in ground) return ground.program;
    return 'recipe' in ground ? inAllSituations(ground.recipe) : [];
  });
}

function inAllSituations(operation: Operation): readonly Workload[] {
  return casesOf(operation).map((situation) => operationWorkload(operation, situation));
}

/** All of it, workloads with so many operations. Throws for a name that nobody knows. */
export function workloadsOf(grounds: readonly Ground[], operations: number): readonly Workload[] {
  return grounds.flatMap((ground) => {
    if ('program' in ground) return ground.program;
    if ('recipe' in ground) return inAllSituations(ground.recipe);
    if ('workload' in ground) {
      const workload = WORKLOADS.find((w) => w.id === ground.workload);
      if (workload === undefined) throw new Error(`no workload '${ground.workload}'`);
      return miniature(workload, operations);
    }
    const operation = OPERATIONS.find((o) => o.id === ground.operation);
    if (operation === undefined) throw new Error(`no operation '${ground.operation}'`);
    return inAllSituations(operation);
  });
}
