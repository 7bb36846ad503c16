// What of a token can be played with real sockets: the arm of a scenario, and its control.
import { operationWorkloads } from '@lastref/operations';
import { SCENARIOS, type Arm, type Scenario } from './scenarios.ts';

export interface Found {
  readonly design: string;
  /** As tokens name it: `bulk-loss`, `bulk-loss~2`, `operation-tcp_clone_payload-shared`. */
  readonly workload: string;
}

/** A scenario with the arm that plays it, and those that are its control; a sentence where there is none. */
export function liveFormOf({ design, workload }: Found): Scenario | string {
  const id = workload.replace(/~\d$/, '');
  const beside = SCENARIOS.filter((s) => s.arms.some((arm) => standsBeside(arm, id)));
  if (beside.length === 0) return `${id} has no live form; lastref lab --help names the scenarios`;
  for (const scenario of beside) {
    const arm = scenario.arms.find((a) => a.design === design && standsBeside(a, id));
    if (arm === undefined) continue;
    const controls = scenario.arms.filter((a) => a !== arm && isControl(a));
    return { ...scenario, arms: [arm, ...controls] };
  }
  const known = beside.flatMap((s) => s.arms.filter((a) => standsBeside(a, id)));
  const ids = [...new Set(known.map((a) => a.design))].join(', ');
  return `no kernel has ${design}: on ${id} there are live forms of ${ids}`;
}

function standsBeside({ beside }: Arm, workload: string): boolean {
  if (beside === null) return false;
  if ('workload' in beside) return beside.workload === workload;
  const of = operationWorkloads().find((w) => w.id === workload);
  return of !== undefined && beside.operations.includes(of.operation.id);
}

function isControl({ design, beside }: Arm): boolean {
  return beside === null || design === 'copy-always';
}
