// A machine that came back to a moment is as one that was never used and played the same steps, wherever it was between.
import { eraOf } from '@lastref/kernel';
import { Prng, WORKLOADS, miniature } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as msgZerocopy } from '../../../strategies/msg-zerocopy.ts';
import { design as pagePool } from '../../../strategies/page-pool.ts';
import { design as rusty } from '../../../strategies/rusty-shinfo-orig.ts';
import { sample } from '../../../scripts/tier.ts';
import type { Cell } from '../src/cell.ts';
import type { Moment } from '../src/exhaustive/moment.ts';
import { MachineFingerprint, Start } from '../src/index.ts';

const era = eraOf('3.8')!;

interface Choice {
  readonly place: number;
  readonly verb: number;
  readonly item: number;
}

/** A moment, and how to get there from the beginning. */
interface Kept {
  readonly moment: Moment;
  readonly steps: readonly Choice[];
}

/** Any step that is possible, failures too; null: none is. */
function pick(cell: Cell, prng: Prng): Choice | null {
  const { agenda } = cell.k;
  const out: Choice[] = [];
  for (const source of agenda.sources) {
    if (!agenda.isArmed(source.place) && source !== cell.faults) continue;
    const pairs: number[] = [];
    source.choices(pairs);
    for (let i = 0; i < pairs.length; i += 2)
      out.push({ place: source.place, verb: pairs[i]!, item: pairs[i + 1]! });
  }
  return out.length === 0 ? null : out[prng.below(out.length)]!;
}

/** All that a machine is to a search, what is in use of it, and what the judge has found. */
function looksOf(cell: Cell): string {
  const print = new MachineFingerprint();
  print.of(cell, 0);
  const { k, judge } = cell;
  const findings = judge.findings.map((f) => `${f.property} ${f.where} ${f.loan} ${f.count}`);
  const used = [k.skbs, k.fclones, k.shinfos, k.pages, k.loans].map((slab) => slab.used);
  return [print.hi, print.lo, k.headBytes, judge.step, ...used, ...findings].join();
}

function play(cell: Cell, steps: readonly Choice[]): Cell {
  for (const { place, verb, item } of steps) cell.take(place, verb, item);
  return cell;
}

const DESIGNS = [ian, msgZerocopy, pagePool, rusty];

describe.each(DESIGNS)('$id', (design) => {
  test.each(sample([...WORKLOADS], 10, DESIGNS.indexOf(design)))('on $id', (workload) => {
    const input = { design, workload: miniature(workload, 2), era, seed: 1 };
    const start = new Start(input, false, true);
    const cell = start.machine();
    const prng = new Prng(3);
    const kept: Kept[] = [{ moment: start.moment()!, steps: [] }];
    for (let jump = 0; jump < 60; jump++) {
      const from = kept[prng.below(kept.length)]!;
      start.machineAt(from.moment);
      const steps = [...from.steps];
      for (let n = 1 + prng.below(8); n > 0; n--) {
        const choice = pick(cell, prng);
        if (choice === null) break;
        if (cell.take(choice.place, choice.verb, choice.item)) steps.push(choice);
      }
      kept.push({ moment: start.moment()!, steps });
    }
    for (const { moment, steps } of kept.toReversed()) {
      const back = looksOf(start.machineAt(moment));
      expect(back, JSON.stringify(steps)).toBe(looksOf(play(start.newMachine(), steps)));
    }
  });
});

test('one made since and an older one let go since: the one is there to be had, and the other is not', () => {
  const start = new Start(
    { design: ian, workload: miniature(WORKLOADS[0]!, 1), era, seed: 1 },
    false,
    true,
  );
  const { loans } = start.machine().k;
  const had = [loans.alloc()];
  while (loans.used < loans.all.length) had.push(loans.alloc());
  const { used } = loans;
  const moment = start.moment()!;
  const made = loans.alloc();
  loans.free(had[0]!);
  start.machineAt(moment);
  expect([loans.used, had[0]!.live, made.live]).toEqual([used, true, false]);
  expect(loans.alloc()).toBe(made);
});
