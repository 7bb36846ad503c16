import { Context, SingleStep, Spend, declareState, type Kernel } from '@lastref/kernel';
import type { SpinLock } from './shared.ts';

/** One thing that a program does once it can. What it changes is state of the program, which stands behind it. */
export class Act extends SingleStep {
  private readonly k: Kernel;
  private readonly act: () => void;
  private readonly context: Context;

  constructor(
    k: Kernel,
    name: string,
    verb: string,
    act: () => void,
    context: Context = Context.PROCESS,
    spends: Spend = Spend.NOTHING,
  ) {
    super(name, verb, spends);
    this.k = k;
    this.act = act;
    this.context = context;
    k.agenda.add(this);
  }

  /** It can be done from now on, or in so many ticks. */
  arm(ticks = 0): void {
    const { agenda } = this.k;
    if (!agenda.isArmed(this.place)) agenda.arm(this.place, agenda.now + ticks);
  }

  take(): boolean {
    const { k } = this;
    if (!k.agenda.isArmed(this.place)) return false;
    k.agenda.disarm(this.place);
    k.context = this.context;
    this.act();
    return true;
  }
}

declareState(Act, {
  constant: 'k act context',
});

/**
 * What somebody else does: another processor, another domain. It may come in while a step of this one runs, as it takes
 * no lock that could be held there but the one that it names: while somebody has that, it waits.
 */
export class OtherAct extends Act {
  private readonly lock: SpinLock | null;

  constructor(
    k: Kernel,
    name: string,
    verb: string,
    act: () => void,
    context: Context = Context.PROCESS,
    lock: SpinLock | null = null,
  ) {
    super(k, name, verb, act, context);
    this.lock = lock;
  }

  get comesIn(): boolean {
    return true;
  }

  override take(): boolean {
    return this.lock?.held !== true && super.take();
  }
}

declareState(OtherAct, {
  state: 'lock',
});
