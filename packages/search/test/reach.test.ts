// Nothing of a machine that changes may hang where no walk comes to it: below a setting, say, that never changes itself.
import { declaredOf, eraOf, type Era } from '@lastref/kernel';
import { Prng, WORKLOADS, lacks, miniature } from '@lastref/workloads';
import { expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { Cell } from '../src/cell.ts';
import { DEFAULT_BOUND, MachineFingerprint, randomRun, type Known } from '../src/index.ts';

const eras = ['3.8', '2.6.24', '7.2.13'].map((id) => eraOf(id)!);

/** What a fingerprint has looked at. */
class Walked extends MachineFingerprint {
  readonly seen = new Set<object>();

  protected override one(known: Known): void {
    this.seen.add(known.o);
    super.one(known);
  }
}

const MEMORY = ['SkbFrag', 'WirePacket', 'PagePool'];

function changes(o: object): boolean {
  const declared = declaredOf(o.constructor);
  // entries of buffers that nobody has, packets that are kept for the next one, a pool that no page is of: memory
  if (declared === null || declared.lives || MEMORY.includes(o.constructor.name)) return false;
  return [...declared.fields.values()].some((kind) => kind === 'state');
}

/** Everything that fields of any kind lead to. */
function reachable(roots: readonly object[]): Set<object> {
  const seen = new Set<object>(roots);
  const todo = [...roots];
  for (let o = todo.pop(); o !== undefined; o = todo.pop()) {
    if (ArrayBuffer.isView(o)) continue;
    const parts: unknown[] = o instanceof Map ? [...o].flat() : o instanceof Set ? [...o] : [];
    for (const part of [...parts, ...(Object.values(o) as unknown[])]) {
      if (typeof part !== 'object' || part === null || seen.has(part)) continue;
      seen.add(part);
      todo.push(part);
    }
  }
  return seen;
}

function eraFor(workload: (typeof WORKLOADS)[number]): Era {
  return eras.find((era) => lacks(workload, era) === null)!;
}

test.each(WORKLOADS.map((w) => [w.id, w] as const))(
  '%s: all that changes is part of its state',
  (_, whole) => {
    const workload = miniature(whole, 2);
    const cell = new Cell({ design: ian, workload, era: eraFor(workload), seed: 1 });
    for (let n = 0; n < 12 && cell.k.agenda.earliest() >= 0; n++) cell.clock();
    const walked = new Walked();
    walked.of(cell, 0);
    const missed = [...reachable([cell.k, ...cell.scenario.participants])].filter(
      (o) => changes(o) && !walked.seen.has(o),
    );
    expect(missed.map((o) => o.constructor.name)).toEqual([]);
    randomRun(cell, DEFAULT_BOUND, new Prng(1));
  },
);
