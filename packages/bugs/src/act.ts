import {
  Context,
  SingleStep,
  Spend,
  declareState,
  type Kernel,
  type SpinLock,
} from '@lastref/kernel';

/** One thing that a program does once it can. What it changes is state of the program, which stands behind it. */
export class Act extends SingleStep {
  protected readonly k: Kernel;
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
 * What somebody else does: another processor, another domain. It may come in while a step of this one runs. While somebody has
 * the lock that it names, it waits with all that it does; for any other that is held, it waits where it takes it: what it
 * has done by then is done, and the run ends where it would go on (is *cut*), or where it turns out that nobody can. Between
 * steps nobody has a lock: one that was never given back is waited for in vain, and that is *stuck*.
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
    const { lock } = this;
    if (lock?.left === true) lock.lock(); // and is stuck
    return lock?.held !== true && super.take();
  }
}

declareState(OtherAct, {
  state: 'lock',
});

/**
 * What an interrupt of this processor does, or one of its softirqs. It may come in while a step runs, unless that keeps
 * it away: by `lockIrqsave`, by `lockBh`, or as it is one itself.
 */
export class InterruptAct extends Act {
  private readonly level: typeof Context.HARDIRQ | typeof Context.SOFTIRQ;

  constructor(
    k: Kernel,
    name: string,
    verb: string,
    act: () => void,
    level: typeof Context.HARDIRQ | typeof Context.SOFTIRQ = Context.HARDIRQ,
  ) {
    super(k, name, verb, act, level);
    this.level = level;
  }

  get comesIn(): boolean {
    return true;
  }

  get interrupts(): boolean {
    return true;
  }

  override take(): boolean {
    const { agenda } = this.k;
    return !(agenda.interrupted && this.keptAway()) && super.take();
  }

  /** @kernel include/linux/preempt.h in_hardirq, in_serving_softirq, irqs_disabled */
  private keptAway(): boolean {
    const { context, agenda } = this.k;
    if (context === Context.HARDIRQ || context === Context.IRQS_OFF || agenda.interruptsOff > 0)
      return true;
    return (
      this.level === Context.SOFTIRQ && (context === Context.SOFTIRQ || agenda.softirqsOff > 0)
    );
  }
}

declareState(InterruptAct, {
  constant: 'level',
});
