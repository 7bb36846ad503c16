// Every order in which those who hold a packet of the movers' stage let go, with two probes on one machine: a judge,
// and the oracle that knows nothing of it.
import {
  Kernel,
  eraOf,
  type Design,
  type Loan,
  type Page,
  type PageHome,
  type Probe,
  type Reader,
} from '@lastref/kernel';
import {
  type Operation,
  type Situation,
  operationWorkload,
  type OperationStage,
} from '@lastref/operations';
import { type Judge, Oracle } from '../src/index.ts';

/** Two probes on one machine. */
class Both implements Probe {
  readonly judge: Judge;
  readonly oracle = new Oracle();

  constructor(judge: Judge) {
    this.judge = judge;
  }

  lent(loan: Loan, page: Page, pageOffset: number, size: number, flow: number, seq: number): void {
    this.judge.lent(loan, page, pageOffset, size, flow, seq);
    this.oracle.lent(loan, page, pageOffset, size, flow, seq);
  }

  carried(flow: number, seq: number, size: number, from: number, fromSeq: number): void {
    this.judge.carried(flow, seq, size, from, fromSeq);
    this.oracle.carried(flow, seq, size, from, fromSeq);
  }

  released(loan: Loan): void {
    this.judge.released(loan);
  }

  completed(loan: Loan): void {
    this.judge.completed(loan);
    this.oracle.completed(loan);
  }

  reused(page: Page): void {
    this.judge.reused(page);
  }

  read(
    reader: Reader,
    flow: number,
    seq: number,
    size: number,
    address: number,
    page: Page | null,
  ): void {
    this.judge.read(reader, flow, seq, size, address, page);
    this.oracle.read(reader, flow, seq, size, address, page);
  }

  copied(page: Page): void {
    this.judge.copied(page);
  }

  pageFreed(page: Page, to: PageHome): void {
    this.judge.pageFreed(page, to);
  }

  pageTaken(page: Page): void {
    this.judge.pageTaken(page);
  }

  pageDisowned(page: Page): void {
    this.judge.pageDisowned(page);
  }

  written(page: Page | null): void {
    this.judge.written(page);
  }

  notified(producer: number, lo: number, hi: number, copied: boolean): void {
    this.judge.notified(producer, lo, hi, copied);
  }

  ownerLeaves(producer: number, gone: boolean): void {
    this.judge.ownerLeaves(producer, gone);
  }
}

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
  const probes = new Both(on.judge());
  const { judge, oracle } = probes;
  const k = new Kernel(on.design, eraOf(on.era)!, probes, workload.frames);
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
