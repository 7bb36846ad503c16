// Two machines of one fingerprint must have the same future. That is tried: wherever two ways lead to one
// fingerprint, the steps possible there and the fingerprints one step later are compared.
import { Judge } from '@lastref/judge';
import { Spend, eraOf, type Design } from '@lastref/kernel';
import { Prng, miniature, workloadCalled } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { design as ian } from '../../../strategies/ian-frag-destructor.ts';
import { design as rusty } from '../../../strategies/rusty-shinfo-orig.ts';
import { design as sockWfree } from '../../../strategies/sock-wfree.ts';
import { Cell } from '../src/cell.ts';
import { MachineFingerprint } from '../src/index.ts';
import { LONG, sample } from '../../../scripts/tier.ts';

type Step = readonly [place: number, verb: number, ordinal: number];

/** A run that takes steps at random, or those given. */
class Walk {
  readonly cell: Cell;
  readonly steps: Step[] = [];

  constructor(design: Design, workload: string) {
    const judge = new Judge();
    judge.always = true;
    const input = {
      design,
      workload: miniature(workloadCalled(workload)!, 1),
      era: eraOf('3.8')!,
      seed: 1,
    };
    this.cell = new Cell(input, judge);
    this.cell.stopClock();
  }

  /** All that is possible, as the items' ordinals: names differ between machines of one shape. */
  choices(): Step[] {
    const { agenda } = this.cell.k;
    const out: Step[] = [];
    agenda.sources.forEach((source, place) => {
      if (!agenda.isArmed(place)) return;
      const pairs: number[] = [];
      source.choices(pairs);
      for (let i = 0; i < pairs.length; i += 2) {
        // a step that only takes time is none where the clock stands still
        if (source.spend?.(pairs[i]!, pairs[i + 1]!) === Spend.DELAY) continue;
        out.push([place, pairs[i]!, i]);
      }
    });
    return out;
  }

  take(step: Step): void {
    const [place, verb, ordinal] = step;
    const pairs: number[] = [];
    this.cell.k.agenda.sources[place]!.choices(pairs);
    this.cell.take(place, verb, pairs[ordinal + 1]!);
    this.steps.push(step);
  }

  print(): string {
    const f = new MachineFingerprint();
    f.of(this.cell, 0);
    return `${f.hi}:${f.lo}`;
  }
}

function again(design: Design, workload: string, steps: readonly Step[]): Walk {
  const walk = new Walk(design, workload);
  for (const step of steps) walk.take(step);
  return walk;
}

/** Pairs of different walks at random that end in one fingerprint, with each step possible there. */
function equalPairs(design: Design, workload: string): (readonly [Walk, Walk, Step])[] {
  const prng = new Prng(7);
  const met = new Map<string, Step[]>();
  const pairs: (readonly [Walk, Walk, Step])[] = [];
  for (let run = 0; run < 60 && pairs.length < (LONG ? 150 : 50); run++) {
    const walk = new Walk(design, workload);
    for (let n = 0; n < 30; n++) {
      const choices = walk.choices();
      if (choices.length === 0) break;
      walk.take(choices[prng.below(choices.length)]!);
      const print = walk.print();
      const other = met.get(print);
      if (other === undefined) met.set(print, [...walk.steps]);
      else if (JSON.stringify(other) !== JSON.stringify(walk.steps))
        for (const next of walk.choices())
          pairs.push([again(design, workload, walk.steps), again(design, workload, other), next]);
    }
  }
  return pairs;
}

const DESIGNS = [ian, rusty, sockWfree];

describe.each(DESIGNS)('$id', (design) => {
  test.each(
    sample(
      ['sendfile-locked', 'bulk-loss', 'nfs-odirect', 'tap-slow-reader'],
      3,
      DESIGNS.indexOf(design),
    ),
  )('on %s: equal fingerprints, equal futures', (workload) => {
    const pairs = equalPairs(design, workload);
    for (const [one, other, next] of pairs) {
      expect(other.choices()).toEqual(one.choices());
      const here = again(design, workload, [...one.steps, next]);
      const there = again(design, workload, [...other.steps, next]);
      const ways = JSON.stringify([one.steps, other.steps, next]);
      expect(there.print(), ways).toBe(here.print());
    }
    expect(pairs.length).toBeGreaterThan(10);
  });
});
