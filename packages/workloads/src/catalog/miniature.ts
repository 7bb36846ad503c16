// The same worlds, small: what an exhaustive search can walk to its end.
import type { Workload } from '../scenario.ts';
import { RUNTIME_WORKLOADS } from './runtime.ts';
import { WORKLOADS } from './workloads.ts';

/** Operations that a miniature may have. */
export const MINIATURE_MAX = 8;

/** Page frames of a miniature. Its world is copied at every step of a search, so there are few. */
const FRAMES = 64;

/**
 * `workload` with `operations` operations in all, of one page each, and nothing on the machine that its story
 * does not need. Its id is `<id>~<operations>`. Throws RangeError outside 1..8.
 */
export function miniature(workload: Workload, operations: number): Workload {
  if (!Number.isInteger(operations) || operations < 1 || operations > MINIATURE_MAX)
    throw new RangeError(`a miniature has 1 to ${MINIATURE_MAX} operations, not ${operations}`);
  return {
    id: `${workload.id}~${operations}`,
    title: `${workload.title} (${operations === 1 ? 'one operation' : `${operations} operations`})`,
    story: workload.story,
    ...(workload.runtime === undefined ? {} : { runtime: workload.runtime }),
    ...(workload.who === undefined ? {} : { who: workload.who }),
    ...(workload.needs === undefined ? {} : { needs: workload.needs }),
    frames: FRAMES,
    horizonTicks: workload.horizonTicks,
    build: (k, seed) => workload.build(k, seed, operations),
  };
}

/**
 * A name with a number of operations, such as `nfs-odirect~2`; null: it has none. Throws RangeError with what would
 * be right for anything else behind a tilde.
 */
export function sizedName(
  name: string,
): { readonly id: string; readonly operations: number } | null {
  const at = name.indexOf('~');
  if (at < 0) return null;
  const [id, size] = [name.slice(0, at), name.slice(at + 1)];
  if (!/^[1-9]$/.test(size) || Number(size) > MINIATURE_MAX)
    throw new RangeError(
      `'${name}': behind the ~ stands a number of operations, 1 to ${MINIATURE_MAX}, such as ${id}~2`,
    );
  return { id, operations: Number(size) };
}

/** The workload of the catalog called `id`, which may be a miniature's or a runtime's; undefined if there is none. */
export function workloadCalled(id: string): Workload | undefined {
  const match = /^(.+)~([1-8])$/.exec(id);
  const name = match === null ? id : match[1];
  const whole = [...WORKLOADS, ...RUNTIME_WORKLOADS].find((w) => w.id === name);
  return whole === undefined || match === null ? whole : miniature(whole, Number(match[2]));
}
