// What a reviewer asks of a finding first: what comes of it, and who is needed for it.
import { cardOf, type Damage, type Property } from '@lastref/judge';
import type { Design, Who } from '@lastref/kernel';
import type { Workload } from '@lastref/workloads';

export interface Threat {
  readonly damage: Damage;
  /** null: what was given (a capture) does not say. */
  readonly who: Who | null;
}

export function threatOf(property: Property, workload: Workload, { domain }: Design): Threat {
  const who = workload.whoOf?.(domain) ?? workload.who ?? null;
  return { damage: cardOf(property).damage, who };
}
