// The scopes of the race model that are measured; SPIN is run on the same.
import { Release, type Scope } from './model.ts';

export const SIZES = {
  s: { pages: 2, retransmissions: 2, queue: 3, segments: 6, wire: 2 },
  m: { pages: 3, retransmissions: 1, queue: 2, segments: 6, wire: 2 },
} as const satisfies Record<string, Omit<Scope, 'release'>>;

export type Size = keyof typeof SIZES;

/**
 * states: all orders, safe design. verdict: the same with reduction, the whole process. search: without its start
 * and end. refute: a shortest failing order of the unsafe design, the whole process.
 */
export const TASKS = ['states', 'verdict', 'search', 'refute'] as const;
export type Task = (typeof TASKS)[number];

export function scopeOf(size: Size, task: Task): Scope {
  const release = task === 'refute' ? Release.ACKED : Release.LAST_REFERENCE;
  return { release, ...SIZES[size] };
}
