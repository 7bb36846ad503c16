// Every order in which those who hold a packet of the movers' stage let go, with two probes on one machine: a judge,
// and the oracle that knows nothing of it.
import { Kernel, Tee, eraOf, type Design } from '@lastref/kernel';
import {
  type Operation,
  type Situation,
  operationWorkload,
  type OperationStage,
} from '@lastref/operations';
import { type Judge, Oracle } from '../src/index.ts';

/** How often the judge has found `property` so far. */
function found(judge: Judge, property: 'early' | 'lost'): number {
  return judge.findings.filter((f) => f.property === property).reduce((n, f) => n + f.count, 0);
}

/** One order, and what both say of it. */
export interface Order {
  /** Names of the steps. */
  readonly steps: readonly string[];
  readonly oracle: Oracle;
  /** How many completions of each step the judge calls early. */
  readonly early: readonly number[];
  /** How many loans the judge calls lost. */
  readonly lost: number;
}

export interface Stage {
  readonly design: Design;
  readonly mover: Operation;
  readonly situation: Situation;
  readonly era: string;
  readonly judge: () => Judge;
}

/** At the n-th release the `choices[n]`-th of those possible; `widths` gets how many were. */
function play(on: Stage, choices: readonly number[], widths: number[]): Order {
  const workload = operationWorkload(on.mover, on.situation);
  const judge = on.judge();
  const oracle = new Oracle();
  const k = new Kernel(on.design, eraOf(on.era)!, new Tee(judge, oracle), workload.frames);
  judge.attach(k);
  oracle.attach(k);
  const stage = workload.build(k, 1).participants[0] as OperationStage;
  const steps: string[] = [];
  const early: number[] = [];
  const take = (place: number, verb: number): void => {
    const source = k.agenda.sources[place]!;
    const before = found(judge, 'early');
    source.take(verb, source.item());
    stage.transmitAgain();
    judge.afterStep();
    oracle.afterStep();
    steps.push(`${place}.${verb}`);
    early.push(found(judge, 'early') - before);
  };
  for (;;) {
    const reuse = stage.reusePlace();
    const news = k.newsPlace();
    if (reuse >= 0) {
      take(reuse, 0); // the least kind producer
    } else if (news >= 0) {
      take(news, 0);
    } else if (!stage.applied) {
      take(k.agenda.earliest(), 0);
    } else {
      const open = stage.releases();
      if (open.length === 0) break;
      const { source, verb } = open[choices[widths.length] ?? 0]!;
      widths.push(open.length);
      take(source.place, verb);
      take(stage.armLater(), 0); // the connection goes on
    }
  }
  judge.finish(k.agenda.earliest() < 0);
  return { steps, oracle, early, lost: found(judge, 'lost') };
}

/** All of them: the choices count up like an odometer whose wheels have the widths that were met. */
export function* orders(on: Stage): Generator<Order> {
  const choices: number[] = [];
  for (;;) {
    const widths: number[] = [];
    yield play(on, choices, widths);
    let i = widths.length - 1;
    while (i >= 0 && (choices[i] ?? 0) + 1 >= widths[i]!) i--;
    if (i < 0) return;
    choices.length = i + 1;
    choices[i] = (choices[i] ?? 0) + 1;
    for (let j = 0; j < i; j++) choices[j] ??= 0;
  }
}
